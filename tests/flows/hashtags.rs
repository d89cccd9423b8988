//! Hashtags over weeks, and over a restart: the ledger stays Meta's own, and an id is asked for once.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entities::{feed, hashtag};
use futures_util::future::join_all;
use queue::Job;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use worker::jobs::FetchFeed;

use crate::harness::hashtags::{freshness, is, tags};
use crate::harness::{Service, World};

const REQUESTS: u32 = 200;
const TAGS: usize = 80;
/// Two hours and 24 minutes between two requests in the mean: 200 of them in 20 days.
const LONGEST_STEP_S: u64 = 2 * (2 * 60 + 24) * 60;
const WINDOW: TimeDelta = TimeDelta::days(7);
/// What the service adds to a window, so as to be sure that it is over.
const DOUBT: TimeDelta = TimeDelta::minutes(1);

/// A small generator (xorshift): the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// Compares the service's ledger with the stand-in's own; returns how many hashtags count. A row whose window is just
/// ending may count or not; all others have to agree.
async fn agreed(world: &World, user: &str, account: &str) -> usize {
    let before = world.ctx.now();
    let meta: BTreeSet<String> = world.counted(user, account).await.into_iter().collect();
    let after = world.ctx.now();
    let rows = world.ledger().await;
    let until = |end: TimeDelta, at: chrono::DateTime<chrono::Utc>| -> BTreeSet<String> {
        let counts = rows.iter().filter(|row| row.account_id == account && row.searched_at + end > at);
        counts.map(|row| row.tag.clone()).collect()
    };
    let (must, may) = (until(WINDOW, after), until(WINDOW + DOUBT, before));
    assert!(must.is_subset(&meta), "{user}: Meta does not count {:?}", must.difference(&meta));
    assert!(meta.is_subset(&may), "{user}: the ledger lacks {:?}", meta.difference(&may));
    meta.len()
}

/// Fetches these feeds, all at once. The engine would fetch all that is due at each step, as its scan of the minute has it.
async fn fetch(world: &World, ids: &[String]) {
    let jobs: Vec<_> = ids.iter().map(|feed_id| FetchFeed { feed_id: feed_id.clone() }).collect();
    for outcome in join_all(jobs.iter().map(|job| job.perform(&world.ctx))).await {
        outcome.expect("no attempt fails");
    }
}

async fn all_due(world: &World) -> Vec<String> {
    let now = world.ctx.now();
    let due = feed::Entity::due(&world.ctx.db.read, now, now - TimeDelta::days(14), None, 500).await.expect("read");
    due.into_iter().map(|(_, id)| id).collect()
}

#[tokio::test]
async fn in_twenty_days_of_requests_the_ledger_is_always_metas_own() {
    let connections = [("w1", "powr_io"), ("w2", "natgeo"), ("w3", "powr_io"), ("w3", "natgeo")];
    let keys = tags(0..TAGS);
    let world = World::with_apps(&connections, &keys).await;
    let accounts = [
        ("powr_io", world.stand_ins.account_id("powr_io").await),
        ("natgeo", world.stand_ins.account_id("natgeo").await),
    ];
    let mut dice = Dice(0x5eed_cafe_f00d_1234);
    let (mut most, mut waited) = (0, 0);

    for request in 0..REQUESTS {
        let step = i64::try_from(1 + dice.roll(LONGEST_STEP_S)).expect("seconds");
        world.advance(TimeDelta::seconds(step)).await;
        let app_id = ["w1", "w2", "w3"][usize::try_from(dice.roll(3)).expect("small")];
        let key = &keys[usize::try_from(dice.roll(TAGS as u64)).expect("small")];
        world.ask(app_id, key).await;
        if request % 20 == 19 {
            fetch(&world, &all_due(&world).await).await;
        } else {
            fetch(&world, &[world.feed_of(key).await.id]).await;
        }

        for (user, account) in &accounts {
            most = most.max(agreed(&world, user, account).await);
        }
        waited += usize::from(world.feed_of(key).await.failure.as_deref() == Some("rate_limited"));
    }

    assert_eq!(most, 30, "the ledgers were full at times, or this proves little");
    assert!(waited > 0, "and somebody waited for that");
    let calls = world.stand_ins.calls("").await;
    assert!(calls.len() < 10_000, "the log forgets nothing before");
    let refused: Vec<_> = calls.iter().filter(|call| call["status"] != 200).collect();
    assert_eq!(refused, Vec::<&serde_json::Value>::new(), "Meta never had to refuse");
    let known = hashtag::Entity::find().count(&world.ctx.db.read).await.expect("read");
    assert_eq!(world.searches().await as u64, known, "each id was asked for once");
}

#[tokio::test]
async fn after_a_restart_a_known_hashtag_is_not_searched_again() {
    let mut service = Service::start().await;
    let app = json!({"user": "owner", "app_type": "socialFeed", "feeds": ["#food"]});
    assert_eq!(service.http.put_json(&format!("{}/v1/apps/w1", service.url), &app).await.status, 201);
    let run_id = service.exchange("powr_io", "w1").await;
    assert_eq!(service.end_of(&run_id).await["state"], "done");
    let url = format!("{}/instagram?app_id=w1&username_or_hashtag=%23food", service.url);
    let pending = service.http.get(&url).await;
    let run = service.end_of(pending.json()["job_id"].as_str().expect("a run")).await;
    let before = service.http.get(&url).await;

    service.kill().await;
    service.restart().await;
    service.stand_ins.advance(11 * 60).await;
    let after = service.http.get(&url).await;

    assert_eq!((pending.status, &run["state"]), (202, &json!("done")));
    assert_eq!((freshness(&before), freshness(&after)), (is("fresh", ""), is("fresh", "")));
    assert_ne!(before.json()["freshness"]["fetched_at"], after.json()["freshness"]["fetched_at"]);
    assert_eq!(service.stand_ins.calls("recent_media").await.len(), 2);
    assert_eq!(service.stand_ins.calls("ig_hashtag_search").await.len(), 1);
}
