//! What people see in a browser: in whose language, without scripts too, and what can be sent to somebody else.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, Visitor, World};

const HTML: (&str, &str) = ("accept", "text/html,*/*");

async fn get(world: &World, path: &str, language: &str) -> Answer {
    let headers = [HTML, ("accept-language", language)];
    world.http.send(Method::GET, &format!("{}{path}", world.url), &headers, None).await
}

/// An app of an owner who reads a language, and whose sites we know.
async fn owner_reads(world: &World, language: &str) {
    let app = json!({"user": "u", "language": language, "allowed_origins": ["https://shop.example"]});
    let put = world.http.put_json(&format!("{}/v1/apps/w1", world.url), &app).await;
    assert!(put.status < 300, "{}", put.text);
}

fn speaks(page: &Answer, tag: &str) -> bool {
    page.text.contains(&format!("<html lang=\"{tag}\">")) && page.header("content-language") == tag
}

#[tokio::test]
async fn pages_speak_as_their_owner_reads_or_else_as_the_visitor_asks() {
    let world = World::start().await;
    let failed = world.connect("no_instagram", "w1").await.id;
    let progress = format!("/users/oauth?job_id={failed}");
    for path in
        [&progress, "/users/oauth?state=x", "/connect/v1.a.b", "/deletions/x", "/connect", "/x/callback?state=x"]
    {
        for tag in ["de", "en"] {
            assert!(speaks(&get(&world, path, tag).await, tag), "{path}");
        }
    }
    assert!(speaks(&get(&world, &progress, "fr").await, "en"));

    owner_reads(&world, "de-AT").await;
    let german = get(&world, &progress, "en").await;

    assert!(speaks(&german, "de") && german.attribute("data-code") == "page_without_instagram");
    for words in ["Ihre Seite hat noch kein Instagram-Konto", "Mit dieser Seite ist kein Instagram-Konto verknüpft"] {
        assert!(german.text.contains(words), "{words}: {}", german.text);
    }
    owner_reads(&world, "fr").await;
    assert!(speaks(&get(&world, &progress, "de").await, "de"), "a language that we do not write");
}

#[tokio::test]
async fn every_failure_can_be_sent_to_somebody_else_who_sees_the_same() {
    let world = World::start().await;
    for (user, code) in
        [("no_instagram", "page_without_instagram"), ("no_pages", "no_pages"), ("no_role", "account_not_allowed")]
    {
        let browser = Visitor::go(&world).await;
        let page = browser.get(&world, &browser.connect(&world, user).await).await;
        let link = page.text.split("readonly value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
        let mail = page.text.split("href=\"mailto:?").nth(1).and_then(|rest| rest.split('"').next()).expect("a mail");

        let theirs = world.http.get(link).await;

        assert!(link.starts_with(&world.url), "{link}");
        assert_eq!((page.attribute("data-code"), theirs.attribute("data-code")), (code.into(), code.into()));
        let run = link.rsplit('=').next().expect("a run");
        assert!(mail.starts_with("subject=Help%20with") && mail.contains(run), "{mail}");
    }
}

#[tokio::test]
async fn the_page_before_the_dialog_uses_the_hosts_word_up_and_goes_on_in_that_browser() {
    let world = World::signed().await;
    let (auth, bearer) = (world.token("w1", "u"), format!("Bearer {}", world.token("w1", "u")));
    let app = json!({"user": "u", "language": "de", "allowed_origins": ["https://shop.example"]});
    let url = format!("{}/v1/apps/w1", world.url);
    world.http.send(Method::PUT, &url, &[("authorization", &bearer)], Some(&app)).await;
    let enter = format!("{}/connect?app_id=w1&user=u&welcome=1&auth={auth}", world.url);

    let browser = Visitor::of(&world.http.get(&enter).await);
    let again = world.http.get(&enter).await;
    let at = format!("{}{}", world.url, browser.dialog);
    let page = browser.get(&world, &at).await;
    let stranger = world.http.get(&at).await;
    let begin = page.text.split("id=\"connect\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let begin = format!("{}{}", world.url, begin.expect("a button").replace("&#38;", "&"));
    let sent_on = browser.get(&world, &begin).await;
    let first = Visitor::of(&sent_on);
    let second = Visitor::of(&browser.get(&world, &begin).await);
    let done = second.get(&world, &second.connect(&world, "powr_io").await).await;

    assert_eq!((again.status, again.code().as_str()), (401, "token_used"));
    assert!(speaks(&page, "de") && page.text.contains("shop.example") && page.text.contains("nie Ihr Passwort"));
    assert!(!at.contains(&auth) && !page.text.contains(&auth), "the token has left the address and is on no page");
    assert_eq!((stranger.status, stranger.attribute("data-code").as_str()), (400, "again_too_late"));
    assert!(
        first.dialog.contains("/dialog/oauth?") && second.dialog.contains("/dialog/oauth?"),
        "and after a way back"
    );
    let cookies = sent_on.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    assert!(cookies.into_iter().all(|cookie| !cookie.contains("Max-Age=0")), "the browser keeps what it began with");
    assert_eq!(done.attribute("data-state"), "done");
    assert!(done.text.contains("@powr_io ist verbunden") && done.text.contains("shop.example"), "{}", done.text);
}

#[tokio::test]
async fn without_scripts_a_page_looks_again_by_itself_and_a_late_choice_is_a_page_too() {
    let world = World::start().await;
    let browser = Visitor::go(&world).await;
    let page = browser.get(&world, &browser.agree(&world, "two_pages").await).await;
    let poll = page.attribute("data-poll");
    assert!(page.text.contains(&format!("<noscript><meta http-equiv=\"refresh\" content=\"3; url={poll}\">")));
    world.drain().await;
    let asked = browser.get(&world, &format!("{}{poll}", world.url)).await;
    let chosen = asked.text.split("name=\"page_id\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let choose = format!("{}/jobs/{}/page", world.url, asked.attribute("data-job"));
    let form = [("content-type", "application/x-www-form-urlencoded"), HTML, ("accept-language", "de")];
    let body = format!("page_id={}", chosen.expect("a Page"));

    let taken = world.http.send_text(Method::POST, &choose, &form, body.clone()).await;
    let late = world.http.send_text(Method::POST, &choose, &form, body).await;

    assert!(!asked.text.contains("http-equiv") && asked.text.matches("class=\"face\"").count() == 2);
    assert_eq!(asked.text.matches("<img src=\"http").count(), 2, "each with its picture: {}", asked.text);
    assert_eq!((taken.status, taken.header("location")), (303, poll.as_str()));
    assert_eq!((late.status, late.attribute("data-code").as_str()), (409, "choice_expired"));
    assert!(speaks(&late, "de"), "{}", late.text);
}
