//! Many who push at once share their calls: a few go out at a time, and whoever comes meanwhile goes together in the next.
//! One who pushes alone waits for nobody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::anyhow;
use tokio::{runtime::Handle, sync::oneshot};

use super::{link::Link, push};
use crate::{
    store::{BATCH, NewJob, Pushed, StoreError},
    wakes::Wakes,
};

/// Calls under way at a time: enough that a few who push are not held up by each other.
const CALLS: usize = 4;

/// Is how this process pushes.
pub(super) struct Gather {
    pub(super) root: String,
    pub(super) link: Arc<Link>,
    pub(super) wakes: Wakes,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: usize,
    waiting: Vec<Waiting>,
}

struct Waiting {
    job: NewJob,
    answer: oneshot::Sender<Result<Pushed, String>>,
}

impl Gather {
    pub(super) fn new(root: String, link: Arc<Link>, wakes: Wakes) -> Arc<Self> {
        Arc::new(Self { root, link, wakes, state: Mutex::default() })
    }

    /// Pushes one job, alone or with others.
    pub(super) async fn push(self: &Arc<Self>, job: &NewJob) -> Result<Vec<Pushed>, StoreError> {
        let Some(answer) = self.wait(job) else {
            let _place = Place(self.clone());
            return push::page(self, std::slice::from_ref(job)).await;
        };
        // Whoever hangs up leaves a job that may be taken.
        let mut owed = self.wakes.owe();
        owed.extend([job.lane]);
        let answer = answer.await.unwrap_or_else(|_| Err("the process is about to end".to_owned()));
        owed.forgive();
        answer.map(|pushed| vec![pushed]).map_err(|error| StoreError::Unavailable(anyhow!(error)))
    }

    /// Takes a place among the calls, or joins those that wait for one.
    fn wait(&self, job: &NewJob) -> Option<oneshot::Receiver<Result<Pushed, String>>> {
        let mut state = self.state();
        if state.calls < CALLS {
            state.calls += 1;
            return None;
        }
        let (sender, answer) = oneshot::channel();
        state.waiting.push(Waiting { job: job.clone(), answer: sender });
        Some(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Is a place among the calls. When it is left, by whatever means, those that wait go next.
struct Place(Arc<Gather>);

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.state();
        let page = state.waiting.len().min(BATCH);
        if page > 0
            && let Ok(runtime) = Handle::try_current()
        {
            let page = state.waiting.drain(..page).collect();
            runtime.spawn(together(Self(self.0.clone()), page));
        } else {
            state.calls -= 1;
        }
    }
}

/// Pushes what has waited in one page.
async fn together(place: Place, waiting: Vec<Waiting>) {
    let (jobs, answers): (Vec<_>, Vec<_>) = waiting.into_iter().map(|waiting| (waiting.job, waiting.answer)).unzip();
    let pushed = push::page(&place.0, &jobs).await;
    // The next page need not wait until everybody here has been told.
    drop(place);
    match pushed {
        Ok(pushed) => {
            for (answer, pushed) in answers.into_iter().zip(pushed) {
                let _ = answer.send(Ok(pushed));
            }
        }
        Err(error) => {
            let error = match error {
                StoreError::Unavailable(error) => format!("{error:#}"),
                error @ StoreError::Owned(_) => error.to_string(),
            };
            for answer in answers {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}
