//! `feedkeeper import`: killed in the middle and run again; run once more; run on a file that grew, and on one that changed.

use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;

use entities::{Db, app};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::run;
use crate::harness::within_reason;

const LINES: usize = 1_200;

/// What is wrong with some lines, and what is said of it.
const BAD: [(usize, &str, &str); 9] = [
    (2, r#"{"app_id": "b2", "user": "u", "feeds": ["@ok", "@../x"]}"#, "`feeds[1]`: an account name is 1 to 30"),
    (3, r#"{"app_id": "b3", "feeds": []}"#, "missing field `user`"),
    (4, "app_id,user,feeds", "The line is no JSON object."),
    (5, r#"{"app_id": "b5", "user": "u", "colour": "red"}"#, "`colour`: expected one of"),
    (499, r#"{"user": "u"}"#, "`app_id` is missing."),
    (500, r#"{"app_id": "b500", "user": "u", "owner_email": "nobody"}"#, "`owner_email` is no e-mail address."),
    (501, r#"{"app_id": "b501", "user": "u", "saved_before": null}"#, "`saved_before`: expected a boolean"),
    (1_100, r#"{"app_id": "b1100", "user": "u", "#, "EOF while parsing"),
    (1_200, r#"{"app_id": "b1200", "user": "u"} {}"#, "Something follows the JSON object."),
];

fn bad(line: usize) -> Option<&'static str> {
    BAD.iter().find(|(number, ..)| *number == line).map(|(_, text, _)| *text)
}

/// Lines as a host platform writes them; the bad ones among them, unless they were mended.
fn file(is_mended: bool) -> String {
    (1..=LINES).fold(String::new(), |mut text, line| {
        let good = json!({"app_id": format!("w{line}"), "user": "u", "app_type": "socialFeed", "feeds": ["#food"],
            "saved_before": line % 2 == 0})
        .to_string();
        let _ = writeln!(text, "{}", bad(line).filter(|_| !is_mended).unwrap_or(&good));
        text
    })
}

async fn apps(db: &Db) -> u64 {
    app::Entity::find().count(&db.read).await.expect("counted")
}

async fn row(db: &Db, app_id: &str) -> app::Model {
    app::Entity::find_by_id(app_id).one(&db.read).await.expect("read").expect("an app")
}

/// Runs an import that cannot get beyond an app, until it says how far it is; then kills it. Returns what it said.
async fn killed_before(db: &Db, app_id: &str, folder: &Path, path: &str) -> String {
    let hangs = format!(
        "CREATE TRIGGER hangs BEFORE INSERT ON apps WHEN NEW.app_id = '{app_id}' BEGIN SELECT \
         (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n); END"
    );
    db.write.execute_unprepared(&hangs).await.expect("made");
    let mut child = Command::new(env!("CARGO_BIN_EXE_feedkeeper"))
        .args(["import", path])
        .env_clear()
        .env("DATA_DIR", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
    let said = within_reason(lines.next_line()).await.expect("read").expect("how far it is");
    child.kill().await.expect("killed");
    assert!(child.wait_with_output().await.expect("ended").stdout.is_empty(), "what is bad is told at the end");
    db.write.execute_unprepared("DROP TRIGGER hangs").await.expect("dropped");
    said
}

#[tokio::test]
async fn each_good_line_is_an_app_once_and_each_bad_one_is_told_once_whatever_kills_the_import() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("apps.jsonl");
    let name = path.to_str().expect("text");
    std::fs::write(&path, file(false)).expect("written");
    assert_eq!(run(folder.path(), &["migrate"]).await.code, Some(0));
    let db = Db::connect(&format!("sqlite://{}/feedkeeper.db", folder.path().display())).await.expect("a database");
    assert_eq!(run(folder.path(), &["rollout", "set", "instagram_graph_api_migrate_apps", "all"]).await.code, Some(0));

    let said = killed_before(&db, "w700", folder.path(), name).await;
    let first = row(&db, "w1").await;
    assert_eq!((said.as_str(), apps(&db).await), ("40%: 500 lines, 6 bad", 494));

    let again = run(folder.path(), &["import", name]).await;
    assert_eq!(again.code, Some(1));
    assert!(again.err.starts_with("going on behind line 500"), "{}", again.err);
    assert!(again.err.contains("1200 lines: 1191 apps are new, 0 were known, 9 lines are bad"));
    let told: Vec<_> = again.out.lines().collect();
    assert_eq!(told.len(), BAD.len(), "{}", again.out);
    for ((line, _, says), told) in BAD.iter().zip(told) {
        assert!(told.starts_with(&format!("line {line}: ")) && told.contains(says), "{told}");
    }
    assert_eq!((apps(&db).await, row(&db, "w1").await), (1_191, first.clone()));
    let state = |row: app::Model| row.instagram_graph_api_migrated_at;
    assert_eq!(state(row(&db, "w6").await).as_deref(), Some("never"), "it was saved in the rollout, and is old");
    assert_eq!(state(first.clone()), None, "a new app never gets it");

    let nothing_new = run(folder.path(), &["import", name, "--json"]).await;
    let objects: Vec<Value> = nothing_new.objects();
    assert_eq!((nothing_new.code, objects.len()), (Some(1), BAD.len()));
    assert!(nothing_new.err.starts_with("all of it was imported before"), "{}", nothing_new.err);
    assert_eq!((&objects[0]["line"], &objects[0]["field"]), (&json!(2), &json!("feeds[1]")));
    assert_eq!((apps(&db).await, row(&db, "w1").await), (1_191, first.clone()));

    let grown = file(false) + "{\"app_id\": \"late\", \"user\": \"u\"}";
    std::fs::write(&path, grown).expect("written");
    let grown = run(folder.path(), &["import", name]).await;
    assert!(grown.err.contains("1201 lines: 1192 apps are new"), "{}", grown.err);
    assert_eq!((apps(&db).await, row(&db, "w1").await), (1_192, first.clone()));

    std::fs::write(&path, file(true)).expect("written");
    let mended = run(folder.path(), &["import", name]).await;
    assert_eq!((mended.code, mended.out.as_str()), (Some(0), ""), "{}", mended.err);
    assert!(mended.err.contains("1200 lines: 9 apps are new, 1191 were known, 0 lines are bad"));
    assert_eq!(row(&db, "w1").await, first, "what is told again and was known already changes nothing");
}

#[tokio::test]
async fn what_cannot_be_imported_is_said() {
    let folder = TempDir::new().expect("a folder");
    let none = run(folder.path(), &["import", "apps.jsonl"]).await;
    assert_eq!(run(folder.path(), &["migrate"]).await.code, Some(0));
    let missing = run(folder.path(), &["import", "/nowhere/apps.jsonl"]).await;
    let no_file = run(folder.path(), &["import", folder.path().to_str().expect("text")]).await;

    for (said, says) in [(none, "there is no database"), (missing, "cannot be read"), (no_file, "is no file")] {
        assert_eq!(said.code, Some(1));
        assert!(said.err.contains(says), "{}", said.err);
    }
}
