//! `check_token`: the end is what Meta says.

use chrono::{DateTime, TimeDelta, Utc};
use entities::install::{self, Killed};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use worker::jobs::CheckToken;

use crate::harness::World;

/// Lets a day pass and has an install checked.
async fn check(world: &World, id: &str) {
    world.advance(TimeDelta::days(1)).await;
    CheckToken { install_id: id.to_owned() }.perform(&world.ctx).await.expect("asked");
    world.drain().await;
}

fn about(one: Option<DateTime<Utc>>, other: DateTime<Utc>) -> bool {
    one.is_some_and(|one| (one - other).abs() < TimeDelta::minutes(1))
}

#[tokio::test]
async fn an_end_that_moved_is_kept_and_what_was_asked_is_not_asked_again_the_same_day() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": 20 * 86_400})).await;
    let moved_to = world.ctx.now() + TimeDelta::days(20);
    check(&world, &install.id).await;
    let checked = world.install(&install.id).await;
    assert!(about(checked.ends_at(), moved_to), "{checked:?}");
    assert_eq!((checked.generation, checked.is_end_estimated()), (1, false));

    world.stand_ins.forget_calls().await;
    CheckToken { install_id: install.id }.perform(&world.ctx).await.expect("done");

    assert!(world.stand_ins.calls("debug_token").await.is_empty());
}

#[tokio::test]
async fn an_end_that_moved_behind_what_was_told_begins_anew() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.ends_in(&install.id, 3).await;
    world.scan().await;
    assert!(world.told_at(&install.id).await.0.is_some());

    check(&world, &install.id).await;

    let renewed = world.install(&install.id).await;
    assert_eq!((renewed.generation, renewed.first_verify_email_sent_at), (2, None));
}

#[tokio::test]
async fn the_end_of_the_user_token_mails_nobody() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    let mut row = world.install(&install.id).await.into_active_model();
    row.user_token_expires_at = Set(Some(world.ctx.now() - TimeDelta::days(1)));
    row.update(&world.ctx.db.write).await.expect("written");

    check(&world, &install.id).await;
    world.scan().await;

    assert!(world.told().await.is_empty());
}

#[tokio::test]
async fn what_was_killed_is_told_once_it_is_sure_and_in_its_own_words() {
    for (state, killed) in [
        ("password_changed", Killed::Password),
        ("app_removed", Killed::AppRemoved),
        ("checkpoint", Killed::Checkpoint),
        ("page_role_lost", Killed::RoleLost),
    ] {
        let world = World::start().await;
        let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
        world.stand_ins.patch("powr_io", json!({"state": state})).await;

        check(&world, &install.id).await;
        assert_eq!(world.install(&install.id).await.killed, None, "{state}: one call is no proof");
        // It is asked again, and the account's own incident ends, or turns out to be its owner's to mend.
        for minutes in [6, 31, 31, 31] {
            world.advance(TimeDelta::minutes(minutes)).await;
            world.drain().await;
        }

        let dead = world.install(&install.id).await;
        assert_eq!(dead.killed, Some(killed), "{state}");
        let now = world.ctx.now();
        assert_eq!(dead.state(now, now), install::State::Dead);
        let told: Vec<_> = world.told().await.into_iter().map(|(stage, ..)| stage).collect();
        assert_eq!(told, ["killed"], "{state}");
    }
}

/// Says when the person's data access ends: it is one for all that the person has connected.
async fn data_access_ends_in(world: &World, days: i64) {
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": days * 86_400})).await;
}

/// A world in which a connection has ended and its owner was told so, a day ago; and its id.
async fn ended() -> (World, String) {
    let world = World::with_feed().await;
    world.register_of("w1", "ann@example.com").await;
    let id = world.installs().await.remove(0).id;
    data_access_ends_in(&world, -1).await;
    world.ends_in(&id, -1).await;
    world.scan().await;
    assert!(world.told_at(&id).await.1.is_some());
    world.advance(TimeDelta::days(1)).await;
    (world, id)
}

async fn fetch(world: &World) {
    world.push_feed().await;
    world.drain().await;
}

async fn stages(world: &World) -> Vec<&'static str> {
    world.told().await.into_iter().map(|(stage, ..)| stage).collect()
}

#[tokio::test]
async fn what_has_ended_and_serves_again_is_asked_about_and_its_next_end_is_told() {
    let (world, id) = ended().await;
    let unchecked = install::Entity::unchecked(&world.ctx.db.read, world.ctx.now(), None, 10).await.expect("read");
    assert!(unchecked.is_empty(), "it may be dead for good: nobody asks");

    // The person has connected another account anew.
    data_access_ends_in(&world, 90).await;
    fetch(&world).await;

    let now = world.ctx.now();
    let renewed = world.install(&id).await;
    assert_eq!((renewed.generation, world.told_at(&id).await), (2, (None, None)));
    assert_eq!(renewed.state(now, now + TimeDelta::days(10)), install::State::Active);
    world.advance(TimeDelta::days(81)).await;
    world.scan().await;
    assert_eq!(stages(&world).await, ["expired", "expiring"]);
    world.advance(TimeDelta::days(10)).await;
    world.scan().await;
    assert_eq!(stages(&world).await, ["expired", "expired", "expiring"]);
}

#[tokio::test]
async fn an_end_that_is_near_by_the_time_that_it_serves_again_is_told_at_once() {
    let (world, id) = ended().await;
    data_access_ends_in(&world, 5).await;

    fetch(&world).await;
    world.scan().await;

    assert_eq!((world.install(&id).await.generation, stages(&world).await), (2, vec!["expired", "expiring"]));
}

#[tokio::test]
async fn meta_is_asked_once_however_often_what_has_ended_serves() {
    let world = World::with_food().await;
    let id = world.installs().await.remove(0).id;
    let ends = async || {
        world.ends_in(&id, -1).await;
        let mut told = world.install(&id).await.into_active_model();
        told.second_verify_email_sent_at = Set(Some(world.ctx.now()));
        told.update(&world.ctx.db.write).await.expect("written");
    };
    ends().await;
    world.advance(TimeDelta::hours(13)).await;
    world.stand_ins.forget_calls().await;

    for _ in 0..3 {
        fetch(&world).await;
        ends().await;
    }

    assert_eq!(world.stand_ins.calls("debug_token").await.len(), 1);
}
