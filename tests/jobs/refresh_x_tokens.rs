//! `refresh_x_tokens`: whose pair is due is pushed, page by page; nothing of Instagram's is asked.

use chrono::TimeDelta;
use entities::incident::{self, Alike, Kind, Seen};
use queue::Job;
use serde_json::json;
use worker::jobs::RefreshXTokens;

use crate::harness::World;

#[tokio::test]
async fn half_a_day_in_which_instagram_is_down_costs_no_access_to_x() {
    let world = World::start().await;
    let id = world.connect_on_x("powr_io", "w1").await;
    let alike = Alike { class: "permission_lost", kind: Kind::Feeds, code: Some(10) };
    let seen = Seen { alike, subcode: None, fbtrace_id: None, at: world.ctx.now() };
    let next = Some(world.ctx.now() + TimeDelta::days(30));
    incident::Entity::open(&world.ctx.db.write, None, &seen, next).await.expect("written").expect("everybody's");
    world.stand_ins.fault("down", json!({"service": "graph"}), json!({"drop": true})).await;

    for _ in 0..12 {
        world.advance(TimeDelta::hours(1)).await;
        RefreshXTokens {}.perform(&world.ctx).await.expect("pushed");
        world.drain().await;
    }

    let account = world.x_account(&id).await;
    assert!(account.is_active() && account.access_ends_at > world.ctx.now());
    assert_eq!(account.pair_number, 1 + 12, "once an hour");
    let [family] = &world.stand_ins.families().await[..] else { panic!("one consent") };
    assert_eq!((&family["state"], &family["longest_gap_ms"]), (&json!("alive"), &json!(0)));
    assert!(world.stand_ins.calls("/v26.0").await.is_empty(), "Instagram was not asked");
}

#[tokio::test]
async fn what_is_not_due_or_asked_for_already_is_not_pushed_again() {
    let world = World::start().await;
    for number in 0..3 {
        world.connect_on_x(&format!("crowd_{number}"), "w1").await;
    }
    RefreshXTokens {}.perform(&world.ctx).await.expect("looked");
    world.drain().await;
    assert_eq!(world.stand_ins.calls("/2/oauth2/token").await.len(), 3, "those of connecting");

    world.advance(TimeDelta::minutes(61)).await;
    RefreshXTokens {}.perform(&world.ctx).await.expect("pushed");
    RefreshXTokens {}.perform(&world.ctx).await.expect("pushed before");
    world.drain().await;

    assert_eq!(world.stand_ins.calls("/2/oauth2/token").await.len(), 6, "one each");
    assert!(world.stand_ins.lost_families().await.is_empty());
}
