//! Connecting, as a person does it, through a deployment: two APIs behind one address, workers, and a host platform that
//! signs.

use serde_json::json;

use crate::harness::browser::Browser;
use crate::harness::token::{SECRET, sign};
use crate::harness::{Cluster, Http};

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
    let consent = "const yes = document.querySelector('[data-action=consent]'); if (yes) { yes.click(); return true } \
         return location.pathname === '/users/oauth'";
    browser.until(consent).await;
    browser.see("main[data-state=done]").await;
    browser.until("return document.images.length > 0 && [...document.images].every(image => image.complete)").await;
    browser.picture("cluster-2-connected").await;

    let address = browser.client.current_url().await.expect("an address");
    assert!(address.as_str().starts_with(&cluster.url), "{address}");
    let feed = format!("{}/instagram?app_id=w1&username_or_hashtag=@powr_io", cluster.url);
    let feed = within(&cluster.http, &feed).await;
    assert!(feed["data"].as_array().is_some_and(|posts| posts.len() >= 6), "{feed}");
    browser.close().await;
}

/// The feed, as soon as it is there.
async fn within(http: &Http, url: &str) -> serde_json::Value {
    crate::harness::within_reason(async {
        loop {
            let answer = http.get(url).await;
            if answer.status == 200 {
                return answer.json();
            }
        }
    })
    .await
}
