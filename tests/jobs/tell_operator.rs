//! `tell_operator`: one message when an incident begins, one when it is over, one a day about what lasts.

use chrono::TimeDelta;
use entities::incident::{self, Alike, Kind};
use entities::{app_install, incident_install, install};
use queue::Job;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use worker::Context;
use worker::jobs::TellOperator;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

/// Tells what there is to tell.
pub(super) async fn tell(ctx: &Context) {
    TellOperator {}.perform(ctx).await.expect("told, or left for later");
}

/// Begins an incident: everybody's, or an install's.
pub(super) async fn begin(world: &World, install_id: Option<&str>) -> String {
    begin_of(world, "permission_lost", install_id).await
}

async fn begin_of(world: &World, class: &str, install_id: Option<&str>) -> String {
    let (db, at) = (&world.ctx.db.write, world.ctx.now());
    let seen = incident::Seen {
        alike: Alike { class, kind: Kind::Feeds, code: Some(10) },
        subcode: None,
        fbtrace_id: Some("Atest"),
        at,
    };
    let next_probe = install_id.is_none().then_some(at);
    let id = incident::Entity::open(db, install_id, &seen, next_probe).await.expect("written").expect("a new one");
    if let Some(install_id) = install_id {
        incident_install::Entity::meet(db, &id, install_id, at).await.expect("written");
    }
    id
}

async fn find_out(world: &World, id: &str) {
    let verdict = json!({
        "word": "login_configuration", "summary": "Meta's side, or our app's login configuration.", "ruled_out": [],
        "remains": [], "next_step": "Look at Meta's dashboard.", "who_acts": "operator", "code": 10, "subcode": null,
        "fbtrace_id": null,
    });
    incident::Entity::keep_verdict(&world.ctx.db.write, id, verdict, world.ctx.now()).await.expect("written");
}

async fn end(world: &World, id: &str) {
    assert!(incident::Entity::close(&world.ctx.db.write, id, world.ctx.now()).await.expect("written"));
}

/// Installs that nothing but rows knows, each of an app of its own.
async fn installs(world: &World, count: usize) -> Vec<String> {
    assert_eq!(world.connect("powr_io", "w0").await.error, None);
    let first = world.installs().await.remove(0);
    let mut ids = vec![first.id.clone()];
    for number in 1..count {
        let copy = install::Model {
            id: entities::new_id(),
            instagram_account: format!("account{number}"),
            instagram_business_account_id: format!("1784{number}"),
            ..first.clone()
        };
        let app_id = format!("w{number}");
        world.register(&app_id, &[]).await;
        ids.push(copy.id.clone());
        copy.into_active_model().reset_all().insert(&world.ctx.db.write).await.expect("written");
        let id = ids.last().expect("just pushed");
        app_install::Entity::join(&world.ctx.db.write, &app_id, id, world.ctx.now()).await.expect("written");
    }
    ids
}

#[tokio::test]
async fn everybodys_incident_is_told_when_it_begins_once_a_day_and_when_it_is_over() {
    let world = World::start().await;
    let installs = installs(&world, 12).await;
    let id = begin(&world, None).await;
    for install in &installs {
        incident_install::Entity::meet(&world.ctx.db.write, &id, install, world.ctx.now()).await.expect("written");
    }
    tell(&world.ctx).await;
    assert!(world.stand_ins.alerts().await.is_empty(), "its verdict is waited for");
    find_out(&world, &id).await;

    // Seven days, looked at every ten minutes, as the story of the incident goes.
    tell(&world.ctx).await;
    for _ in 0..7 * 24 * 6 {
        world.advance(TimeDelta::minutes(10)).await;
        tell(&world.ctx).await;
    }
    end(&world, &id).await;
    tell(&world.ctx).await;
    tell(&world.ctx).await;

    let alerts = world.stand_ins.alerts().await;
    assert_eq!(alerts.len(), 2 + 7, "{alerts:#?}");
    let (first, last) = (&alerts[0], &alerts[8]);
    assert!(first.starts_with("12 accounts: feeds of accounts cannot be read (permission_lost, code 10)\n"), "{first}");
    assert!(first.contains("12 apps: w0, w1, ") && first.contains(" and 2 more."), "{first}");
    assert!(first.contains("Next step (you): Look at Meta's dashboard."), "{first}");
    assert!(alerts[1..8].iter().all(|digest| digest.starts_with("Still open: 1 incident\n")), "{alerts:#?}");
    assert!(last.starts_with("Over after 7 d 0 h: feeds of accounts are read again\n"), "{last}");
    assert!(world.stand_ins.mails().await.is_empty());
}

