//! What a case needs around its store: a clock to move, a queue, an engine that knows the toys.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use queue::{
    Engine, Lane, Options, Queue, Store, StoreError,
    clock::ShiftedClock,
    store::{Claimed, Ending, Finished, NewJob, Reaped, Retention, Turn, Turned},
};
use tokio_util::sync::CancellationToken;

use crate::play::{Click, Hasty, Load, Play, Stage};

/// Far above what anything here takes on a busy machine: a wait that is longer has failed.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits, and fails rather than hangs.
pub(crate) async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it happens")
}

/// The lease of every case.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

/// Builds one store for one case, and moves the time on which its leases run.
pub(crate) trait Harness: Send + Sync + Sized + 'static {
    fn new() -> impl Future<Output = Self> + Send;
    fn store(&self) -> Arc<dyn Store>;
    fn pass(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// A queue with its clock and its stage.
pub(crate) struct World {
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) queue: Queue,
    pub(crate) stage: Stage,
}

impl World {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        let clock = Arc::new(ShiftedClock::default());
        Self { queue: Queue::new(store, clock.clone()), clock, stage: Stage::default() }
    }

    /// The same for a process whose clock follows another one.
    pub(crate) fn following(store: Arc<dyn Store>) -> Self {
        let clock = Arc::new(ShiftedClock::default());
        Self { queue: Queue::following(store, clock.clone()), clock, stage: Stage::default() }
    }

    /// An engine that knows the toys.
    pub(crate) fn engine(&self) -> Engine<Stage> {
        let options = Options { lease: LEASE, grace: Duration::from_secs(5), ..Options::default() };
        let engine = Engine::new(self.queue.clone(), self.stage.clone()).options(options);
        engine.register::<Play>().register::<Hasty>().register::<Load>().register::<Click>()
    }

    pub(crate) async fn push(&self, play: &Play) -> queue::Pushed {
        self.queue.push(play).await.expect("the push is taken")
    }

    pub(crate) async fn drain(&self) {
        in_time(self.engine().drain()).await.expect("the queue runs dry");
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// The counts over all lanes: waiting, delayed, running, dead.
    pub(crate) async fn counts(&self) -> [u64; 4] {
        let stats = self.queue.stats().await.expect("the store counts");
        stats
            .iter()
            .fold([0; 4], |[w, d, r, x], lane| [w + lane.waiting, d + lane.delayed, r + lane.running, x + lane.dead])
    }
}

/// An engine that runs in the background until it is told to stop.
pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Running {
    pub(crate) fn start(engine: Engine<Stage>) -> Self {
        let stop = CancellationToken::new();
        Self { task: tokio::spawn(engine.run(stop.clone())), stop }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        in_time(self.task).await.expect("the engine does not panic").expect("the engine stops in order");
    }
}

/// A worker by hand: one lane, numbered turns.
pub(crate) struct Hand {
    store: Arc<dyn Store>,
    pub(crate) lane: Lane,
    pub(crate) name: String,
    pub(crate) number: u64,
    pub(crate) suspect: bool,
}

impl Hand {
    pub(crate) fn new(store: Arc<dyn Store>, name: &str) -> Self {
        Self { store, lane: Lane::Default, name: name.to_owned(), number: 0, suspect: true }
    }

    pub(crate) async fn turn(&mut self, finished: Vec<Finished>, want: usize) -> Turned {
        self.number += 1;
        self.again(finished, want).await
    }

    /// The same turn once more, as after a lost answer.
    pub(crate) async fn again(&self, finished: Vec<Finished>, want: usize) -> Turned {
        self.ask(finished, want).await.expect("the store answers")
    }

    /// Asks a store that may refuse.
    pub(crate) async fn try_claim(&mut self, want: usize) -> Result<Turned, StoreError> {
        self.number += 1;
        self.ask(vec![], want).await
    }

    async fn ask(&self, finished: Vec<Finished>, want: usize) -> Result<Turned, StoreError> {
        let turn = Turn {
            worker: self.name.clone(),
            lane: self.lane,
            number: self.number,
            finished,
            want,
            suspect: self.suspect,
            lease: LEASE,
        };
        self.store.turn(&turn).await
    }

    pub(crate) async fn claim(&mut self, want: usize) -> Vec<Claimed> {
        self.turn(vec![], want).await.claimed
    }

    pub(crate) async fn finish(&mut self, claimed: &Claimed, ending: Ending) -> bool {
        self.turn(vec![Finished { held: claimed.held.clone(), ending }], 0).await.applied == [true]
    }
}

/// A job for the store alone.
pub(crate) fn job(id: &str) -> NewJob {
    NewJob {
        id: id.to_owned(),
        lane: Lane::Default,
        name: "toy".to_owned(),
        key: None,
        payload: "{}".to_owned(),
        delay: Duration::ZERO,
        trace: None,
    }
}

pub(crate) fn keyed(id: &str, key: &str) -> NewJob {
    NewJob { key: Some(format!("toy:{key}")), ..job(id) }
}

pub(crate) fn delayed(id: &str, delay: Duration) -> NewJob {
    NewJob { delay, ..job(id) }
}

/// Reaps until there is nothing left to reap.
pub(crate) async fn reap(store: &dyn Store) -> Vec<Reaped> {
    reap_with(store, &Retention::default()).await
}

pub(crate) async fn reap_with(store: &dyn Store, retention: &Retention) -> Vec<Reaped> {
    let mut all = Vec::new();
    loop {
        let reaped = store.reap(retention).await.expect("the store reaps");
        let more = reaped.more;
        all.push(reaped);
        if !more {
            return all;
        }
    }
}

pub(crate) fn ids(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|claimed| claimed.held.id.as_str()).collect()
}
