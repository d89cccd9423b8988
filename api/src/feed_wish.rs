//! What asking for a feed sets going: the first who asks makes its row and pushes the work, everybody else finds it, and
//! that it is wanted is noted behind the answer.

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::Source;
use entities::{FeedKey, feed, feed_app, job_run, new_id};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, EntityTrait};
use worker::jobs::{FetchFeed, SLEEPS_AFTER, sooner};

use crate::feed_answer::{self, Answer};
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

/// A lasting wish is noted this often: a visitor costs no write.
const NOTED_EVERY: TimeDelta = TimeDelta::hours(1);
/// How long a feed is kept awake that is only looked at: for one fetch, and less than its body is fresh.
const PREVIEW: TimeDelta = TimeDelta::minutes(5);

/// One app's wish for one feed.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// The app.
    pub app_id: String,
    /// What it asks for.
    pub key: FeedKey,
    /// Where that comes from.
    pub source: Source,
    /// Where it came from before, as long as it has nothing from there: a feed that moves is never without posts.
    pub before: Option<Source>,
    /// Whether the app shows the feed. What is only tried in its settings is fetched once and sleeps, so that it takes
    /// neither calls nor a hashtag's place for longer.
    pub is_lasting: bool,
}

impl Wish {
    /// Returns the row's answer; while there is nothing in it, the last posts from where the feed came from before.
    pub(crate) async fn serve(self, state: &AppState) -> Result<Answer, Problem> {
        let before = self.before.map(|source| Self { source, before: None, ..self.clone() });
        let answer = self.serve_row(state).await?;
        let Some(before) = before.filter(|_| !answer.has_posts()) else { return Ok(answer) };
        let Some(kept) = feed::Entity::of_key(&state.db.read, before.source, &before.key).await? else {
            return Ok(answer);
        };
        let answer = feed_answer::while_moving(answer, &kept, state.now());
        // As long as it is shown it is kept fresh.
        before.note(state, kept);
        Ok(answer)
    }

    async fn serve_row(self, state: &AppState) -> Result<Answer, Problem> {
        if let Some(feed) = feed::Entity::of_key(&state.db.read, self.source, &self.key).await? {
            let answer = feed_answer::of_row(&feed, state.now());
            self.note(state, feed);
            return Ok(answer);
        }
        let state = state.clone();
        to_its_end(async move { self.first(&state).await }).await
    }

    /// Whether the app's accounts may be asked with for its sake: for a hashtag, which the outlet reads with nobody's.
    fn lends_an_account(&self) -> bool {
        self.source == Source::Graph && self.key.tag().is_some()
    }

    /// When the wish counts as made, and until when one that was noted before is as good.
    fn times(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        if self.is_lasting {
            return (now, now - NOTED_EVERY);
        }
        let at = now - SLEEPS_AFTER + PREVIEW;
        (at, at - PREVIEW / 2)
    }

    /// Makes the row and the run that everybody polls, and pushes the work; whoever comes second finds them.
    async fn first(&self, state: &AppState) -> Result<Answer, Problem> {
        let (now, feed_id, run_id) = (state.now(), new_id(), new_id());
        let (at, _) = self.times(now);
        let tx = state.db.begin().await?;
        let is_first = feed::Entity::insert_due(&tx, self.source, &self.key, (&feed_id, &run_id), now).await?;
        if is_first {
            let run = job_run::ActiveModel {
                subject: Set(Some(feed_id.clone())),
                ..job_run::Entity::pending(run_id.clone(), FetchFeed::NAME, now)
            };
            job_run::Entity::insert(run).exec_without_returning(&tx).await?;
            if !self.is_lasting {
                feed::Entity::forget_request(&tx, &feed_id, at).await?;
            }
        }
        let feed = feed::Entity::of_key(&tx, self.source, &self.key).await?;
        if let Some(feed) = feed.as_ref().filter(|_| self.lends_an_account()) {
            feed_app::Entity::note(&tx, &feed.id, &self.app_id, now - SLEEPS_AFTER, at).await?;
        }
        tx.commit().await?;
        if is_first {
            state.push(&FetchFeed { feed_id }).await;
        }
        Ok(feed.map_or(Answer::Pending { run_id, next_try_at: None }, |feed| feed_answer::of_row(&feed, now)))
    }

    /// Notes the wish behind the answer: whether that can be written is no news to a visitor.
    fn note(self, state: &AppState, feed: feed::Model) {
        let (_, noted_since) = self.times(state.now());
        let is_old = feed.last_requested_at <= noted_since;
        if !self.lends_an_account() && !is_old {
            return;
        }
        let (name, behind) = (format!("{} wants {}", self.app_id, feed.id), state.clone());
        state.memory.notes.note(name, async move {
            if self.lends_an_account() {
                self.note_app(&behind, &feed).await?;
            }
            if is_old { self.note_request(&behind, &feed).await } else { Ok(()) }
        });
    }

    /// Notes now and then that an app wants a hashtag: it is fetched with the accounts of the apps that do. Where it
    /// failed for want of an account, those of an app that did not ask before are tried at once.
    async fn note_app(&self, state: &AppState, feed: &feed::Model) -> Result<(), DbErr> {
        let now = state.now();
        let (at, noted_since) = self.times(now);
        let last = feed_app::Entity::last_request(&state.db.read, &feed.id, &self.app_id).await?;
        if last.is_some_and(|last| last > noted_since) {
            return Ok(());
        }
        let tx = state.db.begin().await?;
        // Locked before the new row refers to it: of two apps at once that lock it behind that, each would wait for the
        // other.
        feed::Entity::lock(&tx, &feed.id).await?;
        let is_news = feed_app::Entity::note(&tx, &feed.id, &self.app_id, now - SLEEPS_AFTER, at).await?;
        let woken = if is_news { feed::Entity::wake_hashtag(&tx, &feed.id, now).await? } else { Vec::new() };
        tx.commit().await?;
        for feed_id in woken {
            state.push(&FetchFeed { feed_id }).await;
        }
        Ok(())
    }

    /// Notes now and then that somebody wants the feed; one that slept is fetched again, and one that nobody had looked at
    /// for long is fetched sooner than it was to be.
    async fn note_request(&self, state: &AppState, feed: &feed::Model) -> Result<(), DbErr> {
        let now = state.now();
        let (at, noted_since) = self.times(now);
        if !feed::Entity::note_request(&state.db.write, &feed.id, at, noted_since).await? {
            return Ok(());
        }
        let sooner = sooner(feed, now);
        if let Some(due) = sooner {
            feed::Entity::bring_forward(&state.db.write, &feed.id, due).await?;
        }
        if sooner.or(feed.next_fetch_at).is_none_or(|due| due <= now) {
            state.push(&FetchFeed { feed_id: feed.id.clone() }).await;
        }
        Ok(())
    }
}
