//! What fails for one account of many is that account's: the others do not notice.

use chrono::TimeDelta;
use entities::incident::Scope;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use worker::incidents::suppresses_mails;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

const ACCOUNTS: usize = 20;

#[tokio::test]
async fn the_same_error_on_one_account_of_many_concerns_that_one_alone() {
    let world = World::with_crowd(ACCOUNTS).await;
    let account = world.installs().await.into_iter().find(|row| row.instagram_account == "crowd_7").expect("connected");
    let its = json!({"path_contains": &account.instagram_business_account_id});
    world.stand_ins.fault("one", its, graph_error(403, 10, None)).await;
    let broken_at = world.ctx.now();

    world.minutes(45).await;

    let incidents = world.incidents().await;
    assert_eq!(incidents.len(), 1, "{incidents:#?}");
    assert_eq!((incidents[0].scope, incidents[0].install_id.as_deref()), (Scope::Account, Some(account.id.as_str())));
    assert_eq!(world.fetched_since(broken_at + TimeDelta::minutes(30)).await, ACCOUNTS as u64 - 1);
    assert_eq!(world.stand_ins.alerts().await.len(), 1);
    for install in world.installs().await {
        let is_its = install.id == account.id;
        assert_eq!(suppresses_mails(&world.ctx.db.read, &install.id).await.expect("read"), is_its, "{install:?}");
    }

    world.stand_ins.mend("one").await;
    world.minutes(35).await;

    assert_eq!(world.fresh().await, ACCOUNTS as u64);
    assert!(!world.incidents().await[0].is_open());
    assert_eq!(world.stand_ins.alerts().await.len(), 2);
}

#[tokio::test]
async fn accounts_of_one_person_are_no_crowd() {
    let world = World::with_crowd(ACCOUNTS).await;
    let related: Vec<_> = world.installs().await.into_iter().take(4).collect();
    for install in &related {
        let mut row = install.clone().into_active_model();
        row.facebook_user_id = Set(Some("1".into()));
        row.update(&world.ctx.db.write).await.expect("written");
        let its = json!({"path_contains": &install.instagram_business_account_id});
        world.stand_ins.fault(&install.instagram_account, its, graph_error(403, 10, None)).await;
    }

    world.minutes(40).await;

    let incidents = world.incidents().await;
    assert_eq!(incidents.len(), related.len());
    assert!(incidents.iter().all(|incident| incident.scope == Scope::Account && incident.is_open()));
}

#[tokio::test]
async fn where_a_part_fails_those_who_succeed_go_on() {
    let world = World::with_crowd(ACCOUNTS).await;
    for install in world.installs().await.iter().take(5) {
        let its = json!({"path_contains": &install.instagram_business_account_id});
        world.stand_ins.fault(&install.instagram_account, its, graph_error(403, 10, None)).await;
    }
    let broken_at = world.ctx.now();

    world.minutes(90).await;

    let open: Vec<_> = world.incidents().await.into_iter().filter(entities::incident::Model::is_open).collect();
    assert_eq!(open.len(), 1, "{open:#?}");
    assert_eq!(open[0].scope, Scope::App);
    assert_eq!(world.fetched_since(broken_at + TimeDelta::minutes(70)).await, ACCOUNTS as u64 - 5);
}

#[tokio::test]
async fn what_began_at_other_times_is_no_wave() {
    let world = World::with_crowd(ACCOUNTS).await;
    for install in world.installs().await.iter().take(5) {
        let its = json!({"path_contains": &install.instagram_business_account_id});
        world.stand_ins.fault(&install.instagram_account, its, graph_error(403, 10, None)).await;
        world.advance(TimeDelta::minutes(61)).await;
        world.tick().await;
    }

    let incidents = world.incidents().await;
    assert_eq!(incidents.len(), 5);
    assert!(incidents.iter().all(|incident| incident.scope == Scope::Account && incident.is_open()));
}
