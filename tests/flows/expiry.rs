//! Four months of connections that end, are killed and are connected anew, looked after by two workers at once: each owner
//! is told each stage once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entities::install::{self, Killed};
use entities::{app_install, email_delivery, new_id};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use worker::jobs::{ScanExpiringInstalls, SendExpiryEmail};

use crate::harness::World;

const STEP: TimeDelta = TimeDelta::hours(8);
const WARNING: TimeDelta = TimeDelta::days(10);

/// Draws numbers, the same ones each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn days(&mut self, most: u64) -> TimeDelta {
        TimeDelta::minutes(i64::try_from(self.below(most * 1_440)).expect("a small number"))
    }
}

/// What an owner has to have been told of one credential, kept beside the service and by other means.
#[derive(Default)]
struct Expected(BTreeSet<(String, i32, &'static str)>);

impl Expected {
    fn look(&mut self, install: &install::Model, now: DateTime<Utc>) {
        let end = install.data_access_expires_at.expect("each has one");
        let is_told = |stage| self.0.contains(&(install.id.clone(), install.generation, stage));
        let stage = match () {
            () if is_told("expired") || is_told("killed") => return,
            () if end <= now => "expired",
            () if install.killed.is_some() => "killed",
            () if end <= now + WARNING => "expiring",
            () => return,
        };
        self.0.insert((install.id.clone(), install.generation, stage));
    }
}

/// Makes installs that nothing but rows knows, each of an app of its own, with ends here and there.
async fn install_many(world: &World, count: usize, dice: &mut Dice) -> Vec<String> {
    let first = world.connect_of("powr_io", "w0", "owner0@example.com").await;
    let mut ids = Vec::new();
    for number in 1..=count {
        let id = new_id();
        let (app_id, now) = (format!("w{number}"), world.ctx.now());
        let copy = install::Model {
            id: id.clone(),
            instagram_account: format!("account{number}"),
            instagram_business_account_id: format!("1784{number}"),
            token_expires_at: None,
            data_access_expires_at: Some(now + dice.days(60)),
            ..first.clone()
        };
        copy.into_active_model().reset_all().insert(&world.ctx.db.write).await.expect("written");
        world.register_of(&app_id, &format!("owner{}@example.com", number % 7)).await;
        app_install::Entity::join(&world.ctx.db.write, &app_id, &id, now).await.expect("written");
        ids.push(id);
    }
    ids
}

/// Lets things happen to an install: now and then it is connected anew, and now and then it is killed.
async fn happen(world: &World, install: install::Model, dice: &mut Dice) -> install::Model {
    let now = world.ctx.now();
    if dice.below(150) == 0 {
        let mut row = install.clone().into_active_model();
        row.generation = Set(install.generation + 1);
        row.data_access_expires_at = Set(Some(now + dice.days(70)));
        row.killed = Set(None);
        row.killed_at = Set(None);
        row.first_verify_email_sent_at = Set(None);
        row.second_verify_email_sent_at = Set(None);
        return row.update(&world.ctx.db.write).await.expect("written");
    }
    if dice.below(80) == 0 && install.killed.is_none() {
        install::Entity::kill(&world.ctx.db.write, &install.id, Killed::Password, now).await.expect("written");
        return world.install(&install.id).await;
    }
    install
}

/// Two workers look at the same time, and both do all that there is to do.
async fn look_twice(world: &World, ids: &[String]) {
    let look = async || {
        ScanExpiringInstalls {}.perform(&world.ctx).await.expect("scanned");
        for install_id in ids {
            let job = SendExpiryEmail { install_id: install_id.clone() };
            job.perform(&world.ctx).await.expect("told, or nothing to tell");
        }
    };
    tokio::join!(Box::pin(look()), Box::pin(look()));
}

/// Plays `days` of `count` installs, and returns how many mails there were.
pub(crate) async fn play(world: &World, count: usize, days: i32) -> BTreeMap<&'static str, usize> {
    let mut dice = Dice(42);
    let ids = install_many(world, count, &mut dice).await;
    let mut expected = Expected::default();
    for step in 0..days * 3 {
        world.advance(STEP).await;
        let now = world.ctx.now();
        for id in &ids {
            let install = happen(world, world.install(id).await, &mut dice).await;
            expected.look(&install, now);
        }
        look_twice(world, &ids).await;
        if step % 30 == 0 {
            // What the schedules and the looks have pushed finds the work done.
            world.drain().await;
        }
    }
    let rows = email_delivery::Entity::find().all(&world.ctx.db.read).await.expect("read");
    let rows: Vec<_> = rows.into_iter().filter(|row| ids.contains(&row.install_id)).collect();
    let told: BTreeSet<_> =
        rows.iter().map(|row| (row.install_id.clone(), row.generation, row.stage.as_str())).collect();
    assert_eq!(told, expected.0, "each stage, and no other");
    let mut mails = BTreeMap::new();
    for mail in world.stand_ins.mails().await {
        *mails.entry(mail["message_id"].as_str().expect("a name").to_owned()).or_insert(0) += 1;
    }
    let mut stages = BTreeMap::new();
    for row in &rows {
        assert_eq!(row.state, email_delivery::State::Sent, "{row:?}");
        assert_eq!(mails.get(&format!("<{}@example.com>", row.message_id)), Some(&1), "{row:?}");
        *stages.entry(row.stage.as_str()).or_insert(0) += 1;
    }
    stages
}

#[tokio::test]
async fn in_four_months_each_owner_is_told_each_stage_once() {
    let world = World::start().await;
    let stages = play(&world, 8, 120).await;
    for stage in ["expiring", "expired", "killed"] {
        assert!(stages.get(stage).is_some_and(|mails| *mails > 2), "{stage} happens: {stages:?}");
    }
}
