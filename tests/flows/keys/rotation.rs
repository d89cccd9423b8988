//! A rotation beside a service at work, killed in its middle and begun again.

use entities::Db;
use entities::install::{self, PAGE_TOKEN, USER_TOKEN};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio_util::sync::CancellationToken;

use super::seeds::{INSTALLS, Secrets, opened, seed};
use super::{command, count, db_of, key, ring, run};
use crate::harness::{Http, Service, within_reason};

/// Connects an account and asks for its feed, again and again; returns how often it was connected.
async fn traffic(service: &Service, user: &str, app: &str, stop: &CancellationToken) -> i32 {
    let mut connected = 0;
    while !stop.is_cancelled() {
        let run = service.exchange(user, app).await;
        let end = service.end_of(&run).await;
        assert_eq!(end["state"], "done", "{end}");
        let feed = service.ask(app, user).await;
        assert!([200, 202].contains(&feed.status), "{}", feed.text);
        assert_ne!(feed.json()["freshness"]["state"], "blocked", "{}", feed.text);
        connected += 1;
    }
    connected
}

/// Begins a rotation and kills it after its first batch. It cannot come past the row in the middle: sealing that one
/// anew would count for ever, with the write lock held.
async fn killed_in_the_middle(service: &Service, db: &Db, keyring: &str, seeded: &Secrets) {
    let middle = &seeded.keys().filter(|(column, _)| *column == USER_TOKEN.column).nth(INSTALLS / 2).expect("a row").1;
    let four = "instagram_installs a, instagram_installs b, instagram_installs c, instagram_installs d";
    let endless = format!(
        "CREATE TRIGGER endless BEFORE UPDATE OF user_token ON instagram_installs WHEN old.id = '{middle}' \
         BEGIN SELECT count(*) FROM {four}; END"
    );
    db.write.execute_unprepared(&endless).await.expect("a trigger");
    let rotation = command(service.data(), &[("KEYRING", keyring)], &["keys", "rotate"]).spawn();
    let mut rotation = rotation.expect("the binary starts");
    let mut progress = BufReader::new(rotation.stderr.take().expect("stderr")).lines();
    let line = within_reason(progress.next_line()).await.expect("read").expect("a line");
    rotation.kill().await.expect("killed");
    db.write.execute_unprepared("DROP TRIGGER endless").await.expect("dropped");

    assert!(line.starts_with("instagram_installs.user_token: 200 of 2"), "{line}");
    let done = count(db, USER_TOKEN, "new").await;
    assert!((200..=1_010).contains(&done), "{done} are under the new key");
    assert!(count(db, USER_TOKEN, "old").await >= 900 && count(db, PAGE_TOKEN, "old").await >= 1_900);
}

#[tokio::test]
async fn a_rotation_under_load_and_through_a_kill_loses_nothing() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let (old, new) = (key(folder.path(), "old").await, key(folder.path(), "new").await);
    let both = format!("{new},{old}");
    let mut service = Service::start_with(&[("KEYRING", &old)], Http::new()).await;
    let mut choices = Vec::new();
    for _ in 0..3 {
        let run = service.exchange("two_pages", "w3").await;
        choices.push((run.clone(), service.end_of(&run).await));
    }
    let db = db_of(&service).await;
    let seeded = seed(&db, &ring(&old)).await;
    service.kill().await;
    service.restart_with(&[("KEYRING", &both)]).await;

    let stop = CancellationToken::new();
    let rotate = async {
        killed_in_the_middle(&service, &db, &both, &seeded).await;
        let said = run(service.data(), &[("KEYRING", &both)], &["keys", "rotate"]).await;
        stop.cancel();
        said
    };
    let (said, powr_io, natgeo) =
        tokio::join!(rotate, traffic(&service, "powr_io", "w1", &stop), traffic(&service, "natgeo", "w2", &stop));
    let verified = run(service.data(), &[("KEYRING", &both)], &["keys", "verify"]).await;
    service.kill().await;
    service.restart_with(&[("KEYRING", &new)]).await;

    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(said.out.lines().count(), 5, "{}", said.out);
    assert!(said.out.lines().all(|line| line.ends_with(" 0 not opening")), "{}", said.out);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    assert!(verified.out.ends_with("key \"old\": nothing is sealed under it, it may be dropped\n"), "{}", verified.out);
    assert!(opened(&db, &ring(&new), &seeded).await == seeded, "every secret is what it was");
    for (account, times) in [("powr_io", powr_io), ("natgeo", natgeo)] {
        let row = install::Entity::find().filter(install::Column::InstagramAccount.eq(account)).one(&db.read).await;
        assert_eq!(row.expect("read").expect("connected").generation, times, "no exchange of {account} is lost");
    }
    for (run, end) in choices {
        let page = json!({"page_id": end["error"]["pages"][0]["id"]});
        let taken = service.http.post_json(&format!("{}/jobs/{run}/page", service.url), &page).await;
        assert_eq!((taken.status, service.end_of(&run).await["state"].as_str()), (202, Some("done")));
    }
}
