//! `fetch_feed`.

use chrono::TimeDelta;
use entities::feed;
use entities::install::Status;
use queue::{Death, Job};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::FetchFeed;

use crate::harness::stand_ins::graph_error;
use crate::harness::{World, within_reason};

fn freshness(answer: &Value) -> (&str, &str) {
    let text = |field: &str| answer["freshness"][field].as_str().unwrap_or_default();
    (text("state"), text("reason"))
}

#[tokio::test]
async fn the_newest_items_are_in_the_row() {
    let world = World::with_feed().await;

    let feed = world.ask("w1", "@powr_io").await.json();

    assert_eq!(freshness(&feed), ("fresh", ""));
    assert_eq!(feed["account"]["username"], "powr_io");
    let items = feed["data"].as_array().expect("items");
    assert_eq!(items.len(), 50);
    let times: Vec<_> = items.iter().map(|item| item["timestamp"].as_str().expect("a time")).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    assert_eq!(world.stand_ins.calls("/media").await.len(), 1);
    assert!(world.run(world.feed().await.first_run_id.as_deref().expect("a run")).await.result.is_some());
}

#[tokio::test]
async fn a_second_run_finds_the_work_done() {
    let world = World::with_feed().await;
    let feed = world.feed().await;

    world.ctx.queue.push(&FetchFeed { feed_id: feed.id.clone() }).await.expect("pushed");
    world.drain().await;

    assert_eq!(world.feed().await, feed);
    assert_eq!(world.stand_ins.calls("/media").await.len(), 1);
}

#[tokio::test]
async fn a_feed_that_another_process_made_due_is_due_whatever_our_clock_says() {
    let world = World::with_feed().await;
    let (feed_id, theirs) = (world.feed().await.id, world.ctx.now() + TimeDelta::minutes(5));
    feed::Entity::make_due(&world.ctx.db.write, std::slice::from_ref(&feed_id), theirs).await.expect("written");

    world.ctx.queue.push(&FetchFeed { feed_id }).await.expect("pushed");
    world.drain().await;

    assert_eq!(world.stand_ins.calls("/media").await.len(), 2);
}

#[tokio::test]
async fn an_account_that_is_gone_at_meta_keeps_its_last_good_body() {
    let world = World::with_feed().await;
    let good = world.ask("w1", "@powr_io").await.json();
    world.stand_ins.patch("powr_io", json!({"state": "deleted"})).await;

    world.push_feed().await;
    world.drain().await;

    let now = world.ask("w1", "@powr_io").await.json();
    assert_eq!(now["data"], good["data"]);
    assert!(["stale", "blocked"].contains(&freshness(&now).0), "{:?}", freshness(&now));
    assert_ne!(freshness(&now).1, "");
}

#[tokio::test]
async fn a_limited_key_is_not_called_again_before_its_time() {
    let world = World::with_feed().await;
    let limited = graph_error(400, 80002, None);
    world.stand_ins.fault("limit", json!({"path_contains": "/media"}), limited).await;
    world.push_feed().await;
    world.drain().await;
    let (calls, parked) = (world.stand_ins.calls("/media").await.len(), world.feed().await);

    world.stand_ins.mend("limit").await;
    world.ctx.queue.push(&FetchFeed { feed_id: parked.id.clone() }).await.expect("pushed");
    world.drain().await;

    assert_eq!(world.stand_ins.calls("/media").await.len(), calls, "not before its time");
    assert!(parked.next_fetch_at.expect("parked") > world.ctx.now() + TimeDelta::minutes(30));
    let shown = world.ask("w1", "@powr_io").await.json();
    assert_eq!(freshness(&shown), ("stale", "rate_limited"));
    assert_eq!(shown["data"].as_array().expect("items").len(), 50);
}

#[tokio::test]
async fn a_malformed_answer_keeps_the_good_body_and_is_looked_at_again() {
    let world = World::with_feed().await;
    let malformed = json!({"answer": {"status": 200, "headers": {}, "body": "{\"data\": 7"}});
    world.stand_ins.fault("broken", json!({"path_contains": "/media"}), malformed).await;
    world.push_feed().await;
    for _ in 0..FetchFeed::ATTEMPTS {
        world.drain().await;
        world.advance(TimeDelta::hours(1)).await;
    }
    world.drain().await;
    let shown = world.ask("w1", "@powr_io").await.json();
    assert_eq!(freshness(&shown), ("stale", "transient"));
    assert_eq!(shown["data"].as_array().expect("items").len(), 50);

    world.stand_ins.mend("broken").await;
    world.advance(TimeDelta::hours(1)).await;
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", "@powr_io").await.json()), ("fresh", ""));
}

