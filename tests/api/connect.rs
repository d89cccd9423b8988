//! `GET /connect` and `GET /users/oauth`: the way to Meta's dialog and back.

use chrono::TimeDelta;
use reqwest::Method;

use crate::harness::{Answer, World};

/// What a browser has after `/connect`: where it is sent, and its cookie.
struct Browser {
    dialog: String,
    cookie: String,
}

impl Browser {
    async fn go(world: &World) -> Self {
        let answer = world.http.get(&format!("{}/connect?app_id=w1&user=u", world.url)).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        let cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        Self { dialog: answer.header("location").to_owned(), cookie }
    }

    /// Agrees, or not, and returns where Meta sends the browser.
    async fn consent(&self, world: &World, user: &str) -> String {
        let answer = world.http.get(&format!("{}&_user={user}", self.dialog)).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        answer.header("location").split('#').next().expect("an address").to_owned()
    }

    async fn come_back(&self, world: &World, address: &str) -> Answer {
        world.http.send(Method::GET, address, &[("cookie", &self.cookie)], None).await
    }

    fn state(&self) -> String {
        let url: url::Url = self.dialog.parse().expect("a url");
        url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned()
    }
}

#[tokio::test]
async fn a_consent_leads_to_a_page_that_shows_progress_and_then_the_account() {
    let world = World::start().await;
    let browser = Browser::go(&world).await;
    let back = browser.consent(&world, "powr_io").await;
    assert!(back.starts_with(&format!("{}/users/oauth?", world.url)), "{back}");

    let page = browser.come_back(&world, &back).await;
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
    let refused = async |browser: &Browser, address: &str| {
        let page = browser.come_back(&world, address).await;
        assert_eq!(page.status, 400, "{}", page.text);
        page.attribute("data-code")
    };
    let browser = Browser::go(&world).await;
    let back = browser.consent(&world, "powr_io").await;
    let (address, _) = back.split_once('?').expect("a query");
    let state = browser.state();

    assert_eq!(refused(&browser, &format!("{address}?code=x&state=v1.test.AAAA")).await, "state_forged");
    assert_eq!(refused(&browser, &format!("{address}?code=x")).await, "state_forged");
    assert_eq!(refused(&browser, &format!("{address}?state={state}")).await, "no_code");
    let stolen = Browser { cookie: "feedkeeper_connect_0=1".into(), dialog: String::new() };
    assert_eq!(refused(&stolen, &back).await, "state_foreign");

    assert_eq!(browser.come_back(&world, &back).await.status, 200);
    assert_eq!(refused(&browser, &back).await, "state_reused");
    world.drain().await;

    let hesitant = Browser::go(&world).await;
    let denied = format!("{address}?error=access_denied&error_reason=user_denied&state={}", hesitant.state());
    assert_eq!(refused(&hesitant, &denied).await, "denied");
    let after_all = hesitant.consent(&world, "natgeo").await;
    assert_eq!(refused(&hesitant, &after_all).await, "state_reused", "a no uses the state up too");

    let slow = Browser::go(&world).await;
    let back = slow.consent(&world, "powr_io").await;
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
async fn a_scanner_of_links_uses_nothing_up() {
    let world = World::start().await;
    let browser = Browser::go(&world).await;
    let back = browser.consent(&world, "powr_io").await;

    let scanned = world.http.send(Method::HEAD, &back, &[("cookie", &browser.cookie)], None).await;

    assert_eq!(scanned.status, 405);
    assert_eq!(browser.come_back(&world, &back).await.status, 200);
}

#[tokio::test]
async fn a_connection_that_ends_soon_is_renewed() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let fresh = Browser::go(&world).await;
    world.advance(TimeDelta::days(81)).await;

    let ending = Browser::go(&world).await;

    assert!(!fresh.dialog.contains("auth_type"), "{}", fresh.dialog);
    assert!(ending.dialog.ends_with("&auth_type=reauthorize"), "{}", ending.dialog);
}
