//! The stand-in's own page: what comes is seen, and a click breaks and mends.

use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::browser::Browser;
use crate::harness::stand_ins::StandIns;

/// The newest call that the page shows, in words.
const NEWEST: &str = "const row = document.querySelector('#calls li:not(.none)'); \
     return row && ['.line', '.who', '.status'].map(part => row.querySelector(part)?.textContent).join(' ')";

#[tokio::test]
async fn a_developer_sees_the_calls_as_they_come_and_breaks_meta_with_a_click() {
    let (folder, stop) = (TempDir::new().expect("a folder"), CancellationToken::new());
    let _stopped = stop.clone().drop_guard();
    let stand_ins = StandIns::serve(folder.path(), Arc::new(|_| Box::pin(async {})), &stop).await;
    let media = |account: &str, token: &str| format!("{}/v26.0/{account}/media?access_token={token}", stand_ins.url);
    let powr = media("17841405822304914", &stand_ins.mint("powr_io").await);
    let natgeo = media("17841400573960012", &stand_ins.mint("natgeo").await);
    let browser = Browser::open(1360, 1000).await;
    browser.go(&stand_ins.url).await;
    browser.see("#live[data-on]").await;

    stand_ins.http.get(&powr).await;
    let seen = "GET /v26.0/17841405822304914/media graph · @powr_io 200";
    browser.until(&format!("{NEWEST} === '{seen}'")).await;

    browser.until("const whom = document.querySelector('#whom'); whom.value = '17841400573960012'; return true").await;
    browser.click("[data-name=denied]").await;
    browser.see("[data-name=denied][aria-pressed=true]").await;
    assert_eq!(stand_ins.http.get(&natgeo).await.json()["error"]["code"], json!(10));
    assert_eq!(stand_ins.http.get(&powr).await.status, 200, "whom it was not meant for");
    browser.click("[data-user=two_pages] [data-post]").await;
    browser.until("return document.querySelector('.toast').textContent.startsWith('two_pages has posted 179')").await;
    let say = "const state = document.querySelector('[data-user=natgeo] [data-state]'); state.value = 'password_changed'; \
         state.dispatchEvent(new Event('change')); return true";
    browser.until(say).await;
    browser.see("[data-user=natgeo].troubled").await;
    browser.click("[data-advance='864000']").await;
    browser.until("return document.querySelector('#ahead').textContent.startsWith('10 d ahead')").await;
    for (width, dark) in [(1360, false), (390, true)] {
        browser.hold(width, 1000, dark).await;
        browser.until("return document.documentElement.scrollWidth <= window.innerWidth").await;
        browser.is_clean("the stand-in").await;
        browser.picture(&format!("sandbox-{width}")).await;
    }

    browser.click("#all-off").await;
    browser.see("[data-name=denied][aria-pressed=false]").await;
    browser.see("#on[hidden]").await;
    assert_eq!(
        stand_ins.http.get(&natgeo).await.json()["error"]["error_subcode"],
        json!(460),
        "what has happened stays"
    );
    browser.close().await;
}
