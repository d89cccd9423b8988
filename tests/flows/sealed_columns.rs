//! The sealed columns under a ring: what is re-sealed, what is named because it does not open, and which keys a start finds
//! missing or wrong.

use std::collections::BTreeMap;

use chrono::DateTime;
use entities::StringList;
use entities::install::{self, PAGE_TOKEN, Status, USER_TOKEN};
use entities::seal::{Keyring, SealError, Sealed, missing_keys, wrong_keys};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use secrecy::ExposeSecret;

use crate::harness::World;

/// A key's line, for a ring.
fn key(id: &str) -> String {
    Keyring::generate(id).expose_secret().to_owned()
}

fn ring(keys: &[&str]) -> Keyring {
    Keyring::parse(&keys.join(",").into()).expect("keys")
}

/// An install with a Page token.
fn row(id: &str, page_token: Sealed) -> install::ActiveModel {
    install::ActiveModel {
        id: Set(id.to_owned()),
        instagram_account: Set(id.to_owned()),
        instagram_business_account_id: Set(id.to_owned()),
        page_id: Set("1".to_owned()),
        page_name: Set("a page".to_owned()),
        facebook_user_id: Set(None),
        user_token: Set(None),
        user_token_expires_at: Set(None),
        page_token: Set(Some(page_token)),
        token_expires_at: Set(None),
        data_access_expires_at: Set(None),
        ends_estimated: Set(false),
        checked_at: Set(DateTime::UNIX_EPOCH),
        killed: Set(None),
        killed_at: Set(None),
        scopes: Set(StringList::default()),
        profile: Set(None),
        profile_read_at: Set(None),
        status: Set(Status::Active),
        generation: Set(1),
        first_verify_email_sent_at: Set(None),
        second_verify_email_sent_at: Set(None),
        created_at: Set(DateTime::UNIX_EPOCH),
        updated_at: Set(DateTime::UNIX_EPOCH),
    }
}

/// Inserts the install `id`, whose Page token is `token of <id>`.
async fn insert(world: &World, ring: &Keyring, id: &str) {
    let row = row(id, ring.seal(PAGE_TOKEN.place(id), &format!("token of {id}").into()));
    install::Entity::insert(row).exec_without_returning(&world.ctx.db.write).await.expect("inserted");
}

async fn install(world: &World, id: &str) -> install::Model {
    install::Entity::find_by_id(id).one(&world.ctx.db.read).await.expect("read").expect("an install")
}

async fn page_token(world: &World, id: &str) -> Sealed {
    install(world, id).await.page_token.expect("a token")
}

async fn put(world: &World, id: &str, text: &Sealed) {
    let row = install(world, id).await.into_active_model();
    let row = install::ActiveModel { page_token: Set(Some(text.clone())), ..row };
    row.update(&world.ctx.db.write).await.expect("written");
}

async fn missing(world: &World, ring: Option<&Keyring>) -> Vec<String> {
    missing_keys(&world.ctx.db.read, ring).await.expect("read").into_iter().collect()
}

async fn wrong(world: &World, ring: &Keyring) -> Vec<String> {
    wrong_keys(&world.ctx.db.read, ring).await.expect("read").into_iter().collect()
}

#[tokio::test]
async fn batches_bring_every_text_under_the_first_key_and_find_nothing_the_second_time() {
    let (world, old, new) = (World::start().await, key("old"), key("new"));
    let db = &world.ctx.db;
    for number in 0..5 {
        insert(&world, &ring(&[&old]), &format!("i{number}")).await;
    }
    let both = ring(&[&new, &old]);

    let first = PAGE_TOKEN.reseal(db, &both, None, 2).await.expect("done").expect("a batch");
    assert_eq!((first.resealed, first.last.as_str()), (2, "i1"));
    assert_eq!(PAGE_TOKEN.count_beside(&db.read, "new").await.expect("counted"), 3);
    // Broken off here, and begun again from the start.
    let mut after = None;
    let mut resealed = 0;
    while let Some(batch) = PAGE_TOKEN.reseal(db, &both, after.as_deref(), 2).await.expect("done") {
        resealed += batch.resealed;
        after = Some(batch.last);
    }

    assert_eq!(resealed, 3);
    assert_eq!(PAGE_TOKEN.count_under(&db.read, "new").await.expect("counted"), 5);
    for id in ["i0", "i1", "i2", "i3", "i4"] {
        let token = ring(&[&new]).open(PAGE_TOKEN.place(id), &page_token(&world, id).await).expect("opens");
        assert_eq!(token.expose_secret(), format!("token of {id}"));
    }
    assert!(PAGE_TOKEN.reseal(db, &both, None, 2).await.expect("done").is_none());
    assert!(USER_TOKEN.reseal(db, &both, None, 2).await.expect("done").is_none(), "what is null stays null");
}

