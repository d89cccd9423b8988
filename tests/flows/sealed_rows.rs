//! What is sealed in a row is re-sealed beside those who write it, and serves that row alone.

use chrono::TimeDelta;
use entities::install::{self, PAGE_TOKEN};
use entities::job_run::{self, INPUT, State};
use entities::seal::{Keyring, SealError, Sealed};
use queue::Job;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use worker::jobs::ExchangeToken;

use crate::harness::World;

/// By then it is looked again whether a missing key was put back.
const KEY_IS_BACK: TimeDelta = TimeDelta::minutes(10);

fn key(id: &str) -> String {
    Keyring::generate(id).expose_secret().to_owned()
}

fn ring(keys: &[&str]) -> Keyring {
    Keyring::parse(&keys.join(",").into()).expect("keys")
}

async fn put(world: &World, id: &str, ring: &Keyring, token: &str) {
    let sealed = ring.seal(PAGE_TOKEN.place(id), &token.to_owned().into());
    put_text(world, id, Expr::value(sealed)).await;
}

/// Replaces a run's input.
async fn put_input(world: &World, run_id: &str, input: &Sealed) {
    let update = job_run::Entity::update_many().col_expr(job_run::Column::Input, Expr::value(input.clone()));
    update.filter(job_run::Column::Id.eq(run_id)).exec(&world.ctx.db.write).await.expect("written");
}

async fn put_text(world: &World, id: &str, text: Expr) {
    let update = install::Entity::update_many().col_expr(install::Column::PageToken, text);
    update.filter(install::Column::Id.eq(id)).exec(&world.ctx.db.write).await.expect("written");
}

/// The install of an account, which somebody has connected.
async fn install_of(world: &World, account: &str) -> install::Model {
    let found = world.installs().await.into_iter().find(|row| row.instagram_account == account);
    found.expect("connected")
}

fn shown(feed: &Value) -> (&str, &str) {
    let text = |field: &str| feed["freshness"][field].as_str().unwrap_or_default();
    (text("state"), text("reason"))
}

#[tokio::test]
async fn of_a_writer_and_a_rotation_at_once_the_writer_wins() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let id = install_of(&world, "powr_io").await.id;
    let (old, new) = (key("old"), key("new"));
    let (before, both) = (ring(&[&old]), ring(&[&new, &old]));
    for round in 0..50 {
        put(&world, &id, &before, "the token that was").await;
        let newer = format!("token {round}");

        let (batch, ()) =
            tokio::join!(PAGE_TOKEN.reseal(&world.ctx.db, &both, None, 200), put(&world, &id, &before, &newer));

        batch.expect("done");
        let text = install_of(&world, "powr_io").await.page_token.expect("a token");
        let token: SecretString = both.open(PAGE_TOKEN.place(&id), &text).expect("it opens");
        assert_eq!(token.expose_secret(), newer, "what was written is not undone");
    }
}

#[tokio::test]
async fn a_token_that_was_copied_from_another_install_is_not_used() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.connect("natgeo", "w1").await;
    let (from, to) = (install_of(&world, "powr_io").await, install_of(&world, "natgeo").await);
    put_text(&world, &to.id, Expr::value(from.page_token.clone())).await;

    let pending = world.ask("w1", "@natgeo").await;
    world.drain().await;

    let run = world.run(pending.json()["job_id"].as_str().expect("an id")).await;
    assert_eq!(run.error.expect("an error")["class"], "token_dead");
    assert_eq!(shown(&world.ask("w1", "@natgeo").await.json()), ("blocked", "token_dead"));
    assert!(world.stand_ins.calls("/media").await.is_empty(), "Meta was not asked with it");
    let page = PAGE_TOKEN.verify(&world.ctx.db.read, &world.ctx.keyring, None, 10).await.expect("read");
    let closed: Vec<_> = page.expect("a page").closed.into_iter().map(|closed| (closed.row, closed.why)).collect();
    assert_eq!(closed, [(to.id, SealError::DoesNotOpen)]);

    world.connect("natgeo", "w1").await;
    world.push_feed().await;
    world.drain().await;
    assert_eq!(shown(&world.ask("w1", "@natgeo").await.json()), ("fresh", ""), "connecting anew mends it");
}

