//! The bad week: from one moment on, every read of an account answers `(#10) Application does not have permission for this
//! action`, though tokens and scopes are as they were; after days it passes by itself.

use chrono::TimeDelta;
use entities::diagnosis;
use entities::incident::Scope;
use serde_json::Value;

use crate::harness::World;
use crate::harness::crowd::ACCOUNTS;
use crate::harness::stand_ins::graph_error;

/// What the operator heard, and what Meta did.
#[derive(Debug)]
pub(crate) struct Week {
    /// Messages, oldest first.
    pub alerts: Vec<String>,
    /// Calls that read an account while none was answered.
    pub calls: usize,
    /// How many minutes after the end all feeds were fetched.
    pub fresh_after: i64,
}

impl Week {
    fn digests(&self) -> usize {
        self.alerts.iter().filter(|text| text.starts_with("Still open")).count()
    }

    fn first(&self) -> &str {
        &self.alerts[0]
    }
}

/// Lives through it with so many accounts, whose feeds are wanted every ten minutes.
pub(crate) async fn bad_week(accounts: usize, days: i64) -> Week {
    let world = World::with_crowd(accounts).await;
    world.minutes(11).await;
    world.stand_ins.forget_calls().await;
    world.stand_ins.break_accounts(graph_error(403, 10, None)).await;
    for _ in 0..days * 24 * 6 {
        world.advance(TimeDelta::minutes(10)).await;
        world.tick().await;
    }
    let calls = world.stand_ins.calls(ACCOUNTS).await.len();
    let tokens_are_alive =
        world.installs().await.iter().all(|install| install.status == entities::install::Status::Active);
    assert!(tokens_are_alive, "no live token is called dead");

    world.stand_ins.mend_accounts().await;
    let mended_at = world.ctx.now();
    while world.fetched_since(mended_at).await < accounts as u64 {
        world.minutes(1).await;
        assert!(world.ctx.now() < mended_at + TimeDelta::hours(2), "they do not come back");
    }
    let fresh_after = (world.ctx.now() - mended_at).num_minutes();
    world.minutes(1).await;
    assert!(world.incidents().await.iter().all(|incident| !incident.is_open()), "all is over");
    assert_eq!(world.stand_ins.mails().await, Vec::<Value>::new(), "nobody gets a mail");
    Week { alerts: world.stand_ins.alerts().await, calls, fresh_after }
}

#[tokio::test]
async fn with_many_accounts_it_is_one_incident_of_metas_side_and_two_messages() {
    let week = bad_week(30, 1).await;

    println!(
        "{} messages, {} digests, {} calls, fresh after {} minutes",
        week.alerts.len(),
        week.digests(),
        week.calls,
        week.fresh_after
    );
    assert!(week.digests() <= 1, "{:#?}", week.alerts);
    assert_eq!(week.alerts.len() - week.digests(), 2, "{:#?}", week.alerts);
    assert!(week.first().contains("30 accounts") && week.first().contains("app2"), "{}", week.first());
    assert!(week.first().contains("Facebook Login for Business"), "{}", week.first());
    assert!(week.alerts.last().is_some_and(|text| text.starts_with("Over after 1 d")), "{:#?}", week.alerts);
    assert!(week.fresh_after <= 35, "within one probe");
}

/// Each of two has one other account to be compared with, which fails too.
#[tokio::test]
async fn with_two_accounts_neither_is_told_that_it_is_alone() {
    let world = World::with_crowd(2).await;
    world.minutes(11).await;
    world.stand_ins.break_accounts(graph_error(403, 10, None)).await;

    world.minutes(20).await;

    let alerts = world.stand_ins.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    assert!(alerts[0].contains("Meta refuses 2 unrelated accounts alike"), "{}", alerts[0]);
    assert!(!alerts[0].to_lowercase().contains("one account cannot tell"), "{}", alerts[0]);
    for install in world.installs().await {
        let known = diagnosis::Entity::of_installs(&world.ctx.db.read, &[&install.id]).await.expect("read");
        let found = known[0].verdict.as_ref().map(|verdict| &verdict["word"]);
        assert_eq!(found, Some(&"login_configuration".into()), "what its owner's page is told by");
    }
}

#[tokio::test]
async fn with_one_account_it_is_said_what_was_ruled_out_and_what_one_account_cannot_tell() {
    let week = bad_week(1, 1).await;

    println!(
        "{} messages, {} digests, {} calls, fresh after {} minutes",
        week.alerts.len(),
        week.digests(),
        week.calls,
        week.fresh_after
    );
    assert!(week.digests() <= 1, "{:#?}", week.alerts);
    assert_eq!(week.alerts.len() - week.digests(), 2, "{:#?}", week.alerts);
    assert!(week.first().contains("@crowd_0") && week.first().contains("Ruled out"), "{}", week.first());
    assert!(week.fresh_after <= 35, "within one look");
}

#[tokio::test]
async fn what_does_not_read_accounts_keeps_its_times() {
    let world = World::with_crowd(5).await;
    world.register("app0", &["#food"]).await;
    world.ask("app0", "#food").await;
    world.drain().await;
    world.minutes(11).await;
    world.stand_ins.fault("accounts", serde_json::json!({"path_contains": "/media"}), graph_error(403, 10, None)).await;

    world.minutes(60).await;

    assert!(world.incidents().await.iter().any(|incident| incident.scope == Scope::App && incident.is_open()));
    let hashtag = world.feed_of("#food").await;
    assert_eq!(hashtag.failure, None);
    assert!(hashtag.fetched_at.expect("fetched") > world.ctx.now() - TimeDelta::minutes(20));
    assert_eq!(world.connect("powr_io", "w1").await.error, None, "accounts are connected all the while");
}
