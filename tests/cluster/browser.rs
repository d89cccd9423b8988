//! Connecting, as a person does it, through a deployment: two APIs behind one address, workers, and a host platform that
//! signs.

use serde_json::json;

use crate::browser::connect::{LOADED, agree};
use crate::harness::Cluster;
use crate::harness::browser::Browser;
use crate::harness::token::{SECRET, sign};

#[tokio::test]
async fn a_person_connects_an_account_and_its_posts_can_be_shown() {
    let cluster = Cluster::start_with(2, 2, &[("AUTH", "signed"), ("APP_TOKEN_SECRET", SECRET)]).await;
    let browser = Browser::open(1280, 1200).await;
    let since = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let ticket = sign(&json!({"app": "w1", "user": "owner", "exp": since + 120}));

    browser.go(&format!("{}/connect?app_id=w1&user=owner&auth={ticket}", cluster.url)).await;
    browser.see("[data-user=powr_io]").await;
    browser.picture("cluster-1-dialog").await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;
    browser.see("main[data-state=done]").await;
    let shown = browser.until(LOADED).await;
    browser.picture("cluster-2-connected").await;

    let address = browser.client.current_url().await.expect("an address");
    assert!(address.as_str().starts_with(&cluster.url), "{address}");
    assert!(shown.as_u64().is_some_and(|pictures| pictures >= 3), "{shown} pictures");
    assert_eq!(cluster.stand_ins.calls("/media").await.len(), 1);
    browser.close().await;
}
