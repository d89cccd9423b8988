//! `feedkeeper rollout` and `feedkeeper migration`: who migrates, how far they are, and the way back.

use serde_json::json;
use tempfile::TempDir;

use super::run;

const ROLLOUT: &str = "instagram_graph_api_migrate_apps";

#[tokio::test]
async fn the_operator_lets_users_in_and_sees_how_far_their_apps_are() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("apps.jsonl");
    let app = |app_id: &str, user: &str, app_type: &str, saved_before: bool| {
        let app = json!({"app_id": app_id, "user": user, "app_type": app_type, "saved_before": saved_before});
        format!("{app}\n")
    };
    let apps = [
        app("old", "ann", "socialFeed", true),
        app("other", "bob", "socialFeed", true),
        app("new", "ann", "socialFeed", false),
        app("gallery", "ann", "photoGallery", true),
    ];
    std::fs::write(&file, apps.concat()).expect("written");
    assert_eq!(run(folder.path(), &["migrate"]).await.code, Some(0));

    let before = run(folder.path(), &["rollout", "list"]).await;
    let set = run(folder.path(), &["rollout", "set", ROLLOUT, "users:ann,carol"]).await;
    let after = run(folder.path(), &["rollout", "list"]).await;
    let imported = run(folder.path(), &["import", file.to_str().expect("text")]).await;
    let status = run(folder.path(), &["migration", "status", "--json"]).await;
    let table = run(folder.path(), &["migration", "status"]).await;

    assert_eq!(before.out, format!("{:<32}  lets in\n{ROLLOUT}  off\n", "name"), "{}", before.err);
    assert_eq!(set.out, format!("{ROLLOUT} is users:ann,carol\n"), "{}", set.err);
    assert!(after.out.ends_with("  users:ann,carol\n"), "{}", after.out);
    assert_eq!(imported.code, Some(0), "{}", imported.err);
    let expected = |kind: &str, takes_part, [new, not_offered, offered]: [i64; 3]| {
        json!({"type": kind, "takes_part": takes_part, "new": new, "not_offered": not_offered, "offered": offered,
            "moved": 0, "feeds_left": 0})
    };
    let kinds = [expected("photoGallery", false, [0, 1, 0]), expected("socialFeed", true, [1, 1, 1])];
    assert_eq!(status.objects(), kinds, "{}", status.err);
    assert!(table.out.starts_with(&format!("{ROLLOUT} is users:ann,carol\ntype ")), "{}", table.out);
    assert_eq!(table.out.lines().count(), 4);

    let not_moved = run(folder.path(), &["migration", "rollback", "old"]).await;
    let unknown = run(folder.path(), &["migration", "rollback", "nobody"]).await;
    assert_eq!((not_moved.code, unknown.code), (Some(0), Some(1)));
    assert!(not_moved.out.contains("old has not moved"), "{}", not_moved.out);
    assert!(unknown.err.contains("there is no app of this id"), "{}", unknown.err);
}

#[tokio::test]
async fn a_slip_of_the_pen_changes_no_rollout() {
    let folder = TempDir::new().expect("a folder");
    for (args, says) in [
        ([ROLLOUT, "101%"], "`off`, `all`, a share such as `25%`"),
        ([ROLLOUT, "users:"], "a list such as `users:ann,bob`"),
        (["instagram_migrate", "all"], "there is no such rollout; there is instagram_graph_api_migrate_apps"),
    ] {
        let said = run(folder.path(), &["rollout", "set", args[0], args[1]]).await;
        assert!(said.code != Some(0) && said.err.contains(says), "{args:?}: {}", said.err);
    }
}
