//! A wave of dead tokens: whether it is Meta's slip or the truth, there is one alert, and no account is called dead before
//! its own token was seen to be.

use chrono::TimeDelta;
use entities::incident::Scope;
use entities::install::Status;
use serde_json::{Value, json};

use crate::harness::World;
use crate::harness::crowd::ACCOUNTS;
use crate::harness::stand_ins::graph_error;

/// What came of a wave that passes.
#[derive(Debug)]
pub(crate) struct Wave {
    /// Messages when it began.
    pub alerts: usize,
    /// Calls that read an account, from the first refusal until it passed.
    pub calls: usize,
    /// The most calls in one minute of the recovery.
    pub most_a_minute: usize,
    /// Calls that Meta refused in the recovery.
    pub refused: usize,
    /// How many minutes the recovery took.
    pub minutes: i64,
}

/// Lives through an hour in which Meta calls all tokens dead, and is wrong.
pub(crate) async fn wave(accounts: usize) -> Wave {
    let world = World::with_crowd(accounts).await;
    world.minutes(11).await;
    world.stand_ins.forget_calls().await;
    world.stand_ins.break_accounts(graph_error(401, 190, None)).await;
    world.minutes(60).await;
    let calls = world.stand_ins.calls(ACCOUNTS).await.len();
    let alerts = world.stand_ins.alerts().await.len();
    assert!(world.installs().await.iter().all(|row| row.status == Status::Active), "no live token is called dead");
    assert_eq!(world.stand_ins.mails().await, Vec::<Value>::new());

    world.stand_ins.mend_accounts().await;
    let mended_at = world.ctx.now();
    let (mut most_a_minute, mut refused) = (0, 0);
    while world.fetched_since(mended_at).await < accounts as u64 {
        world.stand_ins.forget_calls().await;
        world.minutes(1).await;
        let calls = world.stand_ins.calls(ACCOUNTS).await;
        most_a_minute = most_a_minute.max(calls.len());
        refused += calls.iter().filter(|call| call["status"] != 200).count();
        assert!(world.ctx.now() < mended_at + TimeDelta::hours(2), "they do not come back");
    }
    let minutes = (world.ctx.now() - mended_at).num_minutes();
    Wave { alerts, calls, most_a_minute, refused, minutes }
}

#[tokio::test]
async fn metas_slip_is_one_alert_and_no_dead_account() {
    let wave = wave(60).await;

    println!("{wave:?}");
    assert_eq!(wave.alerts, 1);
    assert!(wave.calls < 60, "{wave:?}");
    assert!(wave.refused == 0 && wave.most_a_minute <= 60, "{wave:?}");
    assert!(wave.minutes <= 35, "{wave:?}");
}

#[tokio::test]
async fn tokens_that_meta_has_ended_are_confirmed_one_by_one() {
    let world = World::with_crowd(12).await;
    world.minutes(11).await;
    for number in 0..12 {
        world.stand_ins.patch(&format!("crowd_{number}"), json!({"state": "password_changed"})).await;
    }

    world.minutes(12).await;
    assert!(world.installs().await.iter().all(|row| row.status == Status::Active), "none before it was confirmed");
    world.minutes(8).await;
    let told = world.stand_ins.alerts().await;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("Verdict: ") && !told[0].contains("none yet"),
        "what a second look found is told: {told:?}"
    );
    world.minutes(112).await;

    assert!(world.installs().await.iter().all(|row| row.status == Status::Dead), "{:#?}", world.incidents().await);
    let everybodys: Vec<_> = world.incidents().await.into_iter().filter(|row| row.scope == Scope::App).collect();
    assert_eq!(everybodys.len(), 1);
    assert!(!everybodys[0].is_open());
    let alerts = world.stand_ins.alerts().await;
    assert_eq!(alerts.len(), 2, "{alerts:#?}");
}
