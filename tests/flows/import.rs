//! An import writes what `PUT /v1/apps/{app_id}` would have written, page by page.

use api::{Import, ImportError};
use entities::{app, import_refusal};
use sea_orm::EntityTrait;
use serde_json::json;
use worker::migrating::Terms;

use crate::harness::World;

#[tokio::test]
async fn a_line_is_what_the_same_put_would_have_been_and_no_line_counts_twice() {
    let world = World::start().await;
    let (db, terms, now) = (&world.ctx.db, Terms::default(), world.ctx.now());
    let told = json!({"user": "ann", "feeds": ["#food"], "owner_email": "ann@shop.example", "language": "de"});
    world.http.put_json(&format!("{}/v1/apps/known", world.url), &told).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("apps.jsonl");
    let lines = [
        json!({"app_id": "known", "user": "ann", "language": null, "feeds": ["#Trees", "#trees"]}),
        json!({"app_id": "twice", "user": "bob", "owner_email": "bob@shop.example", "saved_before": true}),
        json!({"app_id": "bad", "user": "bob", "allowed_origins": ["https://shop.example/path"]}),
        json!({"app_id": "twice", "user": "bob", "feeds": ["@apple"]}),
    ];
    std::fs::write(&path, lines.map(|line| format!("{line}\r\n")).concat() + "\n").expect("written");

    let mut one = Import::open(db, &path, now).await.expect("opened");
    let mut other = Import::open(db, &path, now).await.expect("opened");
    let read = one.step(db, &terms, now).await.expect("written");
    let at_once = other.step(db, &terms, now).await;
    let end = one.step(db, &terms, now).await.expect("read");

    assert_eq!((read, end), (true, false));
    assert!(matches!(at_once, Err(ImportError::Elsewhere(_))), "{at_once:?}");
    let at = one.progress();
    assert_eq!((at.lines, at.made, at.changed, at.refused), (5, 1, 2, 1));
    let app = async |app_id: &str| app::Entity::find_by_id(app_id).one(&db.read).await.expect("read");
    let (known, twice) = (app("known").await.expect("it was there"), app("twice").await.expect("made"));
    assert_eq!((known.feeds.0, known.owner_email.as_deref()), (vec!["#trees".to_owned()], Some("ann@shop.example")));
    assert_eq!(known.language, None);
    assert_eq!((twice.feeds.0, twice.owner_email.as_deref()), (vec!["@apple".to_owned()], Some("bob@shop.example")));
    assert_eq!(app("bad").await, None);
    let progress = app::Entity::progress(&db.read).await.expect("counted");
    let counted: Vec<_> = progress.iter().map(|kind| (kind.saved_before, kind.is_offered, kind.apps)).collect();
    assert_eq!(counted, [(false, false, 1), (true, false, 1)]);
    let refused = import_refusal::Entity::page(&db.read, &at.file, 0, 10).await.expect("read");
    let [refused] = refused.as_slice() else { panic!("one line: {refused:?}") };
    assert_eq!((refused.line, refused.code.as_str()), (3, "bad_body"));
    assert!(refused.detail.starts_with("`allowed_origins[0]` is no origin"), "{}", refused.detail);
}
