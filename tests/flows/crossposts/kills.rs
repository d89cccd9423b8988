//! A job that dies wherever it waits: for the database, for a file, for X. What it left is taken up by the next one.

use std::ops::AddAssign;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use queue::Job;
use queue::clock::{Clock, Jumps};
use worker::Context;
use worker::jobs::{CrosspostMedia, RefreshXToken};

use super::{assert_each_once, killed_after, killed_at_call};
use crate::harness::World;
use crate::harness::on_x::Pairing;

/// A clock by which it is later outside, too: what may last so long has ended.
struct Later(Arc<dyn Clock>, TimeDelta);

impl Clock for Later {
    fn now(&self) -> DateTime<Utc> {
        self.0.now() + self.1
    }

    fn offset(&self) -> TimeDelta {
        self.0.offset()
    }

    fn jumps(&self) -> Jumps {
        self.0.jumps()
    }
}

/// The service of a world in which nobody is in the middle of anything any more.
pub(crate) fn later(ctx: &Context) -> Context {
    Context { clock: Arc::new(Later(ctx.clock.clone(), TimeDelta::minutes(1))), ..ctx.clone() }
}

/// What became of jobs that were killed.
#[derive(Debug, Default)]
pub(crate) struct Killed {
    /// How many were.
    pub kills: usize,
    /// How many of them between the row that says what comes and the one that says what came.
    pub inside: usize,
    /// What X has lost by it: families, or posts that came twice.
    pub harm: usize,
}

impl AddAssign for Killed {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.inside += other.inside;
        self.harm += other.harm;
    }
}

/// The calls at which posting is killed.
const POSTING: [(&str, &str); 3] =
    [("POST", "/x/2/media/upload"), ("POST", "/x/2/media/metadata"), ("POST", "/x/2/tweets")];
/// The call at which renewing is killed.
const RENEWING: [(&str, &str); 1] = [("POST", "/x/2/oauth2/token")];

/// Kills a job at one of many moments: before a call and behind it, and wherever else it waits.
async fn kill<T>(
    world: &World,
    (number, pairing): (usize, &Pairing),
    calls: &[(&str, &str)],
    job: impl Future<Output = T>,
) -> bool {
    let moment = number % (calls.len() * 2 + 4);
    if let Some((method, path)) = calls.get(moment / 2) {
        killed_at_call(world, job, (pairing, method, path), moment % 2 == 1).await;
        return true;
    }
    killed_after(job, number).await.is_none()
}

/// Kills the job that posts a media, for each cross-post at another moment.
pub(crate) async fn posting(world: &World, pairings: &[Pairing], caption: &str) -> Killed {
    world.stand_ins.publish_picture(caption).await;
    world.plan().await;
    let mut killed = Killed::default();
    for (number, pairing) in pairings.iter().enumerate() {
        let job = CrosspostMedia { crosspost_id: pairing.crosspost_id.clone() };
        if Box::pin(kill(world, (number, pairing), &POSTING, job.perform(&world.ctx))).await {
            killed.kills += 1;
            let row = world.deliveries_of(pairing).await.pop().expect("a delivery");
            killed.inside += usize::from(row.state.is_in_doubt());
        }
    }
    for _ in 0..3 {
        world.next_ten_minutes().await;
    }
    let posts = world.stand_ins.x_posts().await;
    let times = posts.iter().filter(|post| post["text"] == caption).count();
    killed.harm = times.saturating_sub(pairings.len());
    killed
}

/// Kills the job that renews an access, for each account at another moment.
pub(crate) async fn renewing(world: &World, pairings: &[Pairing]) -> Killed {
    world.advance(TimeDelta::minutes(61)).await;
    let job = |pairing: &Pairing| RefreshXToken { x_account_id: pairing.x_account_id.clone() };
    let (mut killed, mut inside) = (Killed::default(), Vec::new());
    for (number, pairing) in pairings.iter().enumerate() {
        if Box::pin(kill(world, (number, pairing), &RENEWING, job(pairing).perform(&world.ctx))).await {
            killed.kills += 1;
            if world.x_account(&pairing.x_account_id).await.refreshing_since.is_some() {
                inside.push(pairing.user.clone());
            }
        }
    }
    let ctx = later(&world.ctx);
    for _ in 0..5 {
        world.advance(TimeDelta::minutes(3)).await;
        for pairing in pairings {
            // Where it cannot be renewed yet its row says when.
            job(pairing).perform(&ctx).await.ok();
        }
    }
    let lost = world.stand_ins.lost_families().await;
    (killed.inside, killed.harm) = (inside.len(), lost.len());
    for family in &lost {
        assert!(inside.iter().any(|user| family["user"] == **user), "lost outside of the fenced window: {family}");
    }
    for pairing in pairings {
        let account = world.x_account(&pairing.x_account_id).await;
        assert_eq!(account.refreshing_since, None, "nobody is left in a turn");
        let is_lost = lost.iter().any(|family| family["user"] == *pairing.user);
        assert_eq!(account.is_active(), !is_lost, "{} is called dead where X has ended its family", pairing.user);
    }
    killed
}

#[tokio::test]
async fn wherever_posting_is_killed_each_media_is_there_once() {
    let (world, pairings) = World::cross_posting(30).await;

    let killed = Box::pin(posting(&world, &pairings, "first")).await;

    assert!(killed.kills >= 18 && killed.inside >= 6 && killed.inside < killed.kills, "{killed:?}");
    assert_eq!(killed.harm, 0, "{killed:?}");
    assert_each_once(&world, &pairings, &["first"]).await;
}

#[tokio::test]
async fn wherever_renewing_is_killed_an_access_is_lost_at_most_where_x_was_asked() {
    let (world, pairings) = World::cross_posting(30).await;

    let killed = Box::pin(renewing(&world, &pairings)).await;

    assert!(killed.kills >= 10 && killed.harm >= 5, "{killed:?}");
    assert!(killed.harm <= killed.inside && killed.inside <= killed.kills, "{killed:?}");
}
