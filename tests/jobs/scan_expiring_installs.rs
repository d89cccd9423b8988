//! `scan_expiring_installs`: whom it finds, and when.

use chrono::TimeDelta;
use entities::email_delivery::State;
use entities::install::{self, Killed};
use queue::Job;
use serde_json::json;
use worker::jobs::ScanExpiringInstalls;

use crate::harness::World;

const SENT: State = State::Sent;

#[tokio::test]
async fn owners_are_told_ten_days_before_and_when_it_has_come_and_no_third_time() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "Ann@example.com").await;
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": 11 * 86_400})).await;
    world.ends_in(&install.id, 11).await;
    world.scan().await;
    assert!(world.told().await.is_empty(), "eleven days are far");

    // Three times a day, for three weeks.
    for _ in 0..63 {
        world.advance(TimeDelta::hours(8)).await;
        world.scan().await;
    }

    let ann = "ann@example.com".to_owned();
    assert_eq!(world.told().await, [("expired", ann.clone(), SENT), ("expiring", ann, SENT)]);
    let (first, second) = world.told_at(&install.id).await;
    assert!(
        first.zip(second).is_some_and(|(first, second)| second - first >= TimeDelta::days(9)),
        "{first:?} {second:?}"
    );
    assert_eq!(world.mails_to("Ann@example.com").await.len(), 2);
}

#[tokio::test]
async fn what_was_never_looked_for_in_time_is_told_once_that_it_is_over() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.ends_in(&install.id, -3).await;

    world.scan().await;
    world.scan().await;

    assert_eq!(world.told().await, [("expired", "ann@example.com".into(), SENT)]);
    assert_eq!(world.told_at(&install.id).await.0, None);
}

#[tokio::test]
async fn nobody_is_looked_for_of_whom_nobody_can_be_told() {
    let world = World::start().await;
    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    let install = world.installs().await.remove(0);
    world.ends_in(&install.id, 3).await;
    let found = async || {
        let now = world.ctx.now();
        let span = (now, now + TimeDelta::days(10));
        install::Entity::near_end(&world.ctx.db.read, span, None, 10).await.expect("read").len()
    };
    assert_eq!(found().await, 0);

    world.register_of("w1", "ann@example.com").await;

    assert_eq!(found().await, 1);
}

#[tokio::test]
async fn pages_follow_each_other_in_order_of_the_end() {
    let world = World::start().await;
    for (user, app_id, days) in [("powr_io", "w1", 5), ("natgeo", "w2", 2), ("crowd_0", "w3", 9), ("crowd_1", "w4", 40)]
    {
        let install = world.connect_of(user, app_id, "ann@example.com").await;
        world.ends_in(&install.id, days).await;
    }
    let now = world.ctx.now();
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let span = (now, now + TimeDelta::days(10));
        let page = install::Entity::near_end(&world.ctx.db.read, span, after.as_ref(), 1).await.expect("read");
        let Some(last) = page.last() else { break };
        seen.push(world.install(&last.1).await.instagram_account);
        after = Some(last.clone());
    }
    assert_eq!(seen, ["natgeo", "powr_io", "crowd_0"]);
}

#[tokio::test]
async fn what_was_killed_is_told_once_in_its_own_words() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    install::Entity::kill(&world.ctx.db.write, &install.id, Killed::Password, world.ctx.now()).await.expect("written");

    world.scan().await;
    world.ends_in(&install.id, -1).await;
    world.scan().await;

    assert_eq!(world.told().await, [("killed", "ann@example.com".into(), SENT)], "and never also that it is over");
    let mail = world.mails_to("ann@example.com").await.remove(0);
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("password")), "{mail}");
}

#[tokio::test]
async fn what_serves_again_by_itself_is_told_of_anew() {
    let world = World::with_feed().await;
    world.register_of("w1", "ann@example.com").await;
    let id = world.installs().await.remove(0).id;
    install::Entity::kill(&world.ctx.db.write, &id, Killed::RoleLost, world.ctx.now()).await.expect("written");
    world.scan().await;
    let ann = "ann@example.com".to_owned();
    assert_eq!(world.told().await, [("killed", ann.clone(), SENT)]);

    // The role is back: the next fetch sees it.
    world.push_feed().await;
    world.drain().await;
    assert_eq!(world.install(&id).await.killed, None);
    world.ends_in(&id, 3).await;
    world.scan().await;

    assert_eq!(world.told().await, [("expiring", ann.clone(), SENT), ("killed", ann, SENT)]);
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_pushed_and_nothing_is_lost() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.ends_in(&install.id, 3).await;
    let without = worker::Context { mailer: None, ..world.ctx.clone() };

    ScanExpiringInstalls {}.perform(&without).await.expect("scanned");
    world.drain().await;
    assert!(world.told().await.is_empty());

    world.scan().await;
    assert_eq!(world.told().await.len(), 1);
}
