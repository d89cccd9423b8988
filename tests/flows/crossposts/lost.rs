//! X has done what it was asked, and nobody heard so.

use chrono::TimeDelta;
use serde_json::json;

use super::assert_each_once;
use crate::harness::World;

#[tokio::test]
async fn a_post_whose_answer_was_lost_is_not_made_again() {
    let (world, pairings) = World::cross_posting(30).await;
    let post = json!({"service": "x", "path_contains": "/x/2/tweets", "method": "POST"});
    for (name, times, answer) in [
        ("dropped", 15, json!({"drop": true, "applied": true})),
        ("failed", 15, json!({"answer": {"status": 503, "body": "<html>"}, "applied": true})),
    ] {
        let mut answer = answer;
        answer["times"] = json!(times);
        world.stand_ins.fault(name, post.clone(), answer).await;
    }
    world.stand_ins.publish_picture("first").await;

    world.next_ten_minutes().await;
    assert_eq!(world.stand_ins.x_posts().await.len(), 30, "X has posted them");
    for _ in 0..2 {
        world.next_ten_minutes().await;
    }
    world.stand_ins.publish_picture("second").await;
    world.next_ten_minutes().await;

    assert_each_once(&world, &pairings, &["first", "second"]).await;
    for pairing in &pairings {
        let ids = world.deliveries_of(pairing).await.into_iter().map(|row| row.x_post_id);
        assert!(ids.clone().count() == 2 && ids.flatten().count() == 2, "each row knows its post");
    }
}

#[tokio::test]
async fn posts_that_x_never_saw_are_made_though_nobody_knew() {
    let (world, pairings) = World::cross_posting(4).await;
    let post = json!({"service": "x", "path_contains": "/x/2/tweets", "method": "POST"});
    world.stand_ins.fault("dropped", post, json!({"drop": true, "times": 4})).await;
    world.stand_ins.publish_picture("first").await;

    for _ in 0..3 {
        world.next_ten_minutes().await;
    }

    assert_each_once(&world, &pairings, &["first"]).await;
}

/// The same caption twice: what X has of the first one is not taken for the second.
#[tokio::test]
async fn two_media_that_say_the_same_are_both_there_though_answers_are_lost() {
    let (world, pairings) = World::cross_posting(2).await;
    world.stand_ins.publish_picture("same").await;
    world.next_ten_minutes().await;
    let post = json!({"service": "x", "path_contains": "/x/2/tweets", "method": "POST"});
    world.stand_ins.fault("dropped", post.clone(), json!({"drop": true, "applied": true, "times": 1})).await;
    world.stand_ins.fault("never", post, json!({"drop": true, "times": 1})).await;
    world.stand_ins.publish_picture("same").await;

    for _ in 0..3 {
        world.next_ten_minutes().await;
    }

    assert_each_once(&world, &pairings, &["same", "same"]).await;
}

/// The answer to a refresh is lost once: the old token has been used up, and X takes it for stolen. That is the one loss that
/// nobody can help; it is told, and everything goes on once somebody has connected the account again.
#[tokio::test]
async fn a_refresh_whose_answer_was_lost_costs_its_own_account_alone() {
    let (world, pairings) = World::cross_posting(6).await;
    let refresh = json!({"path_contains": "oauth2/token", "x_user_id": pairings[0].x_user_id});
    world.stand_ins.fault("lost", refresh, json!({"drop": true, "applied": true, "times": 1})).await;
    let refresh = json!({"path_contains": "oauth2/token", "x_user_id": pairings[1].x_user_id});
    world.stand_ins.fault("never", refresh, json!({"drop": true, "times": 1})).await;

    for _ in 0..10 {
        world.next_ten_minutes().await;
    }

    let lost = world.stand_ins.lost_families().await;
    assert_eq!(lost.iter().map(|family| &family["user"]).collect::<Vec<_>>(), [&json!("crowd_0")]);
    for (number, pairing) in pairings.iter().enumerate() {
        assert_eq!(world.x_account(&pairing.x_account_id).await.is_active(), number != 0);
    }
    let alerts = world.stand_ins.alerts().await;
    let told: Vec<_> = alerts.iter().filter(|text| text.contains("crowd_0")).collect();
    assert_eq!(told.len(), 1, "{alerts:#?}");
    world.advance(TimeDelta::hours(2)).await;
    world.stand_ins.publish_picture("first").await;
    for _ in 0..2 {
        world.next_ten_minutes().await;
    }
    assert_each_once(&world, &pairings[1..], &["first"]).await;
}
