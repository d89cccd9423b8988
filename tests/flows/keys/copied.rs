//! A secret that somebody copied to another row or column.

use std::fs;

use entities::install::{self, PAGE_TOKEN};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::{count, db_of, key, run};
use crate::harness::Service;

#[tokio::test]
async fn a_copied_secret_is_named_by_verify_and_left_alone_by_rotate() {
    let service = Service::start().await;
    for user in ["powr_io", "natgeo", "two_pages"] {
        let run_id = service.exchange(user, "w1").await;
        service.end_of(&run_id).await;
    }
    let db = db_of(&service).await;
    let rows = install::Entity::find().all(&db.read).await.expect("read");
    let id = |account: &str| rows.iter().find(|row| row.instagram_account == account).expect("connected").id.clone();
    let (from, to) = (id("powr_io"), id("natgeo"));
    let copy = format!("(SELECT page_token FROM instagram_installs WHERE id = '{from}')");
    for statement in [
        format!("UPDATE instagram_installs SET user_token = {copy} WHERE id = '{from}'"),
        format!("UPDATE instagram_installs SET page_token = {copy} WHERE id = '{to}'"),
        format!("UPDATE job_runs SET input = {copy} WHERE input IS NOT NULL"),
    ] {
        db.write.execute_unprepared(&statement).await.expect("copied");
    }
    let pending = service.ask("w1", "natgeo").await;
    let fetch = service.end_of(pending.json()["job_id"].as_str().expect("a run")).await;
    let log = fs::read_to_string(service.data().join("log")).expect("a log");
    let new = key(service.data(), "new").await;
    let right = fs::read_to_string(service.data().join("keyring")).expect("the ring");

    let verified = run(service.data(), &[], &["keys", "verify"]).await;
    let rotated = run(service.data(), &[("KEYRING", &format!("{new},{right}"))], &["keys", "rotate"]).await;

    assert_eq!((fetch["state"].as_str(), fetch["error"]["class"].as_str()), (Some("failed"), Some("token_dead")));
    let said =
        log.lines().find(|line| line.contains(" ERROR ") && line.contains(&to)).expect("a line with the install");
    assert!(said.contains("the sealed text does not open here") && !said.contains("v1.dev"), "{said}");
    assert_eq!((verified.code, rotated.code), (Some(1), Some(1)), "{}{}", verified.err, rotated.err);
    for said in [&verified.out, &rotated.out] {
        for place in
            [format!("user_token of row {from}"), format!("page_token of row {to}"), "input of row ".to_owned()]
        {
            assert!(said.lines().any(|line| line.starts_with("not opening: ") && line.contains(&place)), "{said}");
        }
    }
    assert!(verified.err.contains("3 secrets do not open") && rotated.err.contains("3 secrets do not open"));
    assert_eq!((count(&db, PAGE_TOKEN, "new").await, count(&db, PAGE_TOKEN, "dev").await), (1, 1));
}
