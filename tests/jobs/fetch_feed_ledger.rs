//! `fetch_feed` and the ledger: thirty hashtags in seven days for each account, met before Meta refuses.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use worker::jobs::FetchFeed;

use crate::harness::World;
use crate::harness::hashtags::{freshness, is, tags};
use crate::harness::stand_ins::graph_error;

#[tokio::test]
async fn the_thirty_first_waits_for_its_date_and_runs_then() {
    let keys = tags(0..31);
    let world = World::with_apps(&[("w1", "powr_io")], &keys).await;
    world.ask_all("w1", &keys[..30]).await;
    world.drain().await;
    let run_id = world.ask("w1", &keys[30]).await.json()["job_id"].as_str().expect("a run").to_owned();
    world.drain().await;

    let waiting = world.ask("w1", &keys[30]).await;
    let run = world.http.get(&format!("{}/jobs/{run_id}", world.url)).await.json();

    let next = waiting.json()["freshness"]["next_try_at"].clone();
    assert_eq!((waiting.status, freshness(&waiting)), (202, is("pending", "rate_limited")));
    assert_eq!((&run["state"], &run["next_try_at"]), (&json!("retrying"), &next));
    let at: DateTime<Utc> = next.as_str().expect("a date").parse().expect("a time");
    let wait = at - world.ctx.now();
    assert!(wait > TimeDelta::days(7) && wait <= TimeDelta::days(7) + TimeDelta::minutes(5));

    world.advance(wait - TimeDelta::minutes(2)).await;
    world.fetch_due().await;
    assert_eq!(world.searches().await, 30, "not before its date");
    world.advance(TimeDelta::minutes(3)).await;
    world.ctx.queue.push(&FetchFeed { feed_id: world.feed_of(&keys[30]).await.id }).await.expect("pushed");
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", &keys[30]).await), is("fresh", ""));
    assert_eq!(world.run(&run_id).await.error, None);
    assert!(world.stand_ins.calls("").await.iter().all(|call| call["status"] == 200), "no call was refused");
}

#[tokio::test]
async fn the_account_with_room_is_used() {
    let keys = tags(0..32);
    let world = World::with_apps(&[("w1", "powr_io"), ("w2", "natgeo")], &keys).await;
    world.ask_all("w1", &keys[..30]).await;
    world.drain().await;
    world.ask_all("w1", &keys[30..31]).await;
    world.ask_all("w2", &keys[30..]).await;
    world.drain().await;

    let natgeo = world.stand_ins.account_id("natgeo").await;
    for key in &keys[30..] {
        assert_eq!(world.accounts_of(&key[1..]).await, [natgeo.as_str()], "{key}");
        assert_eq!(freshness(&world.ask("w2", key).await), is("fresh", ""));
    }
}

#[tokio::test]
async fn an_account_that_is_connected_later_brings_its_room_along() {
    let keys = tags(0..31);
    let world = World::with_apps(&[("w1", "powr_io")], &keys).await;
    world.ask_all("w1", &keys[..30]).await;
    world.drain().await;
    world.ask("w1", &keys[30]).await;
    world.drain().await;
    let waiting = world.ask("w1", &keys[30]).await;

    world.connect("natgeo", "w1").await;

    assert_eq!(freshness(&waiting), is("pending", "rate_limited"));
    assert_eq!(freshness(&world.ask("w1", &keys[30]).await), is("fresh", ""));
}

#[tokio::test]
async fn of_two_fetches_at_once_one_takes_the_last_place() {
    let keys = tags(0..31);
    let world = World::with_apps(&[("w1", "powr_io")], &keys).await;
    world.ask_all("w1", &keys[..29]).await;
    world.drain().await;

    world.ask_all("w1", &keys[29..]).await;
    world.drain().await;

    let mut states: Vec<_> = world.ask_all("w1", &keys[29..]).await.iter().map(freshness).collect();
    states.sort_unstable();
    assert_eq!(states, [is("fresh", ""), is("pending", "rate_limited")]);
    assert!(world.stand_ins.calls("").await.iter().all(|call| call["status"] == 200), "no call was refused");
}

#[tokio::test]
async fn what_meta_has_counted_without_us_is_learnt_at_its_refusal() {
    let world = World::with_food().await;
    world.register("w1", &["#food", "#tag30"]).await;
    let powr = world.stand_ins.account_id("powr_io").await;
    for number in 0..29 {
        world.ask_meta("powr_io", "ig_hashtag_search", &format!("user_id={powr}&q=tag{number}")).await;
    }

    world.ask("w1", "#tag30").await;
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", "#tag30").await), is("pending", "rate_limited"));
    let rows = world.ledger().await;
    assert_eq!((rows.len(), rows.iter().filter(|row| row.tag.starts_with("id:")).count()), (30, 29));
    let wait = world.feed_of("#tag30").await.next_fetch_at.expect("parked") - world.ctx.now();
    assert!(wait > TimeDelta::days(6) && wait <= TimeDelta::days(7) + TimeDelta::minutes(5), "{wait}");
    assert_eq!(world.stand_ins.calls("recently_searched").await.len(), 1);
}

