//! What was deleted is not posted, and who has disconnected is left alone, from one tick to the next.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::assert_each_once;
use crate::harness::World;

#[tokio::test]
async fn nothing_of_a_media_is_posted_after_its_deletion_was_seen() {
    let (world, pairings) = World::cross_posting(3).await;
    world.stand_ins.change_x("", json!({"credits": 0})).await;
    world.stand_ins.publish_picture("kept").await;
    let first = world.stand_ins.publish_picture("deleted").await;
    world.next_ten_minutes().await;
    assert_eq!(world.stand_ins.x_posts().await.len(), 0, "no credits");
    world.stand_ins.unpublish(&first).await;
    world.next_ten_minutes().await;

    world.stand_ins.change_x("", json!({"credits": null})).await;
    // An account without credits is left alone for hours.
    world.advance(TimeDelta::hours(7)).await;
    for _ in 0..3 {
        world.next_ten_minutes().await;
    }

    assert_each_once(&world, &pairings, &["kept"]).await;
    let rows = world.deliveries_of(&pairings[0]).await;
    let row = rows.iter().find(|row| row.media_id == first).expect("a row");
    assert_eq!(row.reason.as_deref(), Some("deleted"), "{row:#?}");
}

#[tokio::test]
async fn an_account_on_x_that_is_disconnected_is_left_alone_and_its_tokens_are_given_back() {
    let (world, pairings) = World::cross_posting(2).await;
    let url = format!("{}/v1/x-accounts/{}", world.url, pairings[0].x_account_id);

    let gone = world.http.send(Method::DELETE, &url, &[], None).await;
    world.stand_ins.publish_picture("first").await;
    world.next_ten_minutes().await;

    assert!((200..300).contains(&gone.status), "{}", gone.text);
    assert_each_once(&world, &pairings[1..], &["first"]).await;
    assert_eq!(world.stand_ins.x_posts().await.len(), 1);
    let families = world.stand_ins.families().await;
    let states: Vec<_> = families.iter().map(|family| family["state"].as_str().expect("a word")).collect();
    assert_eq!(states, ["revoked", "alive"]);
    assert_eq!(world.http.get(&url).await.status, 404);
}

#[tokio::test]
async fn an_account_on_instagram_that_is_disconnected_is_posted_from_no_more() {
    let (world, _) = World::cross_posting(2).await;
    world.stand_ins.publish_picture("first").await;
    world.plan().await;
    let install_id = world.installs().await.remove(0).id;
    let url = format!("{}/v1/apps/w1/installs/{install_id}", world.url);

    let gone = world.http.send(Method::DELETE, &url, &[], None).await;
    for _ in 0..2 {
        world.next_ten_minutes().await;
    }

    assert!((200..300).contains(&gone.status), "{}", gone.text);
    assert_eq!(world.stand_ins.x_posts().await.len(), 0, "planned is not posted");
}
