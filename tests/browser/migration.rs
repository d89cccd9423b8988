//! An old widget moves off the outlet, as its owner sees it: the banner, one account, another one, and back.

use entities::{Db, app};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::connect::agree;
use crate::harness::Service;
use crate::harness::browser::Browser;

/// Where the posts that each widget shows come from, once all of them show some.
const SHOWN: &str = "const feeds = [...document.querySelectorAll('feedkeeper-feed')]; \
     return feeds.every(feed => feed.shadowRoot?.querySelector('article') && feed.dataset.state === 'fresh') && \
         feeds.length && feeds.map(feed => [feed.getAttribute('feed'), feed.dataset.source])";

/// Waits until the page shows posts of all five feeds, from these sources.
async fn shown(browser: &Browser, sources: [&str; 5]) {
    let keys = ["#food", "@powr_io", "@natgeo", "@apple", "@trees"];
    let expected: Vec<_> = keys.into_iter().zip(sources).collect();
    let told = "return [...document.querySelectorAll('.shown')].map(feed => [feed.dataset.key, feed.dataset.source])";
    assert_eq!(browser.until(told).await, json!(expected), "what the page says");
    let wait = format!("const shown = (() => {{ {SHOWN} }})(); return JSON.stringify(shown) === '{}' && shown", {
        serde_json::to_string(&expected).expect("text")
    });
    browser.until(&wait).await;
    browser.until("return document.documentElement.scrollWidth <= window.innerWidth").await;
}

async fn connect(browser: &Browser, user: &str) {
    browser.click("#connect").await;
    browser.click(&format!("[data-user={user}]")).await;
    agree(browser).await;
    browser.see("main[data-state=done]").await;
    browser.click("#home").await;
}

/// What the database says of the move.
async fn state(db: &Db) -> (Option<String>, Vec<String>) {
    let app = app::Entity::find_by_id("demo-old").one(&db.read).await.expect("read").expect("an app");
    (app.instagram_graph_api_migrated_at, app.instagram_not_migrated_feeds.0)
}

#[tokio::test]
async fn an_owner_moves_an_old_widget_account_by_account_and_takes_it_back() {
    let service = Service::start().await;
    let db = Db::connect(&format!("sqlite://{}/feedkeeper.db", service.data().display())).await.expect("a database");
    let browser = Browser::open(1280, 2500).await;
    let (graph, outlet) = ("graph", "outlet");

    browser.go(&service.url).await;
    browser.click("#old-widget").await;
    browser.see("#banner").await;
    shown(&browser, [outlet; 5]).await;
    browser.picture("moving-1-banner").await;
    assert_eq!(state(&db).await, (Some("never".to_owned()), vec![]));

    connect(&browser, "powr_io").await;
    browser.see("#moved").await;
    shown(&browser, [graph, graph, outlet, outlet, outlet]).await;
    browser.picture("moving-2-powr_io").await;
    let (moved_at, not_migrated) = state(&db).await;
    let date = moved_at.as_deref().map(chrono::DateTime::parse_from_rfc3339);
    assert!(date.is_some_and(|date| date.is_ok()), "{moved_at:?}");
    assert_eq!(not_migrated, ["@natgeo", "@apple", "@trees"]);

    connect(&browser, "natgeo").await;
    browser.see("#moved").await;
    shown(&browser, [graph, graph, graph, outlet, outlet]).await;
    browser.picture("moving-3-natgeo").await;
    assert_eq!(state(&db).await, (moved_at, vec!["@apple".to_owned(), "@trees".to_owned()]));

    let settings = service.url.clone() + "/instagram?app_id=demo-old&username_or_hashtag=@apple&is_settings=true";
    let migration: Value = service.http.get(&settings).await.json()["settings"]["migration"].clone();
    assert_eq!(
        (&migration["show_banner"], &migration["not_migrated_feeds"]),
        (&json!(false), &json!(["@apple", "@trees"]))
    );

    browser.click("#take-back").await;
    browser.see("#banner").await;
    shown(&browser, [outlet; 5]).await;
    browser.picture("moving-4-back").await;
    assert_eq!(state(&db).await, (Some("never".to_owned()), vec![]));
    browser.close().await;
}
