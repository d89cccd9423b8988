//! What goes wrong while mails are sent: a mail server that takes nothing now, connections that break, and SIGKILL of workers
//! in the middle of a mail.

use std::fmt::{Display, Formatter};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::faults::Dice;
use crate::harness::Cluster;

/// How long the mail server keeps whoever is to be killed waiting.
const HANG: Duration = Duration::from_secs(2);
/// The fault's name at the stand-in's.
const NAME: &str = "trouble";

/// What is to go wrong at the next mails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Now {
    #[default]
    Nothing,
    /// Somebody is killed as soon as the mail server is asked for a step: before the text is announced, or from then on.
    Kill { in_the_window: bool },
    /// The server does not take it now, or the connection breaks.
    Refusal,
}

#[derive(Debug, Default)]
pub(super) struct Trouble {
    now: Now,
    /// When somebody was killed at this look.
    struck: Option<Instant>,
    /// Whether the look before this one went wrong.
    before: bool,
    /// Workers killed from the announcement of a text on, and before it.
    killed: (usize, usize),
    refusals: usize,
    broken: usize,
}

impl Trouble {
    /// Whether nothing went wrong at the last look, so that nothing is on its way still.
    pub(super) fn is_quiet(&self) -> bool {
        !self.before
    }

    /// Prepares what goes wrong at a look, if anything does.
    pub(super) async fn begin(&mut self, cluster: &Cluster, dice: &mut Dice) {
        let (step, fault) = match dice.number(0..12) {
            0 | 1 => {
                self.now = Now::Kill { in_the_window: true };
                let fault = json!({"hang_ms": HANG.as_millis(), "applied": dice.number(0..2) == 0, "times": 1});
                (dice.one_of(&["data", "message", "message"]), fault)
            }
            2 => {
                self.now = Now::Kill { in_the_window: false };
                ("rcpt", json!({"hang_ms": HANG.as_millis(), "times": 1}))
            }
            3 => {
                self.now = Now::Refusal;
                self.refusals += 1;
                let answer = json!({"status": 450, "headers": {}, "body": "later"});
                (dice.one_of(&["connect", "rcpt", "message"]), json!({"answer": answer, "times": 3}))
            }
            4 => {
                self.now = Now::Refusal;
                self.broken += 1;
                ("message", json!({"drop": true, "applied": dice.number(0..2) == 0, "times": 1}))
            }
            _ => return,
        };
        cluster.stand_ins.fault(NAME, json!({"service": "smtp", "path_contains": step}), fault).await;
    }

    /// Kills whom it is time to kill: one of the workers, or all, who are started again.
    pub(super) async fn strike(&mut self, cluster: &mut Cluster, dice: &mut Dice) {
        let Now::Kill { in_the_window } = self.now else { return };
        if is_set(cluster).await {
            return;
        }
        self.now = Now::Nothing;
        self.struck = Some(Instant::now());
        let all = 0..cluster.workers.len();
        let one = dice.number(0..all.len() as u64 * 2);
        let is_meant = |worker: &usize| one >= all.len() as u64 || *worker as u64 == one;
        let victims: Vec<usize> = all.clone().filter(is_meant).collect();
        for &victim in &victims {
            cluster.workers[victim].kill().await;
        }
        let killed = if in_the_window { &mut self.killed.0 } else { &mut self.killed.1 };
        *killed += victims.len();
        for victim in victims {
            cluster.start_worker_again(victim).await;
        }
    }

    /// Takes back what did not come to pass.
    pub(super) async fn end(&mut self, cluster: &Cluster) {
        self.before = self.struck.is_some() || self.now != Now::Nothing;
        self.now = Now::Nothing;
        if is_set(cluster).await {
            cluster.stand_ins.mend(NAME).await;
        }
        if let Some(struck) = self.struck.take() {
            // Until then the server may take the text of whoever was killed.
            let rest = (HANG * 2).saturating_sub(struck.elapsed());
            let _ = tokio::time::timeout(rest, std::future::pending::<()>()).await;
        }
    }
}

async fn is_set(cluster: &Cluster) -> bool {
    let faults = cluster.http.get(&format!("{}/_sandbox/faults", cluster.stand_ins.url)).await.json();
    faults.as_array().is_some_and(|faults| faults.iter().any(|fault| fault["name"] == NAME))
}

impl Display for Trouble {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { killed: (inside, outside), refusals, broken, .. } = self;
        write!(
            f,
            "{inside} workers killed inside the window, {outside} outside; {refusals} looks at which the server took nothing \
             for now, {broken} at which a connection broke behind a text"
        )
    }
}
