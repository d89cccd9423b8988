//! `feedkeeper installs`: the connections by state, and which mails about their ends did not arrive.

use chrono::{TimeDelta, Utc};
use entities::Db;
use entities::email_delivery::{self, About, Stage};
use entities::install::{self, Killed};
use migration::{Migrator, MigratorTrait};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use tempfile::TempDir;

use super::run_with;
use crate::flows::expiry_scan;

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the command goes by the system's clock where there is no service")]
async fn connections_are_listed_by_state_with_the_mails_that_did_not_arrive() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("feedkeeper.db").display());
    let (db, now) = (Db::connect(&url).await.expect("a database"), Utc::now());
    Migrator::up(&db.write, None).await.expect("a schema");
    for (account, days, killed) in
        [("far", 50, None), ("near", 5, None), ("over", -1, None), ("ended", 50, Some(Killed::Checkpoint))]
    {
        let mut row = expiry_scan::install(&db, account, now).await.into_active_model();
        row.data_access_expires_at = Set(Some(now + TimeDelta::days(days)));
        row.killed = Set(killed);
        row.killed_at = Set(killed.map(|_| now));
        let install = row.update(&db.write).await.expect("written");
        if account == "near" {
            let about = About { install_id: &install.id, generation: 1, stage: Stage::Expiring };
            email_delivery::Entity::plan(&db.write, &about, "ann@example.com", None, now).await.expect("planned");
            let mail = email_delivery::Entity::about(&db.read, &about).await.expect("read").remove(0);
            email_delivery::Entity::refuse(&db.write, &mail.id, "550 nobody", now).await.expect("refused");
            install::Entity::note_mailed(&db.write, (&install.id, 1), Stage::Expiring, now).await.expect("noted");
        }
    }
    let env = [("DATABASE_URL", url.as_str())];
    let installs = async |args: &str| {
        let args: Vec<_> = std::iter::once("installs").chain(args.split_whitespace()).collect();
        run_with(folder.path(), &env, &args).await
    };

    for (state, account) in [("active", "far"), ("expiring", "near"), ("expired", "over"), ("dead", "ended")] {
        let said = installs(&format!("--json --state {state}")).await.objects();
        let shown: Vec<_> = said.iter().map(|row| (&row["instagram_account"], &row["state"])).collect();
        assert_eq!(shown, [(&json!(account), &json!(state))]);
    }
    let near = installs("--json --state expiring").await.objects().remove(0);
    let mail = json!({"stage": "expiring", "recipient": "ann@example.com", "state": "refused", "reason": "550 nobody"});
    assert_eq!(near["undelivered"], json!([mail]), "{near}");
    let table = installs("").await;
    assert_eq!(table.code, Some(0), "{}", table.err);
    for words in ["refused ann@example.com", "dead (checkpoint)", "once, ", "over"] {
        assert!(table.out.contains(words), "{words}: {}", table.out);
    }
    let first = installs("--json --limit 1").await;
    assert!(first.objects().len() == 1 && first.err.contains("--limit"), "{}", first.err);
    let unknown = installs("--state gone").await;
    assert!(unknown.code == Some(2) && unknown.err.contains("expiring"), "{}", unknown.err);
}
