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