#[tokio::test]
async fn what_does_not_open_is_named_left_alone_and_holds_nobody_up() {
    let (world, old, new, gone) = (World::start().await, key("old"), key("new"), key("gone"));
    for (id, key) in [("a", &old), ("b", &old), ("c", &gone), ("d", &old)] {
        insert(&world, &ring(&[key]), id).await;
    }
    let copied = page_token(&world, "a").await;
    put(&world, "b", &copied).await;
    let both = ring(&[&new, &old]);

    let batch = PAGE_TOKEN.reseal(&world.ctx.db, &both, None, 10).await.expect("done").expect("a batch");

    let closed: Vec<_> = batch.closed.iter().map(|closed| (closed.row.as_str(), closed.why.clone())).collect();
    assert_eq!(closed, [("b", SealError::DoesNotOpen), ("c", SealError::UnknownKey("gone".to_owned()))]);
    assert_eq!((batch.resealed, page_token(&world, "b").await), (2, copied));
    assert!(PAGE_TOKEN.reseal(&world.ctx.db, &both, Some("d"), 10).await.expect("done").is_none());
    let page = PAGE_TOKEN.verify(&world.ctx.db.read, &both, None, 10).await.expect("read").expect("a page");
    let count = |id: &str, count| (id.to_owned(), count);
    assert_eq!(page.by_key, BTreeMap::from([count("new", 2), count("old", 1), count("gone", 1)]));
    assert_eq!(page.closed, batch.closed);
}

#[tokio::test]
async fn the_start_finds_each_key_that_is_missing_or_has_other_bytes() {
    let (world, old, new) = (World::start().await, key("k_1"), key("new"));
    assert!(missing(&world, None).await.is_empty() && wrong(&world, &ring(&[&new])).await.is_empty());
    insert(&world, &ring(&[&old]), "a").await;
    insert(&world, &ring(&[&new]), "b").await;

    assert_eq!(missing(&world, None).await, ["k_1", "new"]);
    assert_eq!(missing(&world, Some(&ring(&[&new]))).await, ["k_1"]);
    assert!(missing(&world, Some(&ring(&[&new, &old]))).await.is_empty());
    let alike = ring(&[&new, &key("kx1"), &key("K_1")]);
    assert_eq!(missing(&world, Some(&alike)).await, ["k_1"], "an id that looks alike is another");
    assert_eq!(wrong(&world, &ring(&[&new, &key("k_1")])).await, ["k_1"]);
    assert!(wrong(&world, &ring(&[&new, &old])).await.is_empty());
}

#[tokio::test]
async fn one_damaged_text_does_not_speak_for_its_key() {
    let (world, only) = (World::start().await, ring(&[&key("k")]));
    insert(&world, &only, "a").await;
    insert(&world, &only, "b").await;
    let damaged = Sealed::from_text(format!("{}A", page_token(&world, "a").await.as_str()));
    put(&world, "a", &damaged).await;

    assert!(wrong(&world, &only).await.is_empty() && missing(&world, Some(&only)).await.is_empty());
    put(&world, "b", &damaged).await;
    assert_eq!(wrong(&world, &only).await, ["k"]);
}

#[tokio::test]
async fn hundreds_of_damaged_texts_hide_no_missing_key() {
    let (world, only, gone) = (World::start().await, ring(&[&key("k")]), ring(&[&key("gone")]));
    let damaged = (0..450).map(|number| row(&format!("a{number:03}"), Sealed::from_text("v1..x")));
    install::Entity::insert_many(damaged).exec_without_returning(&world.ctx.db.write).await.expect("inserted");
    insert(&world, &gone, "b").await;

    assert_eq!(missing(&world, Some(&only)).await, ["gone"]);
    assert!(missing(&world, Some(&gone)).await.is_empty(), "what names no key misses none");
}
