//! How a run is shown to whoever polls it: the row says how it ended, the queue how far it is.

use std::ops::ControlFlow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entities::feed;
use entities::job_run::{self, State};
use queue::{Job, JobState, JobView};
use sea_orm::EntityTrait;
use worker::feed_body::rfc3339;
use worker::jobs::{ExchangeToken, ExchangeXCode, FetchFeed};

use crate::answers::{self, JobState as Word};
use crate::problem::Problem;
use crate::state::{AppState, answered};

/// The longest wait; whoever asks for a longer one waits so long.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// For how long it is believed how far a run is.
const JUST_NOW: Duration = Duration::from_millis(250);

/// State, attempt, next try.
pub(crate) type Progress = (Word, u32, Option<DateTime<Utc>>);

/// A run, as far as it is.
#[derive(Clone, Debug)]
pub(crate) struct RunView {
    /// The row.
    pub run: job_run::Model,
    /// How far it is, in a word.
    pub state: Word,
    attempt: u32,
    next_try_at: Option<DateTime<Utc>>,
}

impl RunView {
    /// Returns whether the run has ended.
    pub(crate) fn is_finished(&self) -> bool {
        self.run.state != State::Pending
    }

    /// Returns whether it has not ended, and is not known to be tried again only later.
    fn may_end_until(&self, until: DateTime<Utc>) -> bool {
        !self.is_finished() && self.next_try_at.is_none_or(|at| at <= until)
    }

    /// Returns what is answered.
    pub(crate) fn into_answer(self) -> answers::Job {
        let Self { run, state, attempt, next_try_at } = self;
        let next_try_at = next_try_at.map(rfc3339);
        answers::Job { id: run.id, kind: run.kind, state, attempt, next_try_at, result: run.result, error: run.error }
    }
}

/// Finds a run, waiting up to `wait` for its end; not at all where it is known to be tried again only later than that.
pub(crate) async fn find(state: &AppState, id: &str, wait: Duration) -> Result<RunView, Problem> {
    let unknown = || Problem::not_found("job_unknown", "There is no such job; ended ones are kept for 7 days.");
    if !entities::is_id(id) {
        return Err(unknown());
    }
    let wait = wait.min(LONGEST_WAIT);
    let (until, until_now) = (tokio::time::Instant::now() + wait, state.now() + wait);
    let view = look(state, id).await?.ok_or_else(unknown)?;
    if wait.is_zero() || !view.may_end_until(until_now) {
        return Ok(view);
    }
    let (watched, run_id) = (state.clone(), id.to_owned());
    let waiting = state.memory.waiters.join(id, move || {
        let (state, run_id) = (watched.clone(), run_id.clone());
        async move {
            let view = look(&state, &run_id).await.ok().flatten()?;
            Some(if view.is_finished() { ControlFlow::Break(view) } else { ControlFlow::Continue(view) })
        }
    });
    let Some(mut waiting) = waiting else { return Ok(view) };
    loop {
        let seen = tokio::select! {
            seen = waiting.next() => seen,
            () = tokio::time::sleep_until(until) => None,
            () = state.stop.cancelled() => None,
        };
        match seen {
            Some(view) if view.may_end_until(until_now) => {}
            Some(view) => return Ok(view),
            None => return look(state, id).await?.ok_or_else(unknown),
        }
    }
}

async fn look(state: &AppState, id: &str) -> Result<Option<RunView>, Problem> {
    let Some(run) = job_run::Entity::find_by_id(id).one(&state.db.read).await? else { return Ok(None) };
    let (word, attempt, next_try_at) = match run.state {
        State::Done => (Word::Done, attempts(&run), None),
        State::Failed => (Word::Failed, attempts(&run), None),
        // The embedded queue has one connection, which the workers need; anybody may ask about a public feed's run.
        State::Pending => state.memory.progress.of(&run.id).get(JUST_NOW, progress(state, &run)).await?,
    };
    Ok(Some(RunView { run, state: word, attempt, next_try_at }))
}

fn attempts(run: &job_run::Model) -> u32 {
    u32::try_from(run.attempts).unwrap_or_default()
}

/// A pending run's progress, as the queue knows it. A queue that cannot be asked is no news: the row is written, so
/// the work is queued.
async fn progress(state: &AppState, run: &job_run::Model) -> Result<Progress, Problem> {
    let subject = run.subject.as_deref().unwrap_or_default();
    let found = match run.kind.as_str() {
        ExchangeToken::NAME => answered(state.queue.find::<ExchangeToken>(&run.id)).await,
        ExchangeXCode::NAME => answered(state.queue.find::<ExchangeXCode>(&run.id)).await,
        FetchFeed::NAME => answered(state.queue.find::<FetchFeed>(subject)).await,
        _ => Ok(None),
    };
    Ok(match found {
        Ok(Some(JobView { state: JobState::Running, attempt, .. })) => (Word::Running, attempt, None),
        Ok(Some(JobView { state: JobState::Delayed, attempt, due_at, .. })) => (Word::Retrying, attempt, due_at),
        Ok(Some(JobView { attempt, .. })) => (Word::Queued, attempt, None),
        Ok(None) if run.kind == FetchFeed::NAME => parked(state, subject).await?,
        Ok(None) => (Word::Queued, 0, None),
        Err(error) => {
            tracing::warn!(error, run = entities::shown_id(&run.id), "the queue cannot be asked");
            (Word::Queued, 0, None)
        }
    })
}

/// A feed whose key is limited waits in its row.
async fn parked(state: &AppState, feed_id: &str) -> Result<Progress, Problem> {
    let feed = feed::Entity::find_by_id(feed_id).one(&state.db.read).await?;
    let next = feed.filter(|feed| feed.failure.is_some()).and_then(|feed| feed.next_fetch_at);
    Ok(next.map_or((Word::Queued, 0, None), |at| (Word::Retrying, 1, Some(at))))
}
