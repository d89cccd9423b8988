//! `GET` and `DELETE /v1/apps/{app_id}/migration`, and what saving an app makes of it.

use entities::rollout::{self, MIGRATE_APPS};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, World};

const FEEDS: [&str; 5] = ["#food", "@powr_io", "@natgeo", "@apple", "@trees"];

impl World {
    /// Says who sees the move, as an operator writes it.
    async fn set_rollout(&self, share: &str) {
        let share = share.parse().expect(share);
        rollout::Entity::set(&self.ctx.db.write, MIGRATE_APPS, share, self.ctx.now()).await.expect("written");
    }

    async fn migration(&self, app_id: &str) -> Value {
        let answer = self.http.get(&format!("{}/v1/apps/{app_id}/migration", self.url)).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text);
        answer.json()
    }

    async fn roll_back(&self, app_id: &str) -> Answer {
        self.http.send(Method::DELETE, &format!("{}/v1/apps/{app_id}/migration", self.url), &[], None).await
    }
}

/// Whether its user sees the move, whether the banner is shown, and the value.
fn state(migration: &Value) -> (bool, bool, Option<&str>) {
    let is = |name: &str| migration[name].as_bool().expect(name);
    (is("rollout"), is("show_banner"), migration["migrated_at"].as_str())
}

/// Each feed's source, and the word for what keeps it there.
fn feeds(migration: &Value) -> Vec<(&str, &str)> {
    let all = migration["feeds"].as_array().expect("feeds").iter();
    all.map(|feed| (feed["source"].as_str().expect("a source"), feed["blockers"][0]["code"].as_str().unwrap_or("")))
        .collect()
}

#[tokio::test]
async fn an_old_app_is_offered_the_move_when_it_is_saved_inside_the_rollout() {
    let world = World::start().await;
    world.save_old("w1", &FEEDS).await;
    let outside = world.migration("w1").await;
    assert_eq!(state(&outside), (false, false, None));
    assert_eq!(feeds(&outside), [("outlet", "not_offered"); 5]);

    world.set_rollout("users:somebody,owner").await;
    let not_saved = world.migration("w1").await;
    assert_eq!(state(&not_saved), (true, false, None), "it is the save that counts");
    assert_eq!(feeds(&not_saved), [("outlet", "not_saved"); 5]);

    world.save_old("w1", &FEEDS).await;
    let offered = world.migration("w1").await;
    assert_eq!(state(&offered), (true, true, Some("never")));
    assert_eq!(feeds(&offered)[..2], [("outlet", "no_account"), ("outlet", "not_connected")]);
    assert_eq!(offered["not_migrated_feeds"], json!([]));

    world.set_rollout("users:somebody").await;
    world.save_old("w1", &FEEDS).await;
    assert_eq!(state(&world.migration("w1").await), (false, false, Some("never")), "hidden, and not forgotten");
}

#[tokio::test]
async fn neither_a_new_app_nor_one_of_another_kind_is_offered_it() {
    let world = World::start().await;
    world.set_rollout("all").await;
    world.register("new", &["#food", "@powr_io"]).await;
    let body = json!({"user": "owner", "app_type": "photoGallery", "saved_before": true, "feeds": ["@powr_io"]});
    world.http.put_json(&format!("{}/v1/apps/other", world.url), &body).await;
    world.connect("powr_io", "other").await;

    let (new, other) = (world.migration("new").await, world.migration("other").await);

    assert_eq!((state(&new), feeds(&new)), ((true, false, None), vec![("graph", ""); 2]));
    assert_eq!((state(&other), feeds(&other)), ((true, false, None), vec![("outlet", "kind_takes_no_part")]));
}

#[tokio::test]
async fn a_move_is_told_feed_by_feed_follows_what_is_saved_and_is_taken_back_in_one_call() {
    let world = World::start().await;
    world.set_rollout("all").await;
    world.save_old("w1", &FEEDS).await;
    world.connect("powr_io", "w1").await;
    let moved = world.migration("w1").await;
    assert!(state(&moved).2.is_some_and(|date| date.ends_with('Z')) && !state(&moved).1, "{moved}");
    assert_eq!(moved["not_migrated_feeds"], json!(["@natgeo", "@apple", "@trees"]));
    let stays = ("outlet", "not_connected");
    assert_eq!(feeds(&moved), [("graph", ""), ("graph", ""), stays, stays, stays]);
    let blocker = &moved["feeds"][2]["blockers"][0];
    assert!(blocker["message"].as_str().is_some_and(|text| text.contains("@natgeo")), "{blocker}");

    world.save_old("w1", &["#food", "@powr_io", "@trees", "@new"]).await;
    let edited = world.migration("w1").await;
    assert_eq!(
        (&edited["migrated_at"], &edited["not_migrated_feeds"]),
        (&moved["migrated_at"], &json!(["@trees", "@new"]))
    );

    let shown = world.http.get(&(world.feed_url("w1", "#food") + "&is_settings=true")).await.json();
    assert_eq!(shown["settings"]["migration"], edited, "the settings tell the same");

    let back = world.roll_back("w1").await;
    assert_eq!((back.status, state(&back.json())), (200, (true, true, Some("never"))));
    let again = ("outlet", "not_continued");
    assert_eq!(feeds(&back.json()), [again, again, stays, stays], "its connection stays");
    assert_eq!(world.roll_back("w1").await.json(), back.json(), "twice is once");
    assert_eq!(world.installs().await.len(), 1);

    world.connect("powr_io", "w1").await;
    assert_eq!(world.migration("w1").await["not_migrated_feeds"], json!(["@trees", "@new"]), "made once more");
}

#[tokio::test]
async fn who_asks_sees_one_s_own_app_and_an_unknown_one_is_told_so() {
    let world = World::signed().await;
    let url = |app_id: &str| format!("{}/v1/apps/{app_id}/migration", world.url);
    let proof = format!("Bearer {}", world.token("w1", "owner"));
    for method in [Method::GET, Method::DELETE] {
        for (app_id, says) in [("w1", (404, "app_unknown")), ("w2", (403, "forbidden"))] {
            let headers = [("authorization", proof.as_str())];
            let answer = world.http.send(method.clone(), &url(app_id), &headers, None).await;
            assert_eq!((answer.status, answer.code().as_str()), says, "{method} {app_id}");
        }
    }
}
