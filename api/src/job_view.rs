//! How a run is shown to whoever polls it: the row says how it ended, the queue how far it is.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entities::feed;
use entities::job_run::{self, State};
use queue::{Job, JobState, JobView};
use sea_orm::EntityTrait;
use worker::feed_body::rfc3339;
use worker::jobs::{ExchangeToken, FetchFeed};

use crate::answers::{self, JobState as Word};
use crate::problem::Problem;
use crate::state::{AppState, answered};

/// The longest wait that a caller may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often a waiting caller's row is looked at: the worker may be another process.
const LOOK: Duration = Duration::from_millis(100);

/// State, attempt, next try.
type Progress = (Word, u32, Option<DateTime<Utc>>);

/// A run, as far as it is.
#[derive(Debug)]
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

    /// Returns what is answered.
    pub(crate) fn into_answer(self) -> answers::Job {
        let Self { run, state, attempt, next_try_at } = self;
        let next_try_at = next_try_at.map(rfc3339);
        answers::Job { id: run.id, kind: run.kind, state, attempt, next_try_at, result: run.result, error: run.error }
    }
}

/// Finds a run, waiting up to `wait` for its end.
pub(crate) async fn find(state: &AppState, id: &str, wait: Duration) -> Result<RunView, Problem> {
    let unknown = || Problem::not_found("job_unknown", "There is no such job; ended ones are kept for 7 days.");
    if !entities::is_id(id) {
        return Err(unknown());
    }
    let until = tokio::time::Instant::now() + wait.min(LONGEST_WAIT);
    loop {
        let run = job_run::Entity::find_by_id(id).one(&state.db.read).await?.ok_or_else(unknown)?;
        let is_over = tokio::time::Instant::now() >= until || state.stop.is_cancelled();
        if run.state != State::Pending || is_over {
            return view(state, run).await;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = state.stop.cancelled() => {}
        }
    }
}

async fn view(state: &AppState, run: job_run::Model) -> Result<RunView, Problem> {
    let (word, attempt, next_try_at) = match run.state {
        State::Done => (Word::Done, attempts(&run), None),
        State::Failed => (Word::Failed, attempts(&run), None),
        State::Pending => progress(state, &run).await?,
    };
    Ok(RunView { run, state: word, attempt, next_try_at })
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
            tracing::warn!(error, run_id = run.id, "the queue cannot be asked");
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
