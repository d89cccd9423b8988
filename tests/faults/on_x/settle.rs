//! The end of all that was killed: time passes, who has lost an access is connected again, and everything that waits is posted.

use entities::{crosspost_delivery, x_account};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;
use worker::jobs::ScanCrossposts;

use super::scene::Scene;
use super::step::Step;
use crate::harness::on_x::Pairing;
use crate::harness::wrong_clock::off_by;

/// Whose post is made and whose answer is lost, without that anybody is killed.
pub(super) const UNHEARD: [Step; 2] = [Step::PostPicture, Step::PostVideo];
/// So far ahead are the clocks of the last workers, in seconds: nobody is in the middle of a turn any more.
const LATER_S: i64 = 45;
/// What passes until nobody waits any more, in minutes: the first are what most wait for, the last for what was given up for an
/// hour.
const MINUTES: [i64; 9] = [1, 1, 1, 1, 10, 10, 60, 10, 10];

pub(super) async fn settle(scene: &mut Scene, unheard: &[Pairing]) {
    for (step, pairing) in UNHEARD.into_iter().zip(unheard) {
        let lost = json!({"drop": true, "applied": true, "times": 1});
        scene.cluster.stand_ins.fault(&pairing.user, step.matching(pairing), lost).await;
    }
    // The real clock, by which turns end, cannot be waited for: it is moved on for whoever works from here on.
    scene.kill_workers().await;
    let later = off_by(scene.cluster.data(), LATER_S);
    scene.cluster.env.extend(later.map(|(name, value)| (name.to_owned(), value)));
    scene.start_workers();
    scene.pause_all(false).await;
    scene.push(&ScanCrossposts { feed_id: None }).await;
    scene.pass_time().await;

    let dead = x_account::Entity::find().filter(x_account::Column::Status.eq(x_account::Status::Dead));
    let dead = dead.order_by_asc(x_account::Column::Username).all(&scene.db.read).await.expect("read");
    let dead: Vec<_> = dead.into_iter().map(|account| account.username).collect();
    let lost = scene.cluster.stand_ins.lost_families().await;
    let mut lost: Vec<_> = lost.iter().filter_map(|family| family["user"].as_str()).collect();
    lost.sort_unstable();
    assert_eq!(dead, lost, "an access is called dead where X has ended its family, and nowhere else");
    scene.connect_again(dead).await;
    scene.push(&ScanCrossposts { feed_id: None }).await;
    scene.pass_time().await;
    scene.cluster.assert_all_live();
}

impl Scene {
    /// Lets time pass until nobody is in the middle of anything, and nothing waits that could be done.
    async fn pass_time(&self) {
        for minutes in MINUTES {
            self.cluster.advance(minutes * 60 + 1).await;
            if self.is_settled().await {
                return;
            }
        }
    }

    async fn is_settled(&self) -> bool {
        let now = self.cluster.now().await;
        let accounts = x_account::Entity::find().all(&self.db.read).await.expect("read");
        let is_renewing = |account: &x_account::Model| {
            account.refreshing_since.is_some()
                || account.refresh_due_at.is_some_and(|due| due <= now)
                || account.failures > 0
        };
        let dead: Vec<_> = accounts.iter().filter(|account| !account.is_active()).collect();
        if accounts.iter().any(|account| account.is_active() && is_renewing(account)) {
            return false;
        }
        let of_dead =
            self.pairings.iter().filter(|pairing| dead.iter().any(|account| account.id == pairing.x_account_id));
        let of_dead: Vec<_> = of_dead.map(|pairing| pairing.crosspost_id.as_str()).collect();
        let open = crosspost_delivery::Entity::find()
            .filter(crosspost_delivery::Column::EndedAt.is_null())
            .filter(crosspost_delivery::Column::CrosspostId.is_not_in(of_dead));
        open.count(&self.db.read).await.expect("counted") == 0
    }
}
