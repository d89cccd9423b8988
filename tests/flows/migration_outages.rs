//! One source of a widget fails: the feeds of the other go on, its own stay as they were and say why.

use entities::incident::{self, Kind};
use queue::Job;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use worker::Context;
use worker::jobs::TellOperator;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

const FEEDS: [&str; 5] = ["#food", "@powr_io", "@natgeo", "@apple", "@trees"];
/// Of these the Graph serves the first two.
const MOVED: usize = 2;

fn freshness(shown: &[Value]) -> Vec<(&str, &str)> {
    let told = shown.iter().map(|feed| &feed["freshness"]);
    told.map(|told| (told["state"].as_str().unwrap_or_default(), told["reason"].as_str().unwrap_or_default())).collect()
}

/// An old app two feeds of which have moved, and all of which are fresh.
async fn half_moved() -> World {
    let world = World::start().await;
    world.roll_out().await;
    world.save_old("old", &FEEDS).await;
    assert_eq!(world.connect("powr_io", "old").await.error, None);
    world.drain().await;
    assert_eq!(freshness(&world.fetch_all("old", &FEEDS).await), [("fresh", ""); 5]);
    world
}

async fn tell(ctx: &Context) {
    TellOperator {}.perform(ctx).await.expect("told");
}

async fn incidents(world: &World) -> Vec<incident::Model> {
    incident::Entity::find().all(&world.ctx.db.read).await.expect("read")
}

#[tokio::test]
async fn an_outlet_that_is_down_or_answers_nonsense_harms_no_feed_that_has_moved() {
    let world = half_moved().await;
    for (fault, does) in [
        ("down", json!({"drop": true})),
        ("nonsense", json!({"answer": {"status": 200, "headers": {}, "body": "<html>sign in</html>"}})),
    ] {
        let before = world.look_at("old", &FEEDS).await;
        world.stand_ins.fault(fault, json!({"service": "outlet"}), does).await;
        world.stand_ins.forget_calls().await;

        world.live(25).await;
        let shown = world.look_at("old", &FEEDS).await;

        let told = freshness(&shown);
        assert_eq!(told[..MOVED], [("fresh", ""); MOVED], "{fault}");
        assert_eq!(told[MOVED..], [("stale", "transient"); 3], "{fault}");
        for (now, before) in shown.iter().zip(&before).skip(MOVED) {
            assert_eq!(now["data"], before["data"], "{fault}: the last good posts stay");
        }
        assert_ne!(shown[1]["freshness"]["fetched_at"], before[1]["freshness"]["fetched_at"], "{fault}");
        let calls = world.stand_ins.calls("/outlet/").await.len();
        assert!(calls <= 20, "{fault}: an outlet that is away is left alone, {calls} calls in 25 minutes");
        let open: Vec<_> = incidents(&world).await.into_iter().filter(incident::Model::is_open).collect();
        assert_eq!((open.len(), open[0].kind, open[0].class.as_str()), (1, Kind::Outlet, "transient"), "{fault}");

        tell(&world.ctx).await;
        let told = world.stand_ins.alerts().await.pop().expect("a message");
        assert!(told.starts_with("All: feeds cannot be read from the legacy outlet (transient)"), "{fault}: {told}");

        world.stand_ins.mend(fault).await;
        world.live(15).await;
        assert_eq!(freshness(&world.look_at("old", &FEEDS).await), [("fresh", ""); 5], "{fault}: and it is over");
        assert!(incidents(&world).await.iter().all(|row| !row.is_open()), "{fault}");
        tell(&world.ctx).await;
    }
}

#[tokio::test]
async fn an_outlet_that_hangs_keeps_nobody_s_hands_from_what_has_moved() {
    let world = half_moved().await;
    let before = world.look_at("old", &FEEDS).await;
    world.stand_ins.fault("slow", json!({"service": "outlet"}), json!({"hang_ms": 60_000})).await;

    world.live(14).await;
    let shown = world.look_at("old", &FEEDS).await;

    let told = freshness(&shown);
    assert_eq!((&told[..MOVED], &told[MOVED..]), (&[("fresh", ""); MOVED][..], &[("stale", "transient"); 3][..]));
    assert_ne!(shown[1]["freshness"]["fetched_at"], before[1]["freshness"]["fetched_at"]);
}

#[tokio::test]
async fn while_meta_is_down_the_outlet_s_feeds_go_on() {
    let world = half_moved().await;
    let before = world.look_at("old", &FEEDS).await;
    world.stand_ins.fault("down", json!({"service": "graph"}), graph_error(500, 2, None)).await;

    world.live(25).await;
    let shown = world.look_at("old", &FEEDS).await;

    let told = freshness(&shown);
    assert_eq!(told[..MOVED], [("stale", "transient"); MOVED]);
    assert_eq!(told[MOVED..], [("fresh", ""); 3]);
    for (now, before) in shown.iter().zip(&before).take(MOVED) {
        assert_eq!((&now["source"], &now["data"]), (&before["source"], &before["data"]));
    }
    assert_ne!(shown[4]["freshness"]["fetched_at"], before[4]["freshness"]["fetched_at"]);
}