#[tokio::test]
async fn an_empty_page_never_replaces_a_good_body() {
    let world = World::with_feed().await;
    let empty = json!({"answer": {"status": 200, "headers": {}, "body": "{\"data\": []}"}});
    world.stand_ins.fault("empty", json!({"path_contains": "/media"}), empty).await;

    world.push_feed().await;
    world.drain().await;

    let shown = world.ask("w1", "@powr_io").await.json();
    assert_eq!(shown["data"].as_array().expect("items").len(), 50);
    assert_eq!(freshness(&shown).0, "stale");
}

#[tokio::test]
async fn a_first_fetch_that_fails_for_good_says_so_and_makes_no_job_per_request() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let refused = graph_error(400, 190, Some(460));
    world.stand_ins.fault("dead", json!({"path_contains": "/media"}), refused).await;
    let pending = world.ask("w1", "@powr_io").await;
    world.drain().await;
    let calls = world.stand_ins.calls("/media").await.len();

    let shown = world.ask("w1", "@powr_io").await;
    world.drain().await;

    assert_eq!((pending.status, shown.status), (202, 200));
    assert_eq!(freshness(&shown.json()), ("blocked", "token_dead"));
    assert_eq!((&shown.json()["account"], &shown.json()["data"]), (&json!(null), &json!([])));
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_eq!(world.stand_ins.calls("/media").await.len(), calls);
    let run = world.run(pending.json()["job_id"].as_str().expect("an id")).await;
    assert_eq!(run.error.expect("an error")["class"], "token_dead");
}

#[tokio::test]
async fn a_feed_that_killed_its_workers_is_left_alone_for_a_day_and_not_for_ever() {
    let world = World::with_feed().await;
    world.push_feed().await;
    let job = FetchFeed { feed_id: world.feed().await.id };

    job.on_dead(&world.ctx, &Death::WorkerDied).await.expect("recorded");

    let again = world.feed().await.next_fetch_at.expect("it is due again") - world.ctx.now();
    assert!(again > TimeDelta::hours(23) && again <= TimeDelta::hours(24), "{again}");
    assert_eq!(freshness(&world.ask("w1", "@powr_io").await.json()), ("stale", "transient"));
}

#[tokio::test]
async fn a_passing_failure_is_looked_at_again_after_ten_minutes_and_later_each_time() {
    let world = World::with_feed().await;
    let job = FetchFeed { feed_id: world.feed().await.id };
    for most in [10, 20, 40, 60, 60].map(TimeDelta::minutes) {
        world.push_feed().await;
        job.on_dead(&world.ctx, &Death::Attempts("no answer".into())).await.expect("recorded");
        let again = world.feed().await.next_fetch_at.expect("it is due again") - world.ctx.now();
        assert!(again > most * 3 / 4 && again <= most, "{again} of {most}");
    }
    world.push_feed().await;
    world.drain().await;
    assert_eq!(world.feed().await.failures, 0, "a success begins anew");
}

#[tokio::test]
async fn an_account_that_was_renamed_serves_its_new_name_and_no_longer_the_old_one() {
    let world = World::with_feed().await;
    world.stand_ins.rename("powr_io", "Powr.New").await;
    world.advance(TimeDelta::hours(25)).await;
    world.push_feed().await;
    world.drain().await;
    assert_eq!(world.installs().await[0].instagram_account, "powr.new");

    world.register("w1", &["@powr_io"]).await;
    let old = world.ask("w1", "@powr_io").await.json();
    assert_eq!(freshness(&old), ("blocked", "not_connected"), "the old name is somebody else's");
    assert_eq!(old["data"], json!([]));
    world.ask("w1", "@powr.new").await;
    world.drain().await;
    assert_eq!(freshness(&world.ask("w1", "@powr.new").await.json()), ("fresh", ""));
}

