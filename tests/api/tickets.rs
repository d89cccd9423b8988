//! A browser at `/connect` under `AUTH=signed`: let in once, and let try again from our own pages.

use chrono::TimeDelta;
use entities::used_token;
use futures_util::future::join_all;
use queue::clock::Clock;
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use crate::harness::token::sign;
use crate::harness::{Answer, Visitor, World};

const CONNECT: &str = "/connect?app_id=w1&user=owner";

/// What the host platform signs for one click, with this many seconds to live.
fn ticket(world: &World, lives: i64) -> String {
    sign(&json!({"app": "w1", "user": "owner", "exp": world.wall.now().timestamp() + lives}))
}

async fn enter(world: &World, ticket: &str) -> Answer {
    world.http.get(&format!("{}{CONNECT}&auth={ticket}", world.url)).await
}

#[tokio::test]
async fn a_ticket_lets_in_once_however_it_is_used() {
    let world = World::signed().await;
    let ticket = ticket(&world, 60);

    let scanned = world.http.send(Method::HEAD, &format!("{}{CONNECT}&auth={ticket}", world.url), &[], None).await;
    let mistaken = enter(&world, &format!("{ticket}&auth_type=none")).await;
    let all = join_all((0..10).map(|_| enter(&world, &ticket))).await;
    let later = enter(&world, &ticket).await;

    assert_eq!((scanned.status, mistaken.status), (405, 400), "neither uses it up");
    assert_eq!(all.iter().filter(|answer| answer.status == 302).count(), 1);
    assert!(all.iter().all(|answer| answer.status == 302 || answer.code() == "token_used"));
    assert_eq!((later.status, later.code().as_str()), (401, "token_used"));
    assert!(!later.text.contains(&ticket) && !all.iter().any(|answer| answer.header("location").contains(&ticket)));
}

#[tokio::test]
async fn a_ticket_lives_five_minutes_at_most() {
    let world = World::signed().await;
    let code = async |lives| enter(&world, &ticket(&world, lives)).await.code();

    assert_eq!(code(300).await, "");
    assert_eq!(code(310).await, "token_lives_too_long");
    assert_eq!(code(86_400).await, "token_lives_too_long");
    assert_eq!(code(-10).await, "token_expired");

    let waiting = ticket(&world, 60);
    world.wall.advance(TimeDelta::seconds(70));
    assert_eq!(enter(&world, &waiting).await.code(), "token_expired");
}

#[tokio::test]
async fn a_ticket_is_not_used_up_by_what_is_the_operators_fault() {
    let world = World::signed_and(|config| config.dialog.client_id = None).await;
    let ticket = ticket(&world, 60);

    let refused = enter(&world, &ticket).await;
    let url = format!("{}{CONNECT}&auth={ticket}", world.url);
    let page = world.http.send(Method::GET, &url, &[("accept", "text/html")], None).await;

    assert_eq!((refused.status, refused.code().as_str()), (503, "app_misconfigured"));
    assert_eq!((page.status, page.attribute("data-code").as_str()), (503, "app_misconfigured"));
    assert!(page.text.contains("not set up yet"), "{}", page.text);
    assert_eq!(used_token::Entity::find().count(&world.ctx.db.read).await.expect("read"), 0);
}

#[tokio::test]
async fn a_person_with_a_used_ticket_sees_a_page() {
    let world = World::signed().await;
    let url = format!("{}{CONNECT}&auth={}", world.url, ticket(&world, 60));
    let browser = [("accept", "text/html,application/xhtml+xml")];
    world.http.send(Method::GET, &url, &browser, None).await;

    let page = world.http.send(Method::GET, &url, &browser, None).await;

    assert_eq!((page.status, page.attribute("data-code").as_str()), (401, "token_used"));
    assert!(page.text.contains("Start again from your site&#39;s settings.") && !page.text.contains("id=\"retry\""));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
}

/// Goes with the host platform's word.
async fn go(world: &World) -> Visitor {
    Visitor::of(&enter(world, &ticket(world, 60)).await)
}

/// Where a page lets one try again.
fn retry(page: &Answer) -> Option<String> {
    let address = page.text.split("id=\"retry\" href=\"").nth(1)?.split('"').next()?;
    Some(address.replace("&#38;", "&"))
}