#[tokio::test]
async fn a_refusal_that_meta_cannot_account_for_is_believed_for_an_hour() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.stand_ins.fault("full", json!({"path_contains": "ig_hashtag_search"}), graph_error(400, 18, None)).await;
    world.ask("w1", "#food").await;

    world.drain().await;

    let wait = world.feed().await.next_fetch_at.expect("parked") - world.ctx.now();
    assert!(wait > TimeDelta::minutes(55) && wait <= TimeDelta::hours(1), "{wait}");
    assert_eq!((world.searches().await, world.ledger().await), (1, Vec::new()));
}

#[tokio::test]
async fn a_query_that_was_not_answered_counts_from_its_last_try() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    let lost = json!({"drop": true, "applied": true, "times": 1});
    world.stand_ins.fault("lost", json!({"path_contains": "ig_hashtag_search"}), lost).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let unanswered = world.ledger().await.remove(0);

    world.advance(TimeDelta::minutes(5)).await;
    world.drain().await;
    let answered = world.ledger().await.remove(0);
    world.advance(TimeDelta::hours(1)).await;
    world.fetch_due().await;

    assert!(!unanswered.is_answered && answered.is_answered);
    assert!(answered.searched_at >= unanswered.searched_at + TimeDelta::minutes(5));
    assert_eq!(world.ledger().await, [answered], "a repeat is free and restarts nothing");
}

#[tokio::test]
async fn at_the_end_of_a_window_nothing_is_sent_until_it_is_over_for_sure() {
    let world = World::with_food().await;
    let began = world.ledger().await[0].searched_at;
    let calls = world.stand_ins.calls("_media").await.len();
    world.advance(began + TimeDelta::days(7) - TimeDelta::seconds(30) - world.ctx.now()).await;
    world.fetch_due().await;
    let (in_doubt, over_at) = (world.stand_ins.calls("_media").await.len(), world.feed().await.next_fetch_at);

    world.advance(TimeDelta::seconds(331)).await;
    world.fetch_due().await;

    assert_eq!((in_doubt, over_at), (calls, Some(began + TimeDelta::days(7) + TimeDelta::minutes(5))));
    assert!(world.stand_ins.calls("_media").await.len() > calls);
    let rows = world.ledger().await;
    assert!(rows.len() == 1 && rows[0].searched_at > began + TimeDelta::days(7), "a new window has begun");
}

#[tokio::test]
async fn a_place_that_may_have_leaked_comes_back_in_its_week() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    let search = json!({"path_contains": "ig_hashtag_search"});
    let silence = json!({"drop": true, "times": 1});
    world.stand_ins.fault("a silence", search.clone(), silence).await;
    world.stand_ins.fault("b no", search, graph_error(400, 24, Some(2_207_024))).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let unanswered = world.ledger().await;

    world.advance(TimeDelta::minutes(5)).await;
    world.drain().await;
    let refused = world.ledger().await;
    world.advance(TimeDelta::hours(25)).await;
    world.fetch_due().await;

    assert_eq!((unanswered.len(), freshness(&world.ask("w1", "#food").await)), (1, is("blocked", "not_found")));
    assert_eq!((&refused, &world.ledger().await), (&unanswered, &unanswered), "a refusal moves no date");
}

#[tokio::test]
async fn a_search_that_found_nothing_was_answered_and_counts_from_then() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    let nothing = json!({"answer": {"status": 200, "headers": {}, "body": "{\"data\": []}"}});
    world.stand_ins.fault("nothing", json!({"path_contains": "ig_hashtag_search"}), nothing).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let rows = world.ledger().await;
    world.advance(TimeDelta::hours(23)).await;
    world.fetch_due().await;
    assert_eq!(world.searches().await, 1, "what is hidden is not looked at each hour");
    world.advance(TimeDelta::hours(2)).await;
    world.fetch_due().await;

    assert_eq!((rows.len(), rows[0].is_answered, world.searches().await), (1, true, 2));
    assert_eq!(world.ledger().await, rows);
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("blocked", "not_found"));
}

#[tokio::test]
async fn a_hashtag_that_was_learnt_by_its_id_is_joined_with_its_name() {
    let world = World::with_food().await;
    let keys = tags(0..31);
    let listed: Vec<&str> = keys.iter().map(String::as_str).collect();
    world.register("w1", &listed).await;
    world.register("w2", &listed).await;
    world.connect("natgeo", "w2").await;
    let powr = world.stand_ins.account_id("powr_io").await;
    for number in 0..29 {
        world.ask_meta("powr_io", "ig_hashtag_search", &format!("user_id={powr}&q=tag{number}")).await;
    }
    world.ask("w1", "#tag30").await;
    world.drain().await;
    assert_eq!(world.ledger().await.len(), 30);

    world.ask("w2", "#tag5").await;
    world.drain().await;
    world.ask("w1", "#tag5").await;

    assert!(world.accounts_of("tag5").await.contains(&powr), "its own place");
    assert_eq!(world.ledger().await.iter().filter(|row| row.account_id == powr).count(), 30, "and no second one");
}