#[tokio::test]
async fn a_hashtag_is_fetched_with_an_account_whose_token_opens() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.connect("natgeo", "w1").await;
    world.register("w1", &["#food"]).await;
    world.ask("w1", "#food").await;
    let (one, other) = (install_of(&world, "powr_io").await, install_of(&world, "natgeo").await);
    world.drain().await;

    for (damaged, whole) in [(&one, &other), (&other, &one)] {
        put_text(&world, &damaged.id, Expr::value(whole.page_token.clone())).await;
        put_text(&world, &whole.id, Expr::value(whole.page_token.clone())).await;
        // Whoever was refused is asked again after an hour.
        world.advance(TimeDelta::minutes(61)).await;
        world.push_feed().await;
        world.drain().await;
        assert_eq!(shown(&world.ask("w1", "#food").await.json()), ("fresh", ""));
    }
    put_text(&world, &one.id, Expr::value(other.page_token.clone())).await;
    world.advance(TimeDelta::minutes(61)).await;
    world.push_feed().await;
    world.drain().await;
    assert_eq!(shown(&world.ask("w1", "#food").await.json()).1, "token_dead", "nobody is left");
}

#[tokio::test]
async fn a_fetch_waits_for_a_key_that_is_missing() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let install = install_of(&world, "powr_io").await;
    put(&world, &install.id, &ring(&[&key("newer")]), "a token").await;
    let pending = world.ask("w1", "@powr_io").await;
    world.drain().await;
    put_text(&world, &install.id, Expr::value(install.page_token)).await;

    world.advance(KEY_IS_BACK).await;
    world.drain().await;

    assert_eq!(shown(&world.ask("w1", "@powr_io").await.json()), ("fresh", ""));
    assert!(world.run(pending.json()["job_id"].as_str().expect("an id")).await.result.is_some());
}

#[tokio::test]
async fn an_exchange_waits_for_a_missing_key_and_burns_no_attempt() {
    let world = World::start().await;
    let run_id = world.start_exchange("powr_io", "w1").await;
    let input = world.run(&run_id).await.input.expect("an input");
    let newer = ring(&[&key("newer")]).seal(INPUT.place(&run_id), &"an input".to_owned().into());
    put_input(&world, &run_id, &newer).await;
    for _ in 0..ExchangeToken::ATTEMPTS {
        world.drain().await;
        world.advance(KEY_IS_BACK).await;
    }
    let waiting = world.run(&run_id).await;
    put_input(&world, &run_id, &input).await;

    world.drain().await;

    let end = world.run(&run_id).await;
    assert_eq!((waiting.state, waiting.input.as_ref()), (State::Pending, Some(&newer)), "nothing was wiped");
    assert_eq!((end.state, end.attempts, end.error), (State::Done, 1, None));
}

#[tokio::test]
async fn a_good_credential_whose_key_is_missing_is_not_taken_for_dead() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let good = install_of(&world, "powr_io").await;
    put(&world, &good.id, &ring(&[&key("newer")]), "a good token").await;
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": 3600})).await;
    let run_id = world.start_exchange("powr_io", "w2").await;

    world.drain().await;
    let waiting = (world.run(&run_id).await.state, install_of(&world, "powr_io").await.generation);
    put_text(&world, &good.id, Expr::value(good.page_token.clone())).await;
    world.advance(KEY_IS_BACK).await;
    world.drain().await;

    assert_eq!(waiting, (State::Pending, 1));
    assert_eq!(world.run(&run_id).await.error, None);
    let kept = install_of(&world, "powr_io").await;
    assert_eq!((kept.generation, &kept.page_token, kept.ends_at()), (1, &good.page_token, good.ends_at()));
}

#[tokio::test]
async fn a_choice_whose_input_does_not_open_ends_and_says_to_connect_again() {
    let world = World::start().await;
    let run = world.connect("two_pages", "w1").await;
    let (one, input) = (run.error.expect("a choice")["pages"][0]["id"].clone(), run.input.expect("a token"));
    let url = format!("{}/jobs/{}/page", world.url, run.id);
    let choose = async || world.http.post_json(&url, &json!({"page_id": one})).await;

    put_input(&world, &run.id, &ring(&[&key("newer")]).seal(INPUT.place(&run.id), &"x".to_owned().into())).await;
    let waiting = choose().await;
    put_input(&world, &run.id, &Sealed::from_text(format!("{}A", input.as_str()))).await;
    let (over, again) = (choose().await, choose().await);

    assert_eq!((waiting.status, waiting.header("retry-after").is_empty()), (503, false), "a key may be put back");
    for answer in [&over, &again] {
        assert_eq!((answer.status, answer.code().as_str()), (409, "choice_expired"), "{}", answer.text);
        assert!(answer.text.contains("connect again"), "{}", answer.text);
    }
    let end = world.run(&run.id).await;
    assert_eq!((end.state, end.input, end.choice_expires_at), (State::Failed, None, None));
    assert_ne!(end.error.expect("an error")["code"], "choose_page");
}
