//! `probe_incident`.

use chrono::TimeDelta;
use entities::feed::WaitsFor;
use entities::incident::{self, Alike, Kind, Scope, Seen};

use crate::harness::World;
use crate::harness::crowd::ACCOUNTS;
use crate::harness::stand_ins::graph_error;

/// A crowd for which reading has begun to fail, and the incident of everybody's.
async fn broken(count: usize) -> World {
    let world = World::with_crowd(count).await;
    world.minutes(11).await;
    world.stand_ins.break_accounts(graph_error(403, 10, None)).await;
    world.minutes(11).await;
    let everybodys = world.incidents().await.into_iter().filter(|row| row.scope == Scope::App && row.is_open());
    assert_eq!(everybodys.count(), 1);
    world
}

#[tokio::test]
async fn while_an_incident_lasts_only_canaries_call() {
    let world = broken(40).await;
    world.minutes(60).await;
    world.stand_ins.forget_calls().await;

    world.minutes(30).await;

    let calls = world.stand_ins.calls(ACCOUNTS).await.len();
    assert!((1..=12).contains(&calls), "{calls}");
    assert!(world.feeds().await.iter().all(|feed| feed.next_fetch_at > Some(world.ctx.now())));
    let waiting = world.feeds().await.iter().filter(|feed| feed.waits_for == Some(WaitsFor::Incident)).count();
    assert!(waiting > 30, "{waiting}");
}

#[tokio::test]
async fn a_second_run_finds_nothing_to_try() {
    let world = broken(5).await;
    world.stand_ins.forget_calls().await;

    world.tick().await;
    world.tick().await;

    assert_eq!(world.stand_ins.calls(ACCOUNTS).await.len(), 0);
}

#[tokio::test]
async fn who_failed_beside_the_first_of_them_is_part_of_it_though_it_was_written_down_later() {
    let world = broken(5).await;
    let everybodys = world.incidents().await.into_iter().find(|row| row.scope == Scope::App).expect("an incident");
    let install = &world.installs().await[0].id;
    let alike = Alike { class: &everybodys.class, kind: everybodys.kind, code: everybodys.code };
    let at = everybodys.opened_at - TimeDelta::seconds(1);
    let seen = Seen { alike, subcode: None, fbtrace_id: None, at };
    incident::Entity::open(&world.ctx.db.write, Some(install), &seen, None).await.expect("written").expect("new");

    world.tick().await;

    let own = world.incidents().await.into_iter().find(|row| row.opened_at == at && row.scope == Scope::Account);
    let own = own.expect("its own incident");
    assert_eq!((own.is_open(), own.joined_id), (false, Some(everybodys.id)), "nobody is told of it apart");
}

#[tokio::test]
async fn those_who_waited_go_on_one_by_one() {
    let world = broken(40).await;
    world.stand_ins.mend_accounts().await;
    let now = world.ctx.now();
    world.minutes(31).await;

    assert_eq!(world.fetched_since(now).await, 40);
    let closed = world.incidents().await.into_iter().find(|row| row.scope == Scope::App).expect("an incident");
    let end = closed.closed_at.expect("closed");
    let feeds = world.feeds().await;
    assert!(feeds.iter().all(|feed| feed.waits_for.is_none() && feed.fetched_at >= Some(end)));
    assert!(feeds.iter().any(|feed| feed.next_fetch_at > Some(end + TimeDelta::minutes(10))));
}

#[tokio::test]
async fn canaries_that_meet_a_malformed_answer_or_a_limit_end_nothing() {
    for answer in
        [serde_json::json!({"answer": {"status": 200, "headers": {}, "body": "<html>"}}), graph_error(400, 4, None)]
    {
        let world = broken(5).await;
        world.stand_ins.break_accounts(answer).await;

        world.minutes(31).await;

        let everybodys = world.incidents().await.into_iter().find(|row| row.scope == Scope::App).expect("an incident");
        assert!(everybodys.is_open());
    }
}

#[tokio::test]
async fn an_incident_whose_accounts_are_all_gone_is_over() {
    use sea_orm::EntityTrait;
    let world = broken(5).await;
    entities::app_install::Entity::delete_many().exec(&world.ctx.db.write).await.expect("deleted");
    entities::install::Entity::delete_many().exec(&world.ctx.db.write).await.expect("deleted");

    world.minutes(31).await;

    assert!(world.incidents().await.iter().all(|row| !row.is_open()));
}

/// Of the two, one alone is as it was; the other's owner has troubles that began meanwhile.
#[tokio::test]
async fn a_canary_with_a_trouble_of_its_own_keeps_nobody_waiting() {
    let world = broken(2).await;
    let mended_at = world.ctx.now();
    world.stand_ins.mend_accounts().await;
    world.stand_ins.patch("crowd_1", serde_json::json!({"state": "app_removed"})).await;

    world.minutes(31).await;

    let everybodys = world.incidents().await.into_iter().find(|row| row.scope == Scope::App).expect("an incident");
    assert!(!everybodys.is_open(), "{everybodys:?}");
    assert!(world.feed_of("@crowd_0").await.fetched_at > Some(mended_at));
}

/// What was told to be wrong with one account ends with its connection, not with posts.
#[tokio::test]
async fn an_incident_that_ends_with_its_account_is_not_told_as_a_recovery() {
    let world = World::with_crowd(3).await;
    world.minutes(11).await;
    let one = world.installs().await.into_iter().find(|install| install.instagram_account == "crowd_1");
    let one = one.expect("an install").instagram_business_account_id;
    world.stand_ins.fault("one", serde_json::json!({"ig_user_id": one}), graph_error(400, 10, None)).await;
    world.minutes(30).await;
    assert_eq!(world.stand_ins.alerts().await.len(), 1);

    world.stand_ins.mend("one").await;
    world.stand_ins.patch("crowd_1", serde_json::json!({"state": "app_removed"})).await;
    world.minutes(60).await;

    let alerts = world.stand_ins.alerts().await;
    assert!(alerts[1].contains("not connected any more"), "{alerts:#?}");
    assert!(!alerts[1].contains("read again"), "{alerts:#?}");
}

/// Nothing counts against an account that was never answered, so there is nothing that it could be asked for free.
#[tokio::test]
async fn hashtags_that_were_never_read_are_tried_all_the_same() {
    let world = World::with_crowd(2).await;
    world.register("app0", &["#food"]).await;
    let hashtags = serde_json::json!({"path_contains": "hashtag"});
    world.stand_ins.fault("hashtags", hashtags, graph_error(403, 10, None)).await;
    world.ask("app0", "#food").await;
    world.minutes(11).await;
    let everybodys = || async { world.incidents().await.into_iter().find(|row| row.scope == Scope::App) };
    assert!(everybodys().await.is_some_and(|row| row.kind == Kind::Hashtags && row.probes > 0 && row.is_open()));

    world.stand_ins.mend("hashtags").await;
    world.minutes(65).await;

    assert!(everybodys().await.is_some_and(|row| !row.is_open()), "{:?}", everybodys().await);
    assert!(world.feed_of("#food").await.body.is_some());
}

#[tokio::test]
async fn a_limit_of_our_app_concerns_everybody_though_one_has_met_it() {
    let world = World::with_crowd(3).await;
    world.minutes(11).await;
    world.stand_ins.break_accounts(graph_error(400, 4, None)).await;

    world.minutes(13).await;

    let alerts = world.stand_ins.alerts().await;
    assert!(alerts[0].starts_with("3 accounts:"), "{alerts:#?}");
}
