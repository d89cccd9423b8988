//! Waiting for runs: however many callers wait for one, it is looked at once for all of them, and less and less often.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch::{Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

/// So many may wait at once in this process; whoever comes beyond is answered at once.
const MOST_WAITERS: usize = 1_000;
/// How soon a run is looked at first, since the worker may be another process; each pause is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Who waits for which run, in this process.
#[derive(Debug)]
pub(crate) struct JobWatch<V> {
    runs: Mutex<HashMap<String, Weak<Sender<Option<V>>>>>,
    places: Arc<Semaphore>,
}

/// A place among those who wait for a run.
#[derive(Debug)]
pub(crate) struct Waiting<V> {
    seen: Receiver<Option<V>>,
    _place: OwnedSemaphorePermit,
}

impl<V: Clone> Waiting<V> {
    /// Returns what is seen of the run at the next look; `None` if nobody looks any more.
    pub(crate) async fn next(&mut self) -> Option<V> {
        self.seen.changed().await.ok()?;
        self.seen.borrow_and_update().clone()
    }
}

impl<V> Default for JobWatch<V> {
    fn default() -> Self {
        Self::with_places(MOST_WAITERS)
    }
}

impl<V> JobWatch<V> {
    fn with_places(places: usize) -> Self {
        Self { runs: Mutex::default(), places: Arc::new(Semaphore::new(places)) }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<String, Weak<Sender<Option<V>>>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Clone + Send + Sync + 'static> JobWatch<V> {
    /// Joins those who wait for a run; `None` if too many wait already. Whoever comes first brings how it is looked at:
    /// `Break` is its end, `None` that it cannot be seen.
    pub(crate) fn join<F>(
        self: &Arc<Self>,
        run_id: &str,
        look: impl Fn() -> F + Send + Sync + 'static,
    ) -> Option<Waiting<V>>
    where
        F: Future<Output = Option<ControlFlow<V, V>>> + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let mut runs = self.runs();
        if let Some(tell) = runs.get(run_id).and_then(Weak::upgrade) {
            return Some(Waiting { seen: tell.subscribe(), _place: place });
        }
        let (tell, seen) = tokio::sync::watch::channel(None);
        let tell = Arc::new(tell);
        runs.insert(run_id.to_owned(), Arc::downgrade(&tell));
        tokio::spawn(Self::watch(Arc::clone(self), run_id.to_owned(), tell, look).in_current_span());
        Some(Waiting { seen, _place: place })
    }

    async fn watch<F>(self: Arc<Self>, run_id: String, tell: Arc<Sender<Option<V>>>, look: impl Fn() -> F)
    where
        F: Future<Output = Option<ControlFlow<V, V>>>,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = tell.closed() => {}
            }
            {
                let mut runs = self.runs();
                if tell.receiver_count() == 0 {
                    runs.remove(&run_id);
                    return;
                }
            }
            match look().await {
                Some(ControlFlow::Continue(seen)) => drop(tell.send_replace(Some(seen))),
                last => {
                    // Taken out first: whoever joins from here on looks for itself.
                    self.runs().remove(&run_id);
                    tell.send_replace(last.and_then(ControlFlow::break_value));
                    return;
                }
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Ready;
    use std::ops::ControlFlow::{self, Break, Continue};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::JobWatch;

    /// A run that ends at the third look; counts the looks.
    fn ends_at_the_third(looks: &Arc<AtomicU32>) -> impl Fn() -> Ready<Option<ControlFlow<u32, u32>>> + use<> {
        let looks = looks.clone();
        move || {
            let look = looks.fetch_add(1, Ordering::Relaxed) + 1;
            std::future::ready(Some(if look < 3 { Continue(look) } else { Break(look) }))
        }
    }

    #[tokio::test]
    async fn a_hundred_waiters_cost_as_many_looks_as_one() {
        let (watch, looks) = (Arc::new(JobWatch::default()), Arc::default());
        let mut all: Vec<_> =
            (0..100).map(|_| watch.join("run", ends_at_the_third(&looks)).expect("a place")).collect();

        for waiting in &mut all {
            let mut last = waiting.next().await;
            while last < Some(3) {
                last = waiting.next().await;
            }
            assert_eq!((last, waiting.next().await), (Some(3), None));
        }

        assert_eq!(looks.load(Ordering::Relaxed), 3);
        assert!(watch.runs().is_empty(), "nothing is kept of a run that ended");
    }

    #[tokio::test]
    async fn places_are_limited_and_come_back() {
        let (watch, looks) = (Arc::new(JobWatch::with_places(2)), Arc::default());
        let (first, second) = (watch.join("a", ends_at_the_third(&looks)), watch.join("b", ends_at_the_third(&looks)));
        assert!(first.is_some() && second.is_some());
        assert!(watch.join("a", ends_at_the_third(&looks)).is_none(), "no third place");

        drop(first);

        assert!(watch.join("a", ends_at_the_third(&looks)).is_some());
    }
}
