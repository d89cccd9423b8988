//! Connecting fails for everybody: the operator hears of it once, and of its end.

use chrono::TimeDelta;
use entities::incident::{Kind, Scope};
use serde_json::json;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

#[tokio::test]
async fn three_who_are_refused_alike_are_an_incident_until_somebody_is_connected() {
    let world = World::start().await;
    world.stand_ins.fault("pages", json!({"path_contains": "/me/accounts"}), graph_error(400, 3, None)).await;
    for (user, app_id) in [("powr_io", "w1"), ("natgeo", "w2")] {
        world.connect(user, app_id).await;
    }
    assert_eq!(world.incidents().await.len(), 0, "two may have their own reasons");

    world.connect("powr_io", "w3").await;
    world.minutes(3).await;
    world.connect("natgeo", "w4").await;

    let incidents = world.incidents().await;
    assert_eq!(incidents.len(), 1);
    assert_eq!((incidents[0].scope, incidents[0].kind), (Scope::App, Kind::Exchange));
    assert_eq!(incidents[0].class, "app_misconfigured");
    assert_eq!(world.stand_ins.alerts().await.len(), 1);

    world.stand_ins.mend("pages").await;
    assert_eq!(world.connect("powr_io", "w1").await.error, None, "nobody was made to wait");
    world.minutes(1).await;

    assert!(!world.incidents().await[0].is_open());
    assert_eq!(world.stand_ins.alerts().await.len(), 2);
}

#[tokio::test]
async fn what_people_refuse_themselves_is_no_incident() {
    let world = World::start().await;
    for app_id in ["w1", "w2", "w3", "w4"] {
        let run = world.connect("no_pages", app_id).await;
        assert_eq!(run.error.expect("an error")["code"], "no_pages");
    }
    world.advance(TimeDelta::minutes(5)).await;
    world.tick().await;

    assert_eq!(world.incidents().await, []);
}
