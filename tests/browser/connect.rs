//! Connecting, as a person does it: click, agree, watch, see the posts.

use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::browser::Browser;

/// Scrolls to the first widget, and says how many pictures of its posts are in the window once all of those are loaded.
pub(crate) const LOADED: &str = "const feed = document.querySelector('feedkeeper-feed'); \
     feed.scrollIntoView({block: 'center'}); \
     const box = element => element.getBoundingClientRect(); \
     const seen = [...feed.shadowRoot.querySelectorAll('article img')].filter(img => \
         box(img).top < innerHeight && box(img).bottom > 0 && box(img).left < box(img.closest('article')).right - 1); \
     return seen.every(img => img.complete && img.naturalWidth > 100) && seen.length";

/// Whether nothing is wider than the window.
const FITS: &str = "return document.documentElement.scrollWidth <= window.innerWidth";

/// Where the dialog asks once more, says yes.
pub(crate) async fn agree(browser: &Browser) {
    let consent = "const yes = document.querySelector('[data-action=consent]'); if (yes) { yes.click(); return true } \
         return location.pathname === '/users/oauth'";
    browser.until(consent).await;
}

/// Sees a page as it is, on a phone and on a desk, by day and by night; keeps pictures, and finds nothing to complain of.
async fn look(browser: &Browser, css: &str, name: &str) {
    browser.see(css).await;
    // Colours that change are no longer on their way.
    let still = "* { transition: none !important; animation: none !important; }";
    let still = format!(
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('{still}'); document.adoptedStyleSheets = [sheet]; return true"
    );
    browser.until(&still).await;
    for (width, dark, how) in [(1200, true, "wide-dark"), (360, true, "narrow-dark"), (360, false, "narrow")] {
        browser.hold(width, 900, dark).await;
        browser.until(FITS).await;
        browser.picture(&format!("connect-{name}-{how}")).await;
    }
    browser.is_clean(name).await;
    browser.hold(1200, 900, false).await;
    browser.picture(&format!("connect-{name}-wide")).await;
    browser.is_clean(name).await;
}

async fn text(browser: &Browser, css: &str) -> String {
    browser.see(css).await.text().await.expect("a text")
}

#[tokio::test]
async fn a_person_connects_an_account_and_sees_its_posts() {
    let service = Service::start().await;
    let browser = Browser::open(1280, 1400).await;

    browser.go(&service.url).await;
    browser.see("#no-accounts").await;
    browser.click("#connect").await;
    browser.see("[data-user=powr_io]").await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;
    browser.see("main[data-state=done]").await;
    browser.until(LOADED).await;
    look(&browser, "#connected", "connected").await;
    let address = browser.client.current_url().await.expect("an address");
    assert!(!address.query().unwrap_or_default().contains("code="), "the code has left the address bar");
    browser.click("#home").await;
    browser.until(LOADED).await;

    let posts = "return document.querySelector('feedkeeper-feed').shadowRoot.querySelectorAll('article').length";
    assert!(browser.until(posts).await.as_u64().is_some_and(|posts| posts >= 6));
    browser.until(FITS).await;
    browser.close().await;
}

#[tokio::test]
async fn a_person_who_reads_german_is_asked_first_and_connects_on_a_phone() {
    let service = Service::start().await;
    let app = json!({"user": "owner", "language": "de", "allowed_origins": ["https://laden.example"]});
    let put = service.http.put_json(&format!("{}/v1/apps/laden", service.url), &app).await;
    assert!(put.status < 300, "{}", put.text);
    let browser = Browser::open(390, 844).await;

    browser.go(&format!("{}/connect?app_id=laden&user=owner&welcome=1", service.url)).await;
    assert!(text(&browser, "#welcome").await.contains("laden.example"));
    browser.picture("connect-welcome-de-phone").await;
    browser.is_clean("the page before the dialog").await;
    browser.click("#connect").await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;
    browser.see("main[data-state=done]").await;
    browser.until(LOADED).await;
    browser.picture("connect-connected-de-phone").await;

    assert_eq!(text(&browser, "h1").await, "@powr_io ist verbunden");
    let ends = text(&browser, "#ends").await;
    let last = ends.trim_end_matches(char::is_numeric).trim_end();
    assert!(ends.contains(". ") && last.ends_with(|letter: char| letter.is_alphabetic()), "a day in words: {ends}");
    browser.until(FITS).await;
    browser.is_clean("the outcome").await;
    browser.close().await;
}

