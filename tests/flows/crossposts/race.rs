//! Two workers at the same job at once, as where a lease ran out though its owner lives.

use chrono::TimeDelta;
use futures_util::future::join_all;
use queue::Job;
use worker::jobs::{CrosspostMedia, RefreshXToken};

use super::assert_each_once;
use crate::harness::World;

#[tokio::test]
async fn of_workers_that_renew_the_same_access_one_asks_x() {
    let (world, pairings) = World::cross_posting(10).await;
    world.advance(TimeDelta::minutes(61)).await;
    world.stand_ins.forget_calls().await;

    let jobs = pairings.iter().flat_map(|pairing| [&pairing.x_account_id; 3]);
    join_all(jobs.map(async |id| RefreshXToken { x_account_id: id.clone() }.perform(&world.ctx).await)).await;

    assert_eq!(world.stand_ins.calls("oauth2/token").await.len(), pairings.len());
    let families = world.stand_ins.families().await;
    assert!(families.iter().all(|family| family["state"] == "alive" && family["pairs"] == 2), "{families:#?}");
    world.stand_ins.publish_picture("first").await;
    world.next_ten_minutes().await;
    assert_each_once(&world, &pairings, &["first"]).await;
}

#[tokio::test]
async fn of_workers_that_post_the_same_media_one_does() {
    let (world, pairings) = World::cross_posting(10).await;
    world.stand_ins.publish_picture("first").await;
    world.plan().await;

    let jobs = pairings.iter().flat_map(|pairing| [&pairing.crosspost_id; 3]);
    join_all(jobs.map(async |id| CrosspostMedia { crosspost_id: id.clone() }.perform(&world.ctx).await)).await;
    for _ in 0..2 {
        world.next_ten_minutes().await;
    }

    assert_each_once(&world, &pairings, &["first"]).await;
}

/// X compares texts alone where it is stricter than the stand-in usually is.
#[tokio::test]
async fn the_same_where_x_takes_every_equal_text_for_a_duplicate() {
    let (world, pairings) = World::cross_posting(4).await;
    world.stand_ins.change_x("", serde_json::json!({"duplicates": "text"})).await;
    world.stand_ins.publish_picture("first").await;
    world.plan().await;

    let jobs = pairings.iter().flat_map(|pairing| [&pairing.crosspost_id; 2]);
    join_all(jobs.map(async |id| CrosspostMedia { crosspost_id: id.clone() }.perform(&world.ctx).await)).await;
    for _ in 0..2 {
        world.next_ten_minutes().await;
    }

    assert_each_once(&world, &pairings, &["first"]).await;
}

#[tokio::test]
async fn an_access_is_renewed_while_media_are_posted_by_it() {
    let (world, pairings) = World::cross_posting(10).await;
    world.advance(TimeDelta::minutes(61)).await;
    world.stand_ins.publish_picture("first").await;
    world.plan().await;

    let posts = pairings.iter().map(|pairing| CrosspostMedia { crosspost_id: pairing.crosspost_id.clone() });
    let renewals = pairings.iter().map(|pairing| RefreshXToken { x_account_id: pairing.x_account_id.clone() });
    let posting = join_all(posts.map(async |job| job.perform(&world.ctx).await));
    let renewing = join_all(renewals.map(async |job| job.perform(&world.ctx).await));
    tokio::join!(posting, renewing);
    for _ in 0..2 {
        world.next_ten_minutes().await;
    }

    assert_each_once(&world, &pairings, &["first"]).await;
    assert_eq!(world.stand_ins.lost_families().await.len(), 0);
}
