//! `scan_unchecked_installs`: every install is checked once a day.

use chrono::TimeDelta;
use queue::Job;
use worker::jobs::ScanUncheckedInstalls;

use crate::harness::World;

async fn asked_about(world: &World) -> usize {
    world.stand_ins.forget_calls().await;
    ScanUncheckedInstalls {}.perform(&world.ctx).await.expect("scanned");
    world.drain().await;
    world.stand_ins.calls("debug_token").await.len()
}

#[tokio::test]
async fn meta_is_asked_about_each_install_once_a_day() {
    let world = World::start().await;
    for (user, app_id) in [("powr_io", "w1"), ("natgeo", "w2")] {
        assert_eq!(world.connect(user, app_id).await.error, None);
    }
    assert_eq!(asked_about(&world).await, 0, "they were asked about when they were connected");

    world.advance(TimeDelta::hours(25)).await;

    assert_eq!(asked_about(&world).await, 2);
    assert_eq!(asked_about(&world).await, 0);
}
