//! The demo page's tour, as a newcomer takes it: connect, publish, break Meta in five ways, press the button of a letter, move
//! the clock. All the while the posts on the page are counted, frame by frame: there are never fewer.

use reqwest::Method;
use serde_json::{Value, json};

use super::connect::agree;
use crate::harness::Service;
use crate::harness::browser::Browser;

/// Counts the posts that can be seen, at every frame from now on.
const WATCH: &str = "const feed = document.querySelector('feedkeeper-feed'); window.fewest = Infinity; \
     (function look() { \
         const posts = [...feed.shadowRoot.querySelectorAll('article')].filter(post => post.offsetHeight > 0).length; \
         window.fewest = Math.min(window.fewest, posts); \
         requestAnimationFrame(look); \
     })(); return true";
/// Whether posts are shown, and nothing that was clicked is under way.
const READY: &str = "return !!document.querySelector('.play:enabled') && !document.querySelector('.at-work') && \
     document.querySelector('#says').dataset.fewest > 0";
/// Whether no more is to be seen of a page than fits beside each other.
const FITS: &str = "return document.documentElement.scrollWidth <= innerWidth";

/// Clicks, and waits until what follows is done.
async fn play(browser: &Browser, css: &str) {
    browser.click(css).await;
    browser.until(READY).await;
}

async fn value(browser: &Browser, script: &str) -> Value {
    browser.client.execute(script, Vec::new()).await.expect("a value")
}

/// Waits until the widget says that its posts are so.
async fn widget_is(browser: &Browser, state: &str) {
    browser.until(&format!("return document.querySelector('feedkeeper-feed').dataset.state === '{state}'")).await;
}

/// What a step says of itself, and how Feedkeeper judges the feed.
async fn told(browser: &Browser, step: &str) -> (String, Value) {
    let text = value(browser, &format!("return document.querySelector('[data-step={step}] .told').textContent")).await;
    let reason = value(browser, "return document.querySelector('[data-fact=reason]').textContent").await;
    (text.as_str().unwrap_or_default().to_owned(), reason)
}

/// Agrees at the dialog that is open, and comes back to the tour.
async fn agree_and_go_back(browser: &Browser) {
    browser.click("[data-user=powr_io]").await;
    agree(browser).await;
    browser.see("main[data-state=done]").await;
    browser.click("#home").await;
    browser.until(READY).await;
    widget_is(browser, "fresh").await;
    browser.until(WATCH).await;
}

#[tokio::test]
async fn the_stand_ins_let_no_page_but_the_tour_play_with_them() {
    let service = Service::start().await;
    let door = format!("{}/_sandbox/clock", service.stand_ins.url);
    let allowed = async |origin: &str| {
        let asked = service.http.send(Method::OPTIONS, &door, &[("origin", origin)], None).await;
        let read = service.http.send(Method::GET, &door, &[("origin", origin)], None).await;
        [asked, read].map(|answer| answer.header("access-control-allow-origin").to_owned())
    };

    assert_eq!(allowed(&service.url).await, [service.url.as_str(); 2]);
    for other in ["https://shop.example", "http://127.0.0.1:1", "null"] {
        assert_eq!(allowed(other).await, [""; 2], "{other}");
    }

    // What a browser sends without asking first.
    let written = async |origin: &str| {
        let body = json!({"advance_s": 1});
        service.http.send(Method::POST, &door, &[("origin", origin)], Some(&body)).await.status
    };
    for (origin, status) in [
        ("https://shop.example", 403),
        ("null", 403),
        (service.stand_ins.url.as_str(), 200),
        (service.url.as_str(), 200),
    ] {
        assert_eq!(written(origin).await, status, "{origin}");
    }
}

#[tokio::test]
async fn a_newcomer_takes_the_whole_tour_and_the_widget_never_blanks() {
    let service = Service::start().await;
    let browser = Browser::open(1200, 1000).await;
    // By a name that is not ours, the stand-ins would not let the page play with them.
    browser.go(&service.url.replace("127.0.0.1", "localhost")).await;
    browser.see("#no-accounts").await;
    assert!(browser.client.current_url().await.expect("an address").as_str().starts_with(&service.url));
    browser.is_clean("the tour before anything is connected").await;
    browser.picture("demo-1-begin").await;

    browser.click("#connect").await;
    agree_and_go_back(&browser).await;
    browser.picture("demo-2-connected").await;

    play(&browser, "#publish button").await;
    let (text, _) = told(&browser, "publish").await;
    assert!(text.starts_with("It is on your site"), "{text}");
    let first = "return document.querySelector('feedkeeper-feed').shadowRoot.querySelector('article').textContent";
    let first = value(&browser, first).await;
    assert!(first.as_str().is_some_and(|text| text.contains("sourdough")), "{first}");

    for (fault, reason) in [
        ("down", "stale, transient"),
        ("cut", "stale, transient"),
        ("limit", "stale, rate_limited"),
        ("empty", "stale, ambiguous"),
    ] {
        play(&browser, &format!("[data-fault={fault}]")).await;
        let (text, said) = told(&browser, "break").await;
        assert_eq!(said, reason, "{fault}: {text}");
        widget_is(&browser, "stale").await;
        browser.picture(&format!("demo-3-{fault}")).await;
        play(&browser, "#mend").await;
        widget_is(&browser, "fresh").await;
        assert_eq!(
            value(&browser, "return document.activeElement.dataset.fault").await,
            "down",
            "the keyboard goes on"
        );
        assert_eq!(value(&browser, "return window.fewest").await, 6, "{fault}");
    }

    play(&browser, "[data-fault=password]").await;
    let (text, said) = told(&browser, "break").await;
    assert_eq!(said, "blocked, token_dead", "{text}");
    widget_is(&browser, "blocked").await;
    assert_eq!(value(&browser, "return window.fewest").await, 6, "password");
    browser.is_clean("the tour while something is broken").await;
    browser.picture("demo-3-password").await;
    browser.click("#renew").await;
    browser.see("main[data-state=ready]").await;
    browser.click("#connect").await;
    agree_and_go_back(&browser).await;

    for (name, dark) in [("light", false), ("dark", true)] {
        browser.hold(360, 740, dark).await;
        browser.go(&service.url).await;
        browser.until(READY).await;
        browser.until(FITS).await;
        browser.is_clean(&format!("the tour on a phone, {name}")).await;
        browser.picture(&format!("demo-4-phone-{name}")).await;
    }
    browser.hold(1200, 1000, false).await;
    browser.go(&service.url).await;
    browser.until(READY).await;
    browser.until(WATCH).await;
    play(&browser, "[data-until=warning]").await;
    widget_is(&browser, "fresh").await;
    play(&browser, "[data-until=end]").await;
    widget_is(&browser, "blocked").await;
    let subjects = "return [...document.querySelectorAll('.letters b')].map(letter => letter.textContent)";
    let subjects = value(&browser, subjects).await;
    assert_eq!(subjects.as_array().map(Vec::len), Some(3), "{subjects}");
    assert_eq!(value(&browser, "return window.fewest").await, 6, "the clock");
    browser.picture("demo-5-end").await;

    browser.close().await;
}
