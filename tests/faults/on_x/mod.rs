//! Killed on the way to X: real workers, two of them on one Redis, die by SIGKILL at every step of renewing an access and of
//! posting. The stand-in X is the judge.
//!
//! `cluster/on_x.rs` runs it as a test, `scale/on_x.rs` at any length by hand. A [`Scene`] is a deployment with as many
//! cross-posts as there are deaths, each to an account of its own. First a worker that stands still meets the other at the
//! same work ([`race`]). Then each [`strike`](strike::strike) lets three cross-posts come to the same step, and kills both
//! workers there: before X has carried it out, before its answer is heard, and when it just was; both are started again. At
//! the end answers get lost for which nobody is killed, and all of it has to [`settle`]; [`judge`] holds what X has seen
//! against what the kills explain.

mod judge;
mod race;
mod scene;
mod settle;
mod step;
mod strike;

use std::fmt::{Display, Formatter};
use std::ops::AddAssign;

use judge::{Trial, Verdict};
use scene::Scene;
use step::{Moment, Step};

/// How many die at once, of each step's three moments one.
const AT_ONCE: usize = Moment::ALL.len();

/// What became of all that was killed.
#[derive(Debug, Default)]
pub(crate) struct Killed {
    /// How many jobs were killed at the step that was chosen for them.
    pub jobs: usize,
    /// How many processes that took.
    pub processes: usize,
    pub verdict: Verdict,
}

impl AddAssign for Killed {
    fn add_assign(&mut self, other: Self) {
        self.jobs += other.jobs;
        self.processes += other.processes;
        self.verdict += other.verdict;
    }
}

impl Display for Killed {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} jobs killed, by SIGKILL of {} workers; {}", self.jobs, self.processes, self.verdict)
    }
}

/// Kills so many jobs, a multiple of three, and lets all of them come to an end.
pub(crate) async fn killed_on_x(jobs: usize) -> Killed {
    let deaths: Vec<_> = Step::in_turn().take(jobs / AT_ONCE).collect();
    let dying = deaths.iter().flat_map(|step| [*step; AT_ONCE]);
    let steps = race::STEPS.into_iter().chain(settle::UNHEARD).chain(dying);
    let mut scene = Scene::set(steps.map(Step::media)).await;
    let pairings = scene.pairings.clone();
    let (racing, others) = pairings.split_at(race::STEPS.len());
    let (unheard, dying) = others.split_at(settle::UNHEARD.len());

    race::race(&mut scene, racing).await;
    for (step, pairings) in deaths.iter().zip(dying.chunks(AT_ONCE)) {
        strike::strike(&mut scene, *step, pairings).await;
    }
    settle::settle(&mut scene, unheard).await;

    let trial = Trial {
        posts: scene.cluster.stand_ins.x_posts().await,
        families: scene.cluster.stand_ins.families().await,
        wanted: pairings.iter().map(|pairing| (pairing.user.clone(), scene.caption_of(pairing).to_owned())).collect(),
        cuts: scene.cuts,
    };
    Killed { jobs: dying.len(), processes: scene.killed, verdict: trial.judge() }
}
