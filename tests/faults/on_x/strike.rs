//! A strike: jobs come to a step, and their workers are killed there.

use entities::crosspost_delivery::{self, State};
use entities::x_account;
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::judge::Cut;
use super::scene::Scene;
use super::step::{Moment, Step};
use crate::harness::on_x::Pairing;
use crate::harness::within_reason;

/// How long X looks at a video, in seconds, and nobody waits for it here.
const LOOKS_FOR_S: i64 = 3;

/// Lets a step be come to by one cross-post for each moment, kills both workers, and starts them again.
pub(super) async fn strike(scene: &mut Scene, step: Step, pairings: &[Pairing]) {
    scene.cluster.stand_ins.forget_calls().await;
    let deaths: Vec<_> = pairings.iter().zip(Moment::ALL).collect();
    // Whose answer is to be heard comes last: that moment does not wait for the others.
    let (heard, hanging): (Vec<_>, Vec<_>) = deaths.into_iter().partition(|(_, moment)| moment.fault().is_none());
    for (pairing, moment) in &hanging {
        let fault = moment.fault().expect("it hangs");
        scene.cluster.stand_ins.fault(&pairing.user, step.matching(pairing), fault).await;
    }
    for (pairings, is_there) in [(hanging, has_arrived as fn(&Value) -> bool), (heard, is_answered)] {
        let pairings: Vec<_> = pairings.iter().map(|(pairing, _)| *pairing).collect();
        come_to(scene, step, &pairings, is_there).await;
    }
    scene.kill_workers().await;
    scene.start_workers();
}

/// Of any call.
pub(super) fn has_arrived(_: &Value) -> bool {
    true
}

/// Of a call that X has answered, whether or not anybody listens.
pub(super) fn is_answered(call: &Value) -> bool {
    !call["status"].is_null()
}

/// Calls cross-posts, and waits until the stand-in has their calls of a step.
pub(super) async fn come_to(scene: &Scene, step: Step, pairings: &[&Pairing], is_there: fn(&Value) -> bool) {
    join_all(pairings.iter().map(|pairing| scene.call(step, pairing))).await;
    if step.is_behind_a_look() {
        join_all(pairings.iter().map(|pairing| until(scene, Step::Finish, pairing, is_answered))).await;
        scene.cluster.stand_ins.advance(LOOKS_FOR_S).await;
    }
    join_all(pairings.iter().map(|pairing| until(scene, step, pairing, is_there))).await;
}

/// Waits until the stand-in has a cross-post's call of a step, as far as that.
pub(super) async fn until(scene: &Scene, step: Step, pairing: &Pairing, is_there: fn(&Value) -> bool) {
    let path = step.call().1;
    within_reason(async {
        while !scene.cluster.stand_ins.calls(path).await.iter().any(|call| step.is(call, pairing) && is_there(call)) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

impl Scene {
    /// Notes what is cut off in the middle, while nobody goes on: by the rows that were committed before X was asked, and by
    /// what X has made of the question.
    pub(super) async fn note_cuts(&mut self) {
        let families = self.cluster.stand_ins.families().await;
        let turns = x_account::Entity::find().filter(x_account::Column::RefreshingSince.is_not_null());
        for account in turns.all(&self.db.read).await.expect("read") {
            let own = families.iter().filter(|family| family["user"] == *account.username);
            let newest = own.filter_map(|family| family["pairs"].as_i64()).max().expect("a pair");
            self.note(Cut::Renewal {
                user: account.username,
                turn: account.turn_number,
                is_given: newest > i64::from(account.pair_number),
            });
        }
        let asked = crosspost_delivery::Column::State.eq(State::Posting);
        let posting = crosspost_delivery::Entity::find().filter(asked).all(&self.db.read).await.expect("read");
        for row in posting {
            let pairing = self.pairings.iter().find(|pairing| pairing.crosspost_id == row.crosspost_id);
            let pairing = pairing.expect("one of them");
            let text = self.caption_of(pairing).to_owned();
            self.note(Cut::Post { user: pairing.user.clone(), text, attempt: row.attempts });
        }
    }

    /// What was left in the middle by an earlier kill is the same cut, until somebody takes it up.
    fn note(&mut self, cut: Cut) {
        if !self.cuts.contains(&cut) {
            self.cuts.push(cut);
        }
    }
}
