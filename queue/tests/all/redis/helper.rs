//! A lane's helper, which takes turns while the pump waits for an answer.

use std::time::Duration;

use queue::{
    Lane, Options, Store,
    redis::RedisStore,
    store::{Turn, Turned},
};

use super::{prefix, server};
use crate::{
    lossy::Lossy,
    play::{Act, Play},
    world::{Running, World, in_time},
};

/// Two run, and two are claimed ahead.
const SLOTS: usize = 2;

/// The pump's, if it has claimed something.
fn is_claim_of_pump(turn: &Turn, turned: &Turned) -> bool {
    turn.worker.ends_with("-0") && !turned.claimed.is_empty()
}

/// Of the four places that there are, all but the one that the pump has.
fn is_of_helper_with_the_rest(turn: &Turn, _: &Turned) -> bool {
    turn.worker.ends_with("-1") && turn.want == 3
}

/// On one thread, so that nothing happens between the steps that are told here.
#[tokio::test]
async fn places_that_a_helper_gives_back_are_not_forgotten_by_a_pump_that_found_none() {
    let store = RedisStore::connect(&server::shared().url(), prefix()).await.unwrap();
    let lossy = Lossy::new(store.clone());
    let world = World::new(lossy.clone());
    let lanes = vec![(Lane::Default, SLOTS)];
    let options = Options { lanes, lease: Duration::from_secs(30), grace: Duration::ZERO, ..Options::default() };
    let running = Running::start(world.engine().options(options));
    for title in ["first", "second", "ahead"] {
        world.push(&Play::new(title, &[Act::Wait])).await;
    }
    world.stage.until("perform", SLOTS).await;
    in_time(async { while store.stats().await.unwrap()[Lane::Default as usize].running < 3 {} }).await;

    // The pump asks for the last place and hears nothing yet; what ends meanwhile is the helper's, and so are its places.
    let pump = lossy.keep(is_claim_of_pump);
    let helper = lossy.keep(is_of_helper_with_the_rest);
    world.push(&Play::new("long", &[Act::Hang])).await;
    pump.keeps_one().await;
    world.stage.open();
    helper.keeps_one().await;
    // The pump gets its job, and finds that there is no other place; then the helper has claimed nothing.
    pump.let_go();
    world.stage.until_performed("long").await;
    for _ in 0..100 {
        // What has ended before is news, too: the pump looks for places until it has used that up.
        tokio::task::yield_now().await;
    }
    helper.let_go();

    world.push(&Play::new("next", &[Act::Succeed])).await;
    world.stage.until_performed("next").await;
    assert!(world.stage.playing().contains(&"long".to_owned()), "it waited until something else had ended");
    running.stop().await;
}
