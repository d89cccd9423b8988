//! The letters to owners, looked at; and their button, pressed, up to the posts that are back.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::connect::{LOADED, agree};
use crate::harness::Service;
use crate::harness::browser::Browser;

const DAY: i64 = 86_400;

/// An account that is connected for an owner of this language, and the letters that came by the time both stages were due.
async fn letters(service: &Service, language: &str) -> Vec<Value> {
    let app = json!({
        "user": "owner", "app_type": "socialFeed", "feeds": ["@powr_io"], "owner_email": "owner@shop.example",
        "language": language, "allowed_origins": ["https://shop.example", "https://blog.example"],
    });
    let put = service.http.put_json(&format!("{}/v1/apps/w1", service.url), &app).await;
    assert!(put.status < 300, "{}", put.text);
    let run = service.exchange("powr_io", "w1").await;
    assert_eq!(service.end_of(&run).await["state"], "done");
    assert_eq!(service.ask("w1", "powr_io").await.status, 202);
    service.stand_ins.advance(81 * DAY).await;
    service.stand_ins.advance(10 * DAY).await;
    let mails = service.http.get(&format!("{}/_sandbox/mails", service.stand_ins.url)).await.json();
    mails.as_array().cloned().expect("a list of mails")
}

fn text<'a>(letter: &'a Value, field: &str) -> &'a str {
    letter[field].as_str().expect("a text")
}

/// Opens a letter as a mail program shows it, and keeps a picture of it.
async fn look(letter: &Value, folder: &TempDir, browser: &Browser, name: &str) {
    let file = folder.path().join("letter.html");
    std::fs::write(&file, text(letter, "html")).expect("written");
    browser.go(&format!("file://{}", file.display())).await;
    browser.see("a.button").await;
    browser.until("return document.documentElement.scrollWidth <= window.innerWidth").await;
    browser.picture(&format!("letter-{name}")).await;
}

#[tokio::test]
async fn an_owner_presses_the_button_of_a_letter_and_the_posts_are_back() {
    let service = Service::start().await;
    let folder = TempDir::new().expect("a folder");
    let letters = letters(&service, "en").await;
    let [expiring, expired] = letters.as_slice() else { panic!("two letters: {letters:?}") };
    let browser = Browser::open(390, 844).await;
    assert!(text(expiring, "subject").contains("renew") && text(expired, "subject").contains("has ended"));

    look(expiring, &folder, &browser, "expiring-narrow").await;
    look(expired, &folder, &browser, "expired-narrow").await;
    browser.click("a.button").await;
    browser.see("main[data-state=ready]").await;
    browser.picture("letter-1-landing").await;
    browser.click("#connect").await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;
    browser.see("main[data-state=done]").await;
    browser.until(LOADED).await;
    browser.picture("letter-2-healed").await;

    look(expired, &folder, &browser, "expired-again").await;
    browser.click("a.button").await;
    browser.see("main[data-code=link_used]").await;
    browser.picture("letter-3-used").await;
    browser.close().await;
}

#[tokio::test]
async fn a_letter_is_readable_wide_and_in_the_dark_and_in_german() {
    let service = Service::start().await;
    let folder = TempDir::new().expect("a folder");
    let letters = letters(&service, "de").await;
    assert!(text(&letters[0], "subject").contains("bitte innerhalb von"), "{}", letters[0]["subject"]);

    let (wide, dark) = (Browser::open(1100, 900).await, Browser::open_dark(1100, 900).await);
    for (letter, name) in letters.iter().zip(["expiring", "expired"]) {
        look(letter, &folder, &wide, &format!("{name}-wide")).await;
        look(letter, &folder, &dark, &format!("{name}-dark")).await;
    }

    let ground = "return getComputedStyle(document.body).backgroundColor";
    assert_eq!(wide.until(ground).await, "rgb(245, 244, 240)");
    assert_eq!(dark.until(ground).await, "rgb(17, 20, 19)");
    wide.close().await;
    dark.close().await;
}