#[tokio::test]
async fn the_browser_that_began_may_try_again_from_our_page_and_no_other() {
    let world = World::signed().await;
    let first = go(&world).await;
    let outcome = first.connect(&world, "no_pages").await;

    let own = first.get(&world, &outcome).await;
    let others = world.http.get(&outcome).await;
    let link = format!("{}{}", world.url, retry(&own).expect("a link"));
    let stolen = world.http.get(&link).await;
    let again = Visitor::of(&first.get(&world, &link).await);
    let connected = again.get(&world, &again.connect(&world, "powr_io").await).await;

    assert_eq!((own.attribute("data-code"), others.attribute("data-code")), ("no_pages".into(), "no_pages".into()));
    assert!(link.contains("/users/oauth?again=") && link.ends_with("&after=no_pages"), "{link}");
    assert_eq!(retry(&others), None);
    assert!(others.text.contains("Start again from your site&#39;s settings."), "{}", others.text);
    assert!(!others.text.contains("/connect"));
    assert_eq!((stolen.status, stolen.attribute("data-code").as_str()), (400, "again_too_late"));
    assert_eq!((stolen.header("location"), stolen.header("set-cookie"), retry(&stolen)), ("", "", None));
    assert!(again.dialog.contains("auth_type=rerequest") && again.dialog.contains("business_management"));
    assert_eq!(connected.attribute("data-state"), "done");
    assert_eq!(world.installs().await.len(), 1);
}

#[tokio::test]
async fn trying_again_ends_two_hours_after_the_hosts_word_however_often_it_is_done() {
    let world = World::signed().await;
    let first = go(&world).await;
    let outcome = first.connect(&world, "no_pages").await;
    let link = format!("{}{}", world.url, retry(&first.get(&world, &outcome).await).expect("a link"));
    world.advance(TimeDelta::minutes(110)).await;
    let second = Visitor::of(&first.get(&world, &link).await);
    let outcome = second.connect(&world, "no_pages").await;
    let link = format!("{}{}", world.url, retry(&second.get(&world, &outcome).await).expect("a link"));

    world.advance(TimeDelta::minutes(11)).await;

    assert_eq!(retry(&second.get(&world, &outcome).await), None);
    let late = second.get(&world, &link).await;
    assert_eq!((late.status, late.attribute("data-code").as_str()), (400, "again_too_late"));
}

#[tokio::test]
async fn one_word_of_the_host_is_good_for_ten_more_tries() {
    let world = World::signed().await;
    let first = go(&world).await;
    let outcome = first.connect(&world, "no_pages").await;
    let link = format!("{}{}", world.url, retry(&first.get(&world, &outcome).await).expect("a link"));

    let mut answers = Vec::new();
    for _ in 0..11 {
        // The same cookie each time, as nobody's browser keeps it.
        answers.push(first.get(&world, &link).await);
    }
    let other = Visitor::of(&enter(&world, &ticket(&world, 61)).await);
    let outcome = other.connect(&world, "no_pages").await;
    let others_link = format!("{}{}", world.url, retry(&other.get(&world, &outcome).await).expect("a link"));

    assert!(answers[..10].iter().all(|answer| answer.status == 302));
    assert_eq!((answers[10].status, answers[10].attribute("data-code").as_str()), (400, "again_too_often"));
    assert_eq!(other.get(&world, &others_link).await.status, 302, "tries are counted for each word of the host");
}

#[tokio::test]
async fn who_is_refused_at_the_door_may_try_again_in_that_browser() {
    let world = World::signed().await;
    let slow = go(&world).await;
    let state = slow.dialog.split("state=").nth(1).expect("a state").split('&').next().expect("a state").to_owned();
    let back = format!("{}/users/oauth?code=x&state={state}", world.url);
    world.advance(TimeDelta::minutes(21)).await;

    let expired = slow.get(&world, &back).await;
    let elsewhere = world.http.get(&back).await;

    assert_eq!((expired.status, expired.attribute("data-code").as_str()), (400, "state_expired"));
    assert!(retry(&expired).is_some_and(|link| link.starts_with("/users/oauth?again=")), "{}", expired.text);
    assert_eq!(retry(&elsewhere), None);
    assert!(elsewhere.text.contains("Start again from your site&#39;s settings."), "{}", elsewhere.text);
}

#[tokio::test]
async fn a_choice_that_is_not_in_the_list_begins_again_too() {
    let world = World::signed().await;
    let browser = go(&world).await;
    let outcome = browser.connect(&world, "two_pages").await;

    let own = browser.get(&world, &outcome).await;

    assert!(retry(&own).is_some_and(|link| link.ends_with("&after=choose_page")), "{}", own.text);
    assert_eq!(retry(&world.http.get(&outcome).await), None);
}
