//! A worker that stands still in the middle of its work for longer than its lease, and another that meets it meanwhile.

use serde_json::json;

use super::scene::Scene;
use super::step::Step;
use super::strike::{come_to, has_arrived, is_answered, until};
use crate::harness::on_x::Pairing;
use crate::harness::within_reason;

/// What both are at; what takes long to come to comes first.
pub(super) const STEPS: [Step; 3] = [Step::PostVideo, Step::PostPicture, Step::Renew];

/// What the sleeper says of each job when it wakes.
const LETS_GO: &str = "the lease is over: the job is stopped here";

/// Lets the first worker begin and stand still; it goes on when the second has met all of its work.
pub(super) async fn race(scene: &mut Scene, pairings: &[Pairing]) {
    scene.cluster.stand_ins.forget_calls().await;
    scene.cluster.workers[1].signal("STOP");
    for (step, pairing) in STEPS.into_iter().zip(pairings) {
        // X carries it out, and its answer lies there when the sleeper wakes.
        let late = json!({"hang_ms": 3_000, "applied": true, "times": 1});
        scene.cluster.stand_ins.fault(&pairing.user, step.matching(pairing), late).await;
        come_to(scene, step, &[pairing], has_arrived).await;
    }
    scene.cluster.workers[0].signal("STOP");
    scene.cluster.workers[1].signal("CONT");
    for (step, pairing) in STEPS.into_iter().zip(pairings) {
        within_reason(async {
            while !scene.is_put_off(step, pairing).await {
                tokio::task::yield_now().await;
            }
        })
        .await;
        until(scene, step, pairing, is_answered).await;
    }
    // Its leases are over, and it will not keep what it hears: that cuts it off as a kill does.
    scene.note_cuts().await;
    scene.cluster.workers[0].signal("CONT");
    within_reason(async {
        while scene.cluster.workers[0].log().matches(LETS_GO).count() < STEPS.len() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
