//! Hashtags over weeks, and over a restart: the ledger stays Meta's own, and an id is asked for once.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entities::{feed, hashtag, hashtag_search};
use futures_util::future::join_all;
use queue::Job;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use worker::jobs::FetchFeed;

use crate::harness::hashtags::{freshness, is, tags};
use crate::harness::stand_ins::graph_error;
use crate::harness::{Service, World};

const REQUESTS: u32 = 200;
const TAGS: usize = 80;
/// Two hours and 24 minutes between two requests in the mean: 200 of them in 20 days.
const LONGEST_STEP_S: u64 = 2 * (2 * 60 + 24) * 60;
const WINDOW: TimeDelta = TimeDelta::days(7);
/// What the service adds to a window, so as to be sure that it is over.
const DOUBT: TimeDelta = TimeDelta::minutes(5);

/// How often a fetch begins anew at most that began alone.
const BEGUN_ANEW: usize = 3;

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
/// A fetch under which the line of those that wait has moved begins anew, as the engine would have it.
async fn fetch(world: &World, ids: &[String]) {
    let mut jobs: Vec<_> = ids.iter().map(|feed_id| FetchFeed { feed_id: feed_id.clone() }).collect();
    let mut why = Vec::new();
    // Of those that began together, who ends makes another due who has just ended; each round, one more has ended for good.
    for _ in 0..BEGUN_ANEW.max(ids.len()) {
        let ended = join_all(jobs.iter().map(|job| job.perform(&world.ctx))).await;
        let mut again = ended.into_iter().zip(jobs).filter_map(|(end, job)| Some((end.err()?, job))).peekable();
        if again.peek().is_none() {
            return;
        }
        (why, jobs) = again.unzip();
    }
    panic!("these never end: {why:?}");
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

/// Rolls what goes wrong with the next calls, if anything does.
async fn roll_a_fault(world: &World, dice: &mut Dice) {
    let path = ["ig_hashtag_search", "recent_media", "_media", "recently_searched"];
    let path = path[usize::try_from(dice.roll(4)).expect("small")];
    let mut effect = match dice.roll(12) {
        0 => json!({"drop": true, "applied": true}),
        1 => json!({"drop": true}),
        2 => graph_error(500, 2, None),
        3 => graph_error(400, 18, None),
        4 => graph_error(400, 24, Some(2_207_024)),
        5 => graph_error(400, 190, Some(460)),
        _ => return,
    };
    effect["times"] = json!(1 + dice.roll(2));
    world.stand_ins.fault("rolled", json!({"path_contains": path}), effect).await;
}

/// The ledger's promise, whatever went wrong: what Meta counts has a place on it, by its name or by its id.
async fn covered(world: &World, user: &str, account: &str) {
    let counted = world.counted(user, account).await;
    let (rows, now) = (world.ledger().await, world.ctx.now());
    let known = hashtag::Entity::find().all(&world.ctx.db.read).await.expect("read");
    for tag in counted {
        let id = known.iter().find(|known| known.tag == tag).map(|known| format!("id:{}", known.hashtag_id));
        let is_its = |row: &hashtag_search::Model| row.tag == tag || Some(&row.tag) == id.as_ref();
        let mut its = rows.iter().filter(|row| row.account_id == account && row.searched_at + WINDOW + DOUBT > now);
        assert!(its.any(is_its), "{user}: Meta counts {tag}, and the ledger has no place for it");
    }
}

#[tokio::test]
async fn whatever_goes_wrong_no_place_is_forgotten_and_no_hashtag_is_stuck() {
    let connections = [("w1", "powr_io"), ("w2", "natgeo"), ("w3", "powr_io"), ("w3", "natgeo")];
    let keys = tags(0..40);
    let world = World::with_apps(&connections, &keys).await;
    let accounts = [
        ("powr_io", world.stand_ins.account_id("powr_io").await),
        ("natgeo", world.stand_ins.account_id("natgeo").await),
    ];
    let mut dice = Dice(0x000d_d50f_fa17_5eed);

    for _ in 0..REQUESTS {
        world.advance(TimeDelta::seconds(i64::try_from(1 + dice.roll(LONGEST_STEP_S)).expect("seconds"))).await;
        let app_id = ["w1", "w2", "w3"][usize::try_from(dice.roll(3)).expect("small")];
        let key = &keys[usize::try_from(dice.roll(40)).expect("small")];
        roll_a_fault(&world, &mut dice).await;
        world.ask(app_id, key).await;
        let job = FetchFeed { feed_id: world.feed_of(key).await.id };
        if dice.roll(10) == 0 {
            // Killed somewhere between its reservation and the answer.
            let polls = 1 + dice.roll(60);
            let mut attempt = std::pin::pin!(job.perform(&world.ctx));
            for _ in 0..polls {
                if futures_util::poll!(attempt.as_mut()).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        } else {
            let _ = job.perform(&world.ctx).await;
        }
        world.stand_ins.mend("rolled").await;
        if dice.roll(15) == 0 {
            let user = ["powr_io", "natgeo"][usize::try_from(dice.roll(2)).expect("small")];
            world.connect(user, "w3").await;
        }
        for (user, account) in &accounts {
            covered(&world, user, account).await;
        }
    }

    world.advance(WINDOW + TimeDelta::days(1)).await;
    for (number, key) in keys[..20].iter().enumerate() {
        world.ask(["w1", "w2", "w3"][number % 3], key).await;
    }
    for _ in 0..3 {
        world.fetch_due().await;
        world.advance(TimeDelta::minutes(61)).await;
    }
    world.fetch_due().await;
    for (number, key) in keys[..20].iter().enumerate() {
        let answer = world.ask(["w1", "w2", "w3"][number % 3], key).await;
        assert_eq!(freshness(&answer), is("fresh", ""), "{key}");
    }
}
