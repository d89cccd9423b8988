//! An old app moves off the outlet and back: whoever looks at it sees posts all the time, in one shape.

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

const FEEDS: [&str; 5] = ["#food", "@powr_io", "@natgeo", "@apple", "@trees"];

fn sources(shown: &[Value]) -> Vec<&str> {
    shown.iter().map(|feed| feed["source"].as_str().expect("a source")).collect()
}

/// The names of an answer's fields, of its account's, its items' and their parts'.
fn shape(feed: &Value) -> Vec<Vec<String>> {
    let names = |value: &Value| value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default();
    let items = feed["data"].as_array().expect("items");
    let part = items.iter().find_map(|item| item["children"].get(0)).unwrap_or(&Value::Null);
    [feed, &feed["account"], &feed["freshness"], &items[0], part].map(names).into()
}

/// Looks at all feeds again and again until `is_over`; returns how often. Each answer shows posts.
async fn watch(world: &World, is_over: &AtomicBool) -> usize {
    let mut looks = 0;
    while !is_over.load(Ordering::Relaxed) {
        for key in FEEDS {
            let answer = world.ask_quickly("old".to_owned(), key).await;
            assert_eq!(answer.status, 200, "{key}: {}", answer.text);
            let shown = answer.json();
            assert_ne!(shown["data"], json!([]), "{key}: {shown}");
            assert_ne!(shown["freshness"]["state"], "blocked", "{key}: {shown}");
            looks += 1;
        }
    }
    looks
}

#[tokio::test]
async fn a_feed_has_one_shape_before_the_move_after_it_and_after_its_end_and_is_never_without_posts() {
    let world = World::start().await;
    world.roll_out().await;
    world.save_old("old", &FEEDS).await;
    let before = world.fetch_all("old", &FEEDS).await;

    let is_over = AtomicBool::new(false);
    let connect = async {
        let run = world.connect("powr_io", "old").await;
        world.drain().await;
        is_over.store(true, Ordering::Relaxed);
        run
    };
    let (run, looks) = tokio::join!(connect, watch(&world, &is_over));
    let moved = world.fetch_all("old", &FEEDS).await;

    assert_eq!((run.error, looks > 0), (None, true));
    assert_eq!(sources(&before), ["outlet"; 5]);
    assert_eq!(sources(&moved), ["graph", "graph", "outlet", "outlet", "outlet"]);
    let back = world.http.send(Method::DELETE, &format!("{}/v1/apps/old/migration", world.url), &[], None).await;
    assert!(back.status < 300, "{}", back.text);
    let back = world.look_at("old", &FEEDS).await;
    assert_eq!(sources(&back), ["outlet"; 5], "at once");
    for number in 0..FEEDS.len() {
        let shapes = [&before, &moved, &back].map(|shown| shape(&shown[number]));
        assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{}: {shapes:?}", FEEDS[number]);
    }
}

#[tokio::test]
async fn what_has_just_moved_shows_the_outlet_s_posts_until_the_graph_s_are_there() {
    let world = World::start().await;
    world.roll_out().await;
    world.save_old("old", &FEEDS).await;
    let before = world.fetch_all("old", &FEEDS).await;
    world.connect("powr_io", "old").await;
    let refused = graph_error(400, 10, None);
    world.stand_ins.fault("refused", json!({"path_contains": "/ig_hashtag_search"}), refused).await;

    let moving = world.look_at("old", &FEEDS[..2]).await;
    world.drain().await;
    let moved = world.look_at("old", &FEEDS[..2]).await;

    for (moving, before) in moving.iter().zip(&before) {
        assert_eq!((&moving["source"], &moving["data"]), (&json!("outlet"), &before["data"]));
        assert_eq!(moving["freshness"]["state"], "stale", "{moving}");
    }
    assert_eq!(sources(&moved), ["outlet", "graph"], "a hashtag that Meta refuses goes on showing what it showed");
    assert_eq!((&moved[0]["data"], &moved[0]["freshness"]["state"]), (&before[0]["data"], &json!("blocked")));
    assert_eq!(moved[1]["freshness"]["state"], "fresh");
}
