//! `GET /connect` and `GET /users/oauth`: the way to Meta's dialog and back.

use chrono::TimeDelta;
use reqwest::Method;

use crate::harness::{Answer, Visitor, World};

#[tokio::test]
async fn a_consent_leads_to_a_page_that_shows_progress_and_then_the_account() {
    let world = World::start().await;
    let browser = Visitor::go(&world).await;
    let back = browser.agree(&world, "powr_io").await;
    assert!(back.starts_with(&format!("{}/users/oauth?", world.url)), "{back}");

    let page = browser.get(&world, &back).await;
    let poll = format!("{}{}", world.url, page.attribute("data-poll"));
    world.drain().await;
    let outcome = world.http.get(&poll).await;

    assert_eq!((page.status, page.attribute("data-state").as_str()), (200, "queued"));
    assert_eq!((outcome.status, outcome.attribute("data-state").as_str()), (200, "done"));
    assert!(outcome.text.contains("@powr_io is connected"));
    for page in [&page, &outcome] {
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn the_cookie_is_for_scripts_and_other_sites_out_of_reach() {
    let world = World::start().await;

    let answer = world.http.get(&format!("{}/connect?app_id=w1&user=u", world.url)).await;

    let cookie = answer.header("set-cookie");
    for word in ["HttpOnly", "SameSite=Lax", "Path=/users/oauth", "Max-Age=7200"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn a_denied_forged_foreign_used_or_late_answer_is_a_page_that_says_so() {
    let world = World::start().await;
    let refused = async |browser: &Visitor, address: &str| {
        let page = browser.get(&world, address).await;
        assert_eq!(page.status, 400, "{}", page.text);
        page.attribute("data-code")
    };
    let browser = Visitor::go(&world).await;
    let back = browser.agree(&world, "powr_io").await;
    let (address, _) = back.split_once('?').expect("a query");
    let state = browser.state();

    assert_eq!(refused(&browser, &format!("{address}?code=x&state=v1.test.AAAA")).await, "state_forged");
    assert_eq!(refused(&browser, &format!("{address}?code=x")).await, "state_forged");
    assert_eq!(refused(&browser, &format!("{address}?state={state}")).await, "no_code");
    let stolen = Visitor { cookie: "feedkeeper_connect_0=1".into(), dialog: String::new() };
    assert_eq!(refused(&stolen, &back).await, "state_foreign");
    let thief = Visitor::go(&world).await;
    assert_eq!(refused(&thief, &back).await, "state_foreign", "a cookie of ours, but of another dialog");
    let half =
        Visitor { cookie: browser.cookie.replace(&browser.cookie[..28], &thief.cookie[..28]), dialog: String::new() };
    assert_eq!(refused(&half, &back).await, "state_foreign");

    assert_eq!(browser.get(&world, &back).await.status, 200);
    assert_eq!(refused(&browser, &back).await, "state_reused");
    world.drain().await;

    let hesitant = Visitor::go(&world).await;
    let denied = format!("{address}?error=access_denied&error_reason=user_denied&state={}", hesitant.state());
    assert_eq!(refused(&hesitant, &denied).await, "denied");
    let after_all = hesitant.agree(&world, "natgeo").await;
    assert_eq!(refused(&hesitant, &after_all).await, "state_reused", "a no uses the state up too");

    let slow = Visitor::go(&world).await;
    let back = slow.agree(&world, "powr_io").await;
    world.advance(TimeDelta::minutes(21)).await;
    assert_eq!(refused(&slow, &back).await, "state_expired");

    world.drain().await;
    assert_eq!(world.installs().await.len(), 1, "only the honest answer connected");
}

#[tokio::test]
async fn connect_under_another_host_name_goes_to_ours_first() {
    let world = World::start().await;
    let url = format!("{}/connect?app_id=w1&user=u", world.url);

    let answer = world.http.send(Method::GET, &url, &[("host", "evil.example")], None).await;

    assert_eq!((answer.status, answer.header("location")), (302, url.as_str()));
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"));
}

#[tokio::test]
async fn bad_input_names_the_field() {
    let world = World::start().await;
    for (query, says) in [
        ("user=u", "`app_id` is missing"),
        ("app_id=w1", "`user` is missing"),
        ("app_id=w1&user=u%00", "control characters"),
        ("app_id=w1&user=u&auth_type=none", "`auth_type`"),
    ] {
        let answer = world.http.get(&format!("{}/connect?{query}", world.url)).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text.contains(says), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_failure_at_meta_is_not_laid_at_the_persons_door() {
    let world = World::start().await;
    let browser = Visitor::go(&world).await;
    let (back, state) = (browser.agree(&world, "powr_io").await, browser.state());
    for said in [
        "error=server_error",
        "error=temporarily_unavailable&error_description=try%20later",
        "error_code=1349048&error_message=Can%27t%20load%20URL",
        "error=EAAsecret",
    ] {
        let page = browser.get(&world, &format!("{}/users/oauth?{said}&state={state}", world.url)).await;
        assert_eq!((page.status, page.attribute("data-code").as_str()), (400, "dialog_failed"), "{said}");
        assert!(!page.text.contains("did not agree") && page.text.contains("id=\"retry\""), "{}", page.text);
    }
    assert_eq!(browser.get(&world, &back).await.status, 200, "and nothing is used up");
}

#[tokio::test]
async fn a_person_who_comes_with_a_broken_link_sees_a_page() {
    let world = World::start().await;
    let browser = Visitor::go(&world).await;
    let twice = format!("/users/oauth?code=a&code=b&state={}", browser.state());
    for (path, code) in [
        (twice.as_str(), "bad_query"),
        ("/connect?user=u", "bad_parameter"),
        ("/connect?app_id=w1&app_id=w2&user=u", "bad_query"),
    ] {
        let url = format!("{}{path}", world.url);
        let page = world.http.send(Method::GET, &url, &[("accept", "text/html,*/*")], None).await;
        let problem = world.http.get(&url).await;
        assert_eq!((page.status, page.attribute("data-code").as_str()), (400, code), "{path}");
        assert_eq!((page.header("referrer-policy"), problem.code().as_str()), ("no-referrer", code), "{path}");
        assert!(code != "bad_query" || problem.text.contains("Send each parameter once"), "{}", problem.text);
    }
}

#[tokio::test]
async fn a_cookie_is_taken_back_when_it_has_served() {
    let world = World::start().await;
    let expired = |answer: &Answer, of: &Visitor| {
        let name = of.cookie.split('=').next().expect("a name").to_owned();
        let all = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        all.filter(|cookie| cookie.starts_with(&format!("{name}=;")) && cookie.contains("Max-Age=0")).count()
    };
    let first = Visitor::go(&world).await;
    let failed = first.connect(&world, "no_pages").await;

    let kept = first.get(&world, &failed).await;
    let run = failed.rsplit('=').next().expect("a run");
    let again = first.get(&world, &format!("{}/users/oauth?again={run}", world.url)).await;
    let second = Visitor::of(&again);
    let done = second.connect(&world, "powr_io").await;
    let done = second.get(&world, &done).await;

    assert_eq!((expired(&kept, &first), expired(&again, &first), expired(&done, &second)), (0, 1, 1));
    assert_eq!(done.attribute("data-state"), "done");
}

#[tokio::test]
async fn a_scanner_of_links_uses_nothing_up() {
    let world = World::start().await;
    let browser = Visitor::go(&world).await;
    let back = browser.agree(&world, "powr_io").await;

    let scanned = world.http.send(Method::HEAD, &back, &[("cookie", &browser.cookie)], None).await;

    assert_eq!(scanned.status, 405);
    assert_eq!(browser.get(&world, &back).await.status, 200);
}

#[tokio::test]
async fn a_connection_that_ends_soon_is_renewed() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let fresh = Visitor::go(&world).await;
    world.advance(TimeDelta::days(81)).await;

    let ending = Visitor::go(&world).await;

    assert!(!fresh.dialog.contains("auth_type"), "{}", fresh.dialog);
    assert!(ending.dialog.ends_with("&auth_type=reauthorize"), "{}", ending.dialog);
}
