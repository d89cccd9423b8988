//! Connecting, as a person does it: click, agree, watch, see the posts.

use crate::harness::Service;
use crate::harness::browser::Browser;

/// Scrolls to the first widget, and says how many pictures of its posts are in the window once all of those are loaded.
pub(crate) const LOADED: &str = "const feed = document.querySelector('feedkeeper-feed'); \
     feed.scrollIntoView({block: 'center'}); \
     const box = element => element.getBoundingClientRect(); \
     const seen = [...feed.shadowRoot.querySelectorAll('article img')].filter(img => \
         box(img).top < innerHeight && box(img).bottom > 0 && box(img).left < box(img.closest('article')).right - 1); \
     return seen.every(img => img.complete && img.naturalWidth > 100) && seen.length";

async fn connect(width: u32, height: u32, name: &str) {
    let service = Service::start().await;
    let browser = Browser::open(width, height).await;

    browser.go(&service.url).await;
    browser.see("#no-accounts").await;
    browser.picture(&format!("{name}-1-demo")).await;
    browser.click("#connect").await;
    browser.see("[data-user=powr_io]").await;
    browser.picture(&format!("{name}-2-dialog")).await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;
    browser.see("main[data-state=done]").await;
    browser.until(LOADED).await;
    browser.picture(&format!("{name}-3-connected")).await;
    let address = browser.client.current_url().await.expect("an address");
    assert!(!address.query().unwrap_or_default().contains("code="), "the code has left the address bar");
    browser.click("#home").await;
    browser.until(LOADED).await;
    browser.picture(&format!("{name}-4-widget")).await;

    let posts = "return document.querySelector('feedkeeper-feed').shadowRoot.querySelectorAll('article').length";
    assert!(browser.until(posts).await.as_u64().is_some_and(|posts| posts >= 6));
    browser.until("return document.documentElement.scrollWidth <= window.innerWidth").await;
    browser.close().await;
}

/// Where the dialog asks once more, says yes.
pub(crate) async fn agree(browser: &Browser) {
    let consent = "const yes = document.querySelector('[data-action=consent]'); if (yes) { yes.click(); return true } \
         return location.pathname === '/users/oauth'";
    browser.until(consent).await;
}

#[tokio::test]
async fn a_person_connects_an_account_and_sees_its_posts() {
    connect(1280, 1400, "wide").await;
}

#[tokio::test]
async fn a_person_does_the_same_on_a_phone() {
    connect(390, 844, "narrow").await;
}

#[tokio::test]
async fn a_person_chooses_one_of_two_pages() {
    let service = Service::start().await;
    let browser = Browser::open(1000, 900).await;

    browser.go(&service.url).await;
    browser.click("#connect").await;
    browser.click("[data-user=two_pages]").await;
    agree(&browser).await;
    browser.see("main[data-code=choose_page]").await;
    browser.picture("choose-1").await;
    browser.click("button.choice").await;

    browser.see("main[data-state=done]").await;
    browser.picture("choose-2-connected").await;
    browser.close().await;
}

#[tokio::test]
async fn a_person_who_says_no_is_told_that_this_is_fine_and_can_try_again() {
    let service = Service::start().await;
    let browser = Browser::open(1000, 900).await;

    browser.go(&service.url).await;
    browser.click("#connect").await;
    browser.click("[data-action=cancel]").await;
    browser.see("main[data-code=denied]").await;
    browser.picture("denied").await;
    browser.click("#retry").await;

    browser.see("[data-user=powr_io]").await;
    browser.close().await;
}