#[tokio::test]
async fn a_body_that_was_kept_stays_fresh_though_its_last_attempt_heard_no_answer() {
    let world = World::with_feed().await;
    let job = FetchFeed { feed_id: world.feed().await.id };

    job.on_dead(&world.ctx, &Death::Attempts("the connection broke".into())).await.expect("nothing to record");

    assert_eq!(freshness(&world.ask("w1", "@powr_io").await.json()), ("fresh", ""));
}

#[tokio::test]
async fn a_refusal_of_the_old_credential_does_not_undo_a_reconnect() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    let late = json!({"hang_ms": 1_500, "applied": true});
    world.stand_ins.fault("late", json!({"path_contains": "/media"}), late).await;
    world.push_feed().await;

    // While the refusal of the old credential is on its way, the account is connected anew.
    let reconnect = async {
        within_reason(async { while world.stand_ins.calls("/media").await.len() < 2 {} }).await;
        world.start_exchange("powr_io", "w1").await
    };
    let ((), run_id) = tokio::join!(world.drain(), reconnect);
    world.stand_ins.mend("late").await;
    world.advance(TimeDelta::seconds(2)).await;
    world.drain().await;

    assert_eq!(world.run(&run_id).await.error, None);
    assert_eq!(freshness(&world.ask("w1", "@powr_io").await.json()), ("fresh", ""));
    assert!(world.feed().await.fetched_at.expect("fetched") > world.ctx.now() - TimeDelta::minutes(1));
}

#[tokio::test]
async fn an_absurd_wait_is_believed_for_thirty_days() {
    let world = World::with_feed().await;
    let mut limited = graph_error(400, 80002, None);
    limited["answer"]["headers"]["retry-after"] = json!("99999999999999999");
    world.stand_ins.fault("limit", json!({"path_contains": "/media"}), limited).await;
    world.push_feed().await;

    world.drain().await;

    let wait = world.feed().await.next_fetch_at.expect("never without a time") - world.ctx.now();
    assert!(wait > TimeDelta::minutes(1) && wait <= TimeDelta::days(30), "{wait}");
}

#[tokio::test]
async fn the_account_is_read_again_after_a_day_and_its_failure_costs_no_posts() {
    let world = World::with_feed().await;
    let account = world.stand_ins.account_id("powr_io").await;
    let reads = async || {
        let path = format!("/v26.0/{account}");
        world.stand_ins.calls(&account).await.iter().filter(|call| call["path"] == path.as_str()).count()
    };
    let at_first = reads().await;
    world.advance(TimeDelta::hours(23)).await;
    world.push_feed().await;
    world.drain().await;
    assert_eq!(reads().await, at_first, "it was read less than a day ago");

    world.advance(TimeDelta::hours(2)).await;
    world.push_feed().await;
    world.drain().await;
    assert_eq!(reads().await, at_first + 1);

    world.advance(TimeDelta::hours(25)).await;
    let one_post =
        json!({"answer": {"status": 200, "headers": {}, "body": r#"{"data":[{"id":"17900000000000001"}]}"#}});
    world.stand_ins.fault("a post", json!({"path_contains": "/media"}), one_post).await;
    world.stand_ins.fault("b account", json!({"path_contains": &account}), graph_error(500, 2, None)).await;
    world.push_feed().await;
    world.drain().await;

    let feed = world.ask("w1", "@powr_io").await.json();
    assert_eq!(feed["data"][0]["id"], "17900000000000001");
    assert_eq!((freshness(&feed), feed["account"]["username"].as_str()), (("fresh", ""), Some("powr_io")));
}

#[tokio::test]
async fn an_install_that_no_longer_serves_is_told_once_and_not_asked_again_at_once() {
    let world = World::with_feed().await;
    let mut dead = world.installs().await.remove(0).into_active_model();
    dead.status = Set(Status::Dead);
    dead.update(&world.ctx.db.write).await.expect("written");
    world.push_feed().await;

    world.drain().await;

    let feed = world.feed().await;
    assert_eq!(feed.failure.as_deref(), Some("token_dead"));
    assert!(feed.next_fetch_at.expect("it is due again") > world.ctx.now() + TimeDelta::minutes(59));
    assert_eq!(world.ctx.queue.find::<FetchFeed>(&feed.id).await.expect("asked"), None, "nothing waits for a retry");
    assert_eq!(freshness(&world.ask("w1", "@powr_io").await.json()), ("blocked", "token_dead"));
}
