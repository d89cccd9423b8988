//! The letters to owners, looked at; and their button, pressed, up to the posts that are back. Then the pages of those who
//! come too late, and of those who want to be forgotten.

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use super::connect::{LOADED, agree};
use crate::harness::Service;
use crate::harness::browser::Browser;

const DAY: i64 = 86_400;
/// Whether nothing is wider than the window.
const FITS: &str = "return document.documentElement.scrollWidth <= window.innerWidth";

/// An account that is connected for an owner who reads German, and the letters that came by the time both stages were due.
async fn letters(service: &Service) -> Vec<Value> {
    let app = json!({
        "user": "owner", "app_type": "socialFeed", "feeds": ["@powr_io"], "owner_email": "owner@shop.example",
        "language": "de-AT", "allowed_origins": ["https://shop.example", "https://blog.example"],
    });
    let put = service.http.put_json(&format!("{}/v1/apps/w1", service.url), &app).await;
    assert!(put.status < 300, "{}", put.text);
    let run = service.exchange("powr_io", "w1").await;
    assert_eq!(service.end_of(&run).await["state"], "done");
    assert_eq!(service.ask("w1", "powr_io").await.status, 202);
    service.stand_ins.advance(81 * DAY).await;
    service.stand_ins.advance(10 * DAY).await;
    service.stand_ins.mails().await
}

fn text<'a>(letter: &'a Value, field: &str) -> &'a str {
    letter[field].as_str().expect("a text")
}

/// Opens a letter as a mail program shows it, and keeps a picture of it.
async fn look(html: &str, folder: &TempDir, browser: &Browser, name: &str) {
    let file = folder.path().join("letter.html");
    std::fs::write(&file, html).expect("written");
    browser.go(&format!("file://{}", file.display())).await;
    browser.see("a.button").await;
    browser.until(FITS).await;
    browser.picture(&format!("letter-{name}")).await;
}

/// Sees a page, that it fits, and keeps a picture of it.
async fn see(browser: &Browser, css: &str, name: &str) {
    browser.see(css).await;
    browser.until(FITS).await;
    browser.picture(name).await;
}

#[tokio::test]
async fn an_owner_presses_the_button_of_a_letter_and_the_posts_are_back() {
    let service = Service::start().await;
    let folder = TempDir::new().expect("a folder");
    let letters = letters(&service).await;
    let [expiring, expired] = letters.as_slice() else { panic!("two letters: {letters:?}") };
    let browser = Browser::open(390, 844).await;
    assert!(text(expiring, "subject").contains("erneuern") && text(expired, "subject").contains("abgelaufen"));

    look(text(expired, "html"), &folder, &browser, "0-received").await;
    browser.click("a.button").await;
    see(&browser, "main[data-state=ready]", "letter-1-landing").await;
    browser.click("#connect").await;
    browser.click("[data-user=natgeo]").await;
    agree(&browser).await;
    see(&browser, "main[data-code=wrong_account]", "letter-2-wrong-account").await;
    browser.click("#retry").await;
    browser.click("[data-user=powr_io]").await;
    agree(&browser).await;
    see(&browser, "main[data-state=done]", "letter-3-connected").await;
    browser.until(LOADED).await;
    browser.picture("letter-4-healed").await;

    look(text(expired, "html"), &folder, &browser, "5-opened-again").await;
    browser.click("a.button").await;
    see(&browser, "main[data-code=link_used]", "letter-6-used").await;
    browser.go(&format!("{}/connect/v1.dev.AAAA", service.url)).await;
    see(&browser, "main[data-code=link_forged]", "letter-7-forged").await;
    service.stand_ins.advance(15 * DAY).await;
    look(text(expired, "html"), &folder, &browser, "8-opened-late").await;
    browser.click("a.button").await;
    see(&browser, "main[data-code=link_expired]", "letter-9-expired").await;
    browser.close().await;
}

#[tokio::test]
async fn every_letter_is_readable_on_a_phone_wide_and_in_the_dark() {
    let folder = TempDir::new().expect("a folder");
    let preview = async |args: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
        let said = command.args(["mail", "preview", "--html"]).args(args.split(' ')).output().await.expect("it runs");
        String::from_utf8(said.stdout).expect("a text")
    };
    let phone = Browser::open(390, 844).await;
    let (wide, dark) = (Browser::open(1100, 900).await, Browser::open_dark(1100, 900).await);
    for (name, args) in [
        ("expiring", "expiring"),
        ("expired", "expired"),
        ("killed", "killed --why checkpoint"),
        ("killed-de", "killed --why role_lost --language de"),
    ] {
        let html = preview(args).await;
        for (browser, how) in [(&phone, "phone"), (&wide, "wide"), (&dark, "dark")] {
            look(&html, &folder, browser, &format!("{name}-{how}")).await;
        }
    }

    let ground = "return getComputedStyle(document.body).backgroundColor";
    assert_eq!(wide.until(ground).await, "rgb(245, 244, 240)");
    assert_eq!(dark.until(ground).await, "rgb(17, 20, 19)");
    let is_wide = "const box = document.querySelector('a.button').getBoundingClientRect(); return box.width > 250";
    phone.until(is_wide).await;
    for browser in [phone, wide, dark] {
        browser.close().await;
    }
}

#[tokio::test]
async fn who_wants_to_be_forgotten_sees_when_it_was_done() {
    let service = Service::start().await;
    let run = service.exchange("powr_io", "w1").await;
    assert_eq!(service.end_of(&run).await["state"], "done");
    let browser = Browser::open(390, 844).await;

    let callback = json!({"user": "powr_io", "url": format!("{}/meta/data-deletion", service.url)});
    let sent = service.http.post_json(&format!("{}/_sandbox/callbacks", service.stand_ins.url), &callback).await;
    let body: Value = sent.json()["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).expect("JSON");
    service.stand_ins.advance(60).await;

    browser.go(text(&body, "url")).await;
    see(&browser, "main[data-state=done] #done", "deletion-done").await;
    browser.go(&format!("{}/deletions/0123456789abcdef0123456789abcdef", service.url)).await;
    see(&browser, "main[data-state=unknown]", "deletion-unknown").await;
    browser.close().await;
}
