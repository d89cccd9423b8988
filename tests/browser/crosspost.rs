//! From Instagram to X, as a person sees it: connect both, publish, and a tick later the post is there with its pictures.

use serde_json::json;

use super::connect::agree;
use crate::harness::Service;
use crate::harness::browser::Browser;

#[tokio::test]
async fn what_is_published_is_seen_on_x_with_its_pictures_within_one_tick() {
    let service = Service::start().await;
    let browser = Browser::open(1000, 1200).await;
    browser.go(&service.url).await;
    browser.click("#connect").await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;
    browser.see("main[data-state=done]").await;
    browser.go(&format!("{}/x/connect?app_id=demo&user=demo", service.url)).await;
    browser.picture("crosspost-1-consent").await;
    browser.click("[data-user=powr_io]").await;
    browser.see("main[data-state=done]").await;
    browser.picture("crosspost-2-connected").await;
    let id = async |list: &str| {
        let page = service.http.get(&format!("{}/v1/{list}", service.url)).await.json();
        page["data"][0]["id"].as_str().unwrap_or_else(|| panic!("no {list}: {page}")).to_owned()
    };
    let wish = json!({"install_id": id("installs").await, "x_account_id": id("x-accounts").await});
    let made = service.http.post_json(&format!("{}/v1/crossposts", service.url), &wish).await;
    assert_eq!(made.status, 201, "{}", made.text);
    service.stand_ins.advance(60).await;

    let album = json!({"user": "powr_io", "media_type": "CAROUSEL_ALBUM", "caption": "Fresh from the kiln: bowls, cups and one vase. 🏺", "children": 5});
    service.stand_ins.publish(&album).await;
    service.stand_ins.advance(600).await;

    browser.go(&format!("{}/x/powr_io", service.stand_ins.url)).await;
    let loaded = "const pictures = [...document.querySelectorAll('article img, .post img')]; \
         return pictures.length === 4 && pictures.every(img => img.complete && img.naturalWidth > 100)";
    browser.until(loaded).await;
    browser.picture("crosspost-3-posted").await;
    let text = browser.client.source().await.expect("the page");
    assert!(text.contains("Fresh from the kiln"), "{text}");
    browser.close().await;
}