/// The Pages that somebody shares: two that will do (one with a picture that does not come), one without an account, and one
/// that the person may not use.
async fn mixed_pages(service: &Service) -> Value {
    let token = service.stand_ins.mint("two_pages").await;
    let fields = "id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}";
    let url = format!("{}/v26.0/me/accounts?fields={fields}&access_token={token}", service.stand_ins.url);
    let mut pages = service.http.get(&url).await.json()["data"].clone();
    pages[1]["instagram_business_account"]["profile_picture_url"] = json!(format!("{}/nothing", service.stand_ins.url));
    let mut not_ours = pages[0].clone();
    not_ours["id"] = json!("778");
    not_ours.as_object_mut().expect("a Page").remove("access_token");
    let bare = json!({"id": "777", "name": "Workshop", "access_token": "EAAx"});
    let all = pages.as_array().expect("Pages").iter().chain([&bare, &not_ours]).cloned();
    json!({"data": all.collect::<Vec<_>>()})
}

#[tokio::test]
async fn a_person_chooses_by_the_picture_among_pages_that_will_do_and_others_that_say_why_not() {
    let service = Service::start().await;
    let body = mixed_pages(&service).await.to_string();
    let answer = json!({"status": 200, "headers": {"content-type": "application/json"}, "body": body});
    service.stand_ins.fault("pages", json!({"path_contains": "me/accounts"}), json!({"answer": answer})).await;
    let browser = Browser::open(1000, 900).await;

    browser.go(&service.url).await;
    browser.click("#connect").await;
    browser.click("[data-user=two_pages]").await;
    agree(&browser).await;
    browser.see("main[data-code=choose_page]").await;
    let faces = "const faces = [...document.querySelectorAll('.face img')]; return faces.length === 2 && \
         faces.every(face => face.complete && face.naturalWidth > 100)";
    browser.until(faces).await;
    let missing = browser.complaints().await;
    assert!(missing.iter().all(|line| line.contains("/nothing")), "one picture does not come: {missing:?}");
    look(&browser, "#choose", "choose").await;
    assert_eq!(browser.until("return document.querySelectorAll('button.choice').length").await, 2);
    assert!(text(&browser, "[data-page='777']").await.contains("No Instagram account is linked"));
    assert!(text(&browser, "[data-page='778']").await.contains("your role on this Page"));
    browser.click("button.choice").await;

    browser.see("main[data-state=done]").await;
    browser.until(LOADED).await;
    browser.is_clean("what was chosen").await;
    browser.close().await;
}

#[tokio::test]
async fn a_person_fails_sends_the_page_to_somebody_says_no_and_tries_again_until_it_works() {
    let service = Service::start().await;
    let browser = Browser::open(1000, 900).await;

    browser.go(&service.url).await;
    browser.click("#connect").await;
    browser.click("[data-user=no_instagram]").await;
    agree(&browser).await;
    look(&browser, "main[data-code=page_without_instagram]", "failed").await;
    let link = browser.until("return document.querySelector('#link').value").await;
    browser.go(link.as_str().expect("a link")).await;
    browser.see("main[data-code=page_without_instagram]").await;
    browser.click("#retry").await;
    browser.click("[data-action=cancel]").await;
    browser.see("main[data-code=denied]").await;
    // That it was answered with a 400 is all that the console says.
    assert!(browser.complaints().await.iter().all(|line| line.contains("400")));
    assert_eq!(browser.barriers().await, [""; 0]);
    browser.picture("connect-denied").await;
    browser.click("#retry").await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;

    browser.see("main[data-state=done]").await;
    browser.close().await;
}
