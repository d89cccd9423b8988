//! The hand that does it: picks victims, strikes, and starts again what has ended, as whoever runs a deployment would.

use std::ops::Range;
use std::time::{Duration, Instant};

use queue::Store;

use super::timer::pass;
use super::{Dice, Fault};
use crate::harness::{Cluster, Half, PostgresServer};

/// How long a process is stopped: longer than the lease of two seconds.
const PAUSE: Duration = Duration::from_secs(5);
/// How long a database admits nobody whose server is not ours to crash.
const AWAY: Duration = Duration::from_millis(700);

pub(super) struct Injector {
    pub dice: Dice,
    /// Milliseconds between two faults.
    pub gap: Range<u64>,
    /// The server, where the run has one of its own.
    pub server: Option<PostgresServer>,
    paused: Option<Paused>,
}

/// A process that stands still: there is one at most.
struct Paused {
    fault: Fault,
    victim: usize,
    until: Instant,
}

impl Injector {
    pub(super) fn new(dice: Dice, gap: Range<u64>, server: Option<PostgresServer>) -> Self {
        Self { dice, gap, server, paused: None }
    }

    /// Waits for the moment, and injects a fault; returns how many jobs ran then, if that fault interrupts what runs.
    pub(super) async fn inject(&mut self, cluster: &mut Cluster, fault: Fault) -> usize {
        let gap = self.dice.pause(self.gap.clone());
        pass(gap).await;
        self.resume_if(cluster, |paused| paused.until <= Instant::now());
        let before = running(cluster).await;
        let after = self.strike(cluster, fault).await;
        if fault.interrupts_work() { before.max(after) } else { 0 }
    }

    /// Lets whoever stands still go on, when its time is over.
    pub(super) async fn resume(&mut self, cluster: &Cluster) {
        if let Some(paused) = &self.paused {
            pass(paused.until.saturating_duration_since(Instant::now())).await;
        }
        self.resume_if(cluster, |_| true);
    }

    fn resume_if(&mut self, cluster: &Cluster, is_time: impl FnOnce(&Paused) -> bool) {
        if let Some(paused) = self.paused.take_if(|paused| is_time(paused)) {
            processes(cluster, paused.fault)[paused.victim].signal("CONT");
        }
    }

    /// Returns how many jobs are held right after what ends a worker.
    async fn strike(&mut self, cluster: &mut Cluster, fault: Fault) -> usize {
        match fault {
            Fault::KillWorker => {
                let victim = self.victim(cluster, fault);
                cluster.workers[victim].kill().await;
                let held = running(cluster).await;
                cluster.start_worker_again(victim).await;
                return held;
            }
            Fault::StopWorker => {
                let victim = self.victim(cluster, fault);
                stop(&mut cluster.workers[victim]).await;
                cluster.start_worker_again(victim).await;
            }
            Fault::KillApi => {
                let victim = self.victim(cluster, fault);
                cluster.api_processes[victim].kill().await;
                cluster.start_api_again(victim).await;
            }
            Fault::StopApi => {
                let victim = self.victim(cluster, fault);
                stop(&mut cluster.api_processes[victim]).await;
                cluster.start_api_again(victim).await;
            }
            Fault::PauseWorker | Fault::PauseApi => {
                self.resume(cluster).await;
                let victim = self.victim(cluster, fault);
                processes(cluster, fault)[victim].signal("STOP");
                self.paused = Some(Paused { fault, victim, until: Instant::now() + PAUSE });
                return running(cluster).await;
            }
            Fault::CrashRedis => {
                cluster.redis.stop();
                cluster.redis.start();
            }
            Fault::RedisForgets => {
                let written = cluster.redis.written();
                pass(Duration::from_secs(1)).await;
                let held = running(cluster).await;
                cluster.redis.stop();
                cluster.redis.cut_back_to(written);
                cluster.redis.start();
                return held;
            }
            Fault::FlushScripts => cluster.redis.tell("SCRIPT FLUSH").await,
            Fault::CutRedis => {
                cluster.redis.tell("CLIENT KILL TYPE pubsub").await;
                cluster.redis.tell("CLIENT KILL TYPE normal").await;
            }
            Fault::CrashPostgres => {
                if let Some(server) = &mut self.server {
                    server.crash();
                } else {
                    cluster.postgres().admit(false).await;
                    pass(AWAY).await;
                    cluster.postgres().admit(true).await;
                }
            }
            Fault::CutPostgres => drop(cluster.postgres().break_connections().await),
        }
        0
    }

    /// Picks a process that does not stand still.
    fn victim(&mut self, cluster: &Cluster, fault: Fault) -> usize {
        let is_api = |fault| matches!(fault, Fault::KillApi | Fault::StopApi | Fault::PauseApi);
        let still = self.paused.as_ref().filter(|paused| is_api(paused.fault) == is_api(fault));
        let still = still.map(|paused| paused.victim);
        let all = 0..processes(cluster, fault).len();
        self.dice.one_of(&all.filter(|index| Some(*index) != still).collect::<Vec<_>>())
    }
}

/// Those among whom a fault picks its victim.
fn processes(cluster: &Cluster, fault: Fault) -> &[Half] {
    match fault {
        Fault::KillApi | Fault::StopApi | Fault::PauseApi => &cluster.api_processes,
        _ => &cluster.workers,
    }
}

/// SIGTERM, which is a clean end.
async fn stop(half: &mut Half) {
    half.signal("TERM");
    assert_eq!(half.ended().await, Some(0), "{}", half.log());
}

/// How many jobs all workers hold, asked at Redis itself.
async fn running(cluster: &Cluster) -> usize {
    let lanes = cluster.redis.store().await.stats().await.expect("counted");
    lanes.iter().map(|lane| usize::try_from(lane.running).expect("a number of jobs")).sum()
}
