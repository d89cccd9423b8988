//! `GET /jobs/{id}`, `POST /jobs/{id}/page`.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::World;

async fn show(world: &World, run_id: &str) -> Value {
    world.http.get(&format!("{}/jobs/{run_id}", world.url)).await.json()
}

#[tokio::test]
async fn a_run_is_queued_then_done_with_its_result() {
    let world = World::start().await;
    let run_id = world.start_exchange("powr_io", "w1").await;
    let before = show(&world, &run_id).await;
    world.drain().await;
    let after = show(&world, &run_id).await;

    assert_eq!((before["kind"].as_str(), before["state"].as_str()), (Some("exchange_token"), Some("queued")));
    assert_eq!((after["state"].as_str(), &after["error"]), (Some("done"), &Value::Null));
    assert_eq!(after["attempt"], 1);
    assert_eq!(after["result"]["page"]["id"], world.installs().await[0].page_id.as_str());
}

#[tokio::test]
async fn a_run_that_is_tried_again_says_when() {
    let world = World::start().await;
    let drop = json!({"drop": true});
    world.stand_ins.fault("away", json!({"path_contains": "debug_token"}), drop).await;
    let run_id = world.start_exchange("powr_io", "w1").await;

    world.drain().await;

    let shown = show(&world, &run_id).await;
    assert_eq!((shown["state"].as_str(), shown["attempt"].as_u64()), (Some("retrying"), Some(2)), "{shown}");
    assert!(shown["next_try_at"].is_string());

    world.stand_ins.mend("away").await;
    world.advance(TimeDelta::minutes(1)).await;
    world.drain().await;
    let done = show(&world, &run_id).await;
    assert_eq!((done["state"].as_str(), done["attempt"].as_u64()), (Some("done"), Some(2)), "{done}");
}

#[tokio::test]
async fn whoever_waits_for_what_is_tried_again_only_later_is_answered_at_once() {
    let world = World::start().await;
    world.stand_ins.fault("away", json!({"path_contains": "debug_token"}), json!({"drop": true})).await;
    let run_id = world.start_exchange("powr_io", "w1").await;
    world.drain().await;
    // From the third attempt on there are five seconds and more between two.
    world.advance(TimeDelta::seconds(2)).await;
    world.drain().await;
    let begun = Instant::now();

    let waited = world.http.get(&format!("{}/jobs/{run_id}?wait=4", world.url)).await.json();

    assert_eq!((waited["state"].as_str(), waited["attempt"].as_u64()), (Some("retrying"), Some(3)), "{waited}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{waited}");
}

#[tokio::test]
async fn whoever_would_wait_longer_is_told_how_long_was_agreed() {
    let world = World::start().await;
    let run = world.connect("powr_io", "w1").await;
    let url = format!("{}/jobs/{}", world.url, run.id);
    for (query, wish, agreed) in
        [("", "wait=600", "wait=30"), ("", "respond-async, wait=5", "wait=5"), ("?wait=1", "wait=5", "")]
    {
        let answer = world.http.send(Method::GET, &format!("{url}{query}"), &[("prefer", wish)], None).await;
        assert_eq!((answer.status, answer.header("preference-applied")), (200, agreed), "{query} {wish}");
    }
    assert_eq!(world.http.get(&format!("{url}?wait=600")).await.status, 200, "600 count as 30");
}

#[tokio::test]
async fn many_who_wait_for_one_run_all_see_its_end() {
    let world = World::start().await;
    let run_id = world.start_exchange("powr_io", "w1").await;
    let url = format!("{}/jobs/{run_id}?wait=30", world.url);

    let (all, ()) = tokio::join!(join_all((0..100).map(|_| world.http.get(&url))), world.drain());

    assert!(all.iter().all(|answer| answer.json()["state"] == "done"));
}

#[tokio::test]
async fn an_unknown_id_is_404_and_ids_are_not_listed() {
    let world = World::start().await;
    for id in ["0", "00000000000000000000000000000000", "..%2f..%2fetc", "%00", "%F0%9F%98%80"] {
        let answer = world.http.get(&format!("{}/jobs/{id}", world.url)).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "job_unknown"), "{id}");
    }
    assert_eq!(world.http.get(&format!("{}/jobs", world.url)).await.status, 404);
    assert_eq!(world.http.get(&format!("{}/jobs/x?wait=soon", world.url)).await.status, 400);
}

#[tokio::test]
async fn a_page_is_chosen_once_and_the_same_job_goes_on() {
    let world = World::start().await;
    let run = world.connect("two_pages", "w1").await;
    let pages = show(&world, &run.id).await["error"]["pages"].clone();
    let wanted = pages[1]["id"].as_str().expect("a second page");
    let url = format!("{}/jobs/{}/page", world.url, run.id);
    let choose = async |page_id: &str| world.http.post_json(&url, &json!({"page_id": page_id})).await;

    assert_eq!(world.http.post_json(&url, &json!({"page": 1})).await.status, 400);
    let foreign = choose("123").await;
    let taken = choose(wanted).await;
    let again = choose(wanted).await;
    let queued = show(&world, &run.id).await;
    world.drain().await;
    let done = show(&world, &run.id).await;

    assert_eq!((foreign.status, taken.status), (422, 202));
    assert_eq!(taken.json()["job_id"], run.id.as_str());
    assert_eq!((again.status, again.code().as_str()), (409, "choice_expired"));
    assert_eq!(queued["state"], "queued");
    assert_eq!(done["result"]["page"]["id"], wanted);
}

#[tokio::test]
async fn a_form_without_scripts_is_sent_on_to_the_progress_page() {
    let world = World::start().await;
    let run = world.connect("two_pages", "w1").await;
    let page_id = run.error.as_ref().expect("a choice")["pages"][0]["id"].as_str().expect("an id").to_owned();
    let url = format!("{}/jobs/{}/page", world.url, run.id);
    let form = [("content-type", "application/x-www-form-urlencoded")];

    let answer = world.http.send_text(Method::POST, &url, &form, format!("page_id={page_id}")).await;

    assert_eq!(answer.status, 303);
    let next = format!("{}{}", world.url, answer.header("location"));
    world.drain().await;
    assert_eq!(world.http.get(&next).await.attribute("data-state"), "done");
}