#[tokio::test]
async fn an_accounts_incident_is_told_if_it_lasts() {
    let world = World::start().await;
    let installs = installs(&world, 3).await;
    let (short, long) = (begin(&world, Some(&installs[0])).await, begin(&world, Some(&installs[1])).await);
    world.advance(TimeDelta::minutes(9)).await;
    end(&world, &short).await;
    find_out(&world, &long).await;
    tell(&world.ctx).await;
    assert!(world.stand_ins.alerts().await.is_empty());

    world.advance(TimeDelta::minutes(1)).await;
    tell(&world.ctx).await;
    end(&world, &long).await;
    tell(&world.ctx).await;

    let alerts = world.stand_ins.alerts().await;
    assert_eq!(alerts.len(), 2, "{alerts:#?}");
    assert!(alerts[0].starts_with("@account1: feeds of accounts cannot be read"), "{}", alerts[0]);
    assert!(alerts[1].starts_with("Over after 10 min: @account1: "), "{}", alerts[1]);
}

#[tokio::test]
async fn what_joins_another_is_told_with_it_alone() {
    let world = World::start().await;
    let installs = installs(&world, 2).await;
    let parts = [begin(&world, Some(&installs[0])).await, begin(&world, Some(&installs[1])).await];
    world.advance(TimeDelta::minutes(20)).await;
    let db = &world.ctx.db.write;
    let everybodys = begin_of(&world, "permission_lost", None).await;
    let everybodys = incident::Entity::find_by_id(&everybodys).one(db).await.expect("read").expect("a row");
    let rows = incident::Entity::find().all(db).await.expect("read");
    let rows = rows.into_iter().filter(|row| parts.contains(&row.id)).collect();
    incident::Entity::join(db, &everybodys, rows, world.ctx.now()).await.expect("joined");
    tell(&world.ctx).await;
    assert!(world.stand_ins.alerts().await.is_empty(), "it is as old as its parts, but known for no time");

    world.advance(TimeDelta::minutes(2)).await;
    tell(&world.ctx).await;

    let alerts = world.stand_ins.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    assert!(alerts[0].contains("Verdict: none yet. Unrelated accounts are refused alike"), "{}", alerts[0]);
}

#[tokio::test]
async fn many_accounts_are_told_of_in_one_message() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for install in &installs(&world, 12).await {
        ids.push(begin(&world, Some(install)).await);
    }
    world.advance(TimeDelta::minutes(20)).await;

    tell(&world.ctx).await;
    for id in &ids {
        end(&world, id).await;
    }
    tell(&world.ctx).await;
    tell(&world.ctx).await;

    let alerts = world.stand_ins.alerts().await;
    assert_eq!(alerts.len(), 2, "{alerts:#?}");
    assert!(alerts[0].starts_with("12 incidents of single accounts began\n• @"), "{}", alerts[0]);
    assert!(alerts[0].contains("… and 2 more"), "{}", alerts[0]);
    assert!(alerts[1].starts_with("12 incidents of single accounts are over\n"), "{}", alerts[1]);
}

#[tokio::test]
async fn two_workers_tell_it_once() {
    let world = World::start().await;
    begin(&world, None).await;
    world.advance(TimeDelta::minutes(2)).await;
    let slow = json!({"hang_ms": 200, "times": 1});
    world.stand_ins.fault("slow", json!({"service": "slack"}), slow).await;

    tokio::join!(tell(&world.ctx), tell(&world.ctx), tell(&world.ctx));

    assert_eq!(world.stand_ins.alerts().await.len(), 1);
}

#[tokio::test]
async fn the_turn_of_a_worker_that_died_ends_by_itself() {
    let world = World::start().await;
    begin(&world, None).await;
    world.advance(TimeDelta::minutes(2)).await;
    world.stand_ins.fault("hang", json!({"service": "slack"}), json!({"hang_ms": 600_000, "times": 1})).await;
    let dies = tokio::spawn({
        let ctx = world.ctx.clone();
        async move { TellOperator {}.perform(&ctx).await }
    });
    world.stand_ins.wait_for_call("/slack").await;
    dies.abort();
    assert!(dies.await.expect_err("killed").is_cancelled());

    tell(&world.ctx).await;
    assert!(world.stand_ins.alerts().await.is_empty(), "it may still be telling");
    world.advance(TimeDelta::minutes(5)).await;
    tell(&world.ctx).await;

    assert_eq!(world.stand_ins.alerts().await.len(), 1);
}

/// Where both are due at once, nobody knows whether incidents are looked after first.
#[tokio::test]
async fn what_was_found_out_is_told_though_nobody_has_written_it_down_yet() {
    let world = World::with_crowd(2).await;
    world.advance(TimeDelta::minutes(11)).await;
    world.stand_ins.break_accounts(graph_error(403, 10, None)).await;
    world.fetch_due().await;
    world.advance(TimeDelta::minutes(3)).await;

    tell(&world.ctx).await;

    let alerts = world.stand_ins.alerts().await;
    assert!(alerts[0].contains("Verdict: Meta refuses 2 unrelated accounts alike"), "{alerts:#?}");
}
