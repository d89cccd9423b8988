//! The toys: a job whose payload says what each of its attempts does, and the stage that remembers what was done.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use queue::{Death, Job, JobError, Lane};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::world::in_time;

/// What one attempt does; the last act of a list is repeated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Act {
    Succeed,
    Fail,
    FailUntil(DateTime<Utc>),
    Refuse,
    Panic,
    Hang,
    /// Waits for the stage's gate.
    Wait,
}

/// A job with a name of its own, and its acts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Play {
    pub(crate) title: String,
    pub(crate) acts: Vec<Act>,
    pub(crate) mourning: Vec<Act>,
    pub(crate) unique: bool,
}

impl Play {
    pub(crate) fn new(title: &str, acts: &[Act]) -> Self {
        Self { title: title.to_owned(), acts: acts.to_vec(), mourning: vec![Act::Succeed], unique: true }
    }

    pub(crate) fn mourned(self, mourning: &[Act]) -> Self {
        Self { mourning: mourning.to_vec(), ..self }
    }

    pub(crate) fn many(count: usize) -> Vec<Self> {
        (0..count).map(|i| Self::new(&format!("n{i}"), &[Act::Succeed])).collect()
    }
}

impl Job for Play {
    type Context = Stage;
    const NAME: &'static str = "play";
    const ATTEMPTS: u32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(30);
    const MAX_AGE: Duration = Duration::from_hours(1);

    fn key(&self) -> Option<String> {
        self.unique.then(|| self.title.clone())
    }

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        stage.act(&self.title, "perform", &self.acts).await
    }

    async fn on_dead(&self, stage: &Stage, reason: &Death) -> Result<(), JobError> {
        stage.act(&self.title, &format!("on_dead: {reason}"), &self.mourning).await
    }
}

/// The same with no patience.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hasty(pub(crate) Play);

impl Job for Hasty {
    type Context = Stage;
    const NAME: &'static str = "hasty";
    const ATTEMPTS: u32 = 2;
    const TIMEOUT: Duration = Duration::from_millis(20);

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        stage.act(&self.0.title, "perform", &self.0.acts).await
    }

    async fn on_dead(&self, stage: &Stage, reason: &Death) -> Result<(), JobError> {
        stage.act(&self.0.title, &format!("on_dead: {reason}"), &self.0.mourning).await
    }
}

/// Waits for the gate, in bulk.
#[derive(Serialize, Deserialize)]
pub(crate) struct Load(pub(crate) usize);

impl Job for Load {
    type Context = Stage;
    const NAME: &'static str = "load";
    const QUEUE: Lane = Lane::Bulk;

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        stage.act(&format!("load {}", self.0), "perform", &[Act::Wait]).await
    }
}

/// Somebody waits for it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Click(pub(crate) usize);

impl Job for Click {
    type Context = Stage;
    const NAME: &'static str = "click";
    const QUEUE: Lane = Lane::Interactive;

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        stage.act(&format!("click {}", self.0), "perform", &[Act::Succeed]).await
    }
}

/// Remembers what was done, and holds the gate.
#[derive(Clone, Default)]
pub(crate) struct Stage {
    done: Arc<Mutex<Vec<(String, String)>>>,
    calls: Arc<Mutex<HashMap<(String, bool), usize>>>,
    changes: Arc<watch::Sender<()>>,
    gate: Arc<watch::Sender<bool>>,
}

impl Stage {
    async fn act(&self, title: &str, what: &str, acts: &[Act]) -> Result<(), JobError> {
        self.note(title, what);
        let call = {
            let mut calls = self.calls.lock().unwrap();
            let call = calls.entry((title.to_owned(), !what.starts_with("on_dead"))).or_default();
            *call += 1;
            *call - 1
        };
        let _curtain = Curtain(self, title);
        match &acts[call.min(acts.len() - 1)] {
            Act::Succeed => Ok(()),
            Act::Fail => Err(JobError::retry(anyhow!("no luck"))),
            Act::FailUntil(at) => Err(JobError::retry_at(*at, anyhow!("too early"))),
            Act::Refuse => Err(JobError::dead(anyhow!("never"))),
            Act::Panic => panic!("oh no"),
            Act::Hang => std::future::pending().await,
            Act::Wait => {
                self.gate.subscribe().wait_for(|open| *open).await.unwrap();
                Ok(())
            }
        }
    }

    fn note(&self, title: &str, what: &str) {
        self.done.lock().unwrap().push((title.to_owned(), what.to_owned()));
        self.changes.send_replace(());
    }

    pub(crate) fn open(&self) {
        self.gate.send_replace(true);
    }

    /// What was done under a title, its curtains left out.
    pub(crate) fn of(&self, title: &str) -> Vec<String> {
        let done = self.done.lock().unwrap();
        done.iter().filter(|(of, what)| of == title && what != "curtain").map(|(_, what)| what.clone()).collect()
    }

    /// The titles whose curtain has not fallen.
    pub(crate) fn playing(&self) -> Vec<String> {
        let mut playing: Vec<String> = Vec::new();
        for (title, what) in self.done.lock().unwrap().iter() {
            if what == "curtain" {
                playing.retain(|other| other != title);
            } else {
                playing.push(title.clone());
            }
        }
        playing
    }

    /// Whether a title was performed once and no more.
    pub(crate) fn once(&self, title: &str) -> bool {
        self.calls.lock().unwrap().get(&(title.to_owned(), true)) == Some(&1)
    }

    /// How often something was done, over all titles.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.done.lock().unwrap().iter().filter(|(_, done)| done.starts_with(what)).count()
    }

    /// Waits until a title has been performed.
    pub(crate) async fn until_performed(&self, title: &str) {
        self.reached(|| !self.of(title).is_empty()).await;
    }

    /// Waits until something has been done so often.
    pub(crate) async fn until(&self, what: &str, times: usize) {
        self.reached(|| self.count(what) >= times).await;
    }

    async fn reached(&self, reached: impl Fn() -> bool) {
        let mut changes = self.changes.subscribe();
        in_time(changes.wait_for(|()| reached())).await.unwrap();
    }
}

/// Falls when an attempt ends, by whatever means.
struct Curtain<'a>(&'a Stage, &'a str);

impl Drop for Curtain<'_> {
    fn drop(&mut self) {
        self.0.note(self.1, "curtain");
    }
}
