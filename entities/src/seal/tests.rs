//! The ring's life, on real tables.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Schema};
use secrecy::ExposeSecret;

use super::{Keyring, SealError, Sealed, missing_keys, wrong_keys};
use crate::install::{self, PAGE_TOKEN, Status, USER_TOKEN};
use crate::{Db, StringList, job_run, new_id};

struct Tables {
    db: Db,
    path: std::path::PathBuf,
}

impl Drop for Tables {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn tables() -> Tables {
    let path = std::env::temp_dir().join(format!("{}.db", new_id()));
    let db = Db::connect(&format!("sqlite://{}", path.display())).await.expect("a database");
    let schema = Schema::new(db.write.get_database_backend());
    db.write.execute(&schema.create_table_from_entity(install::Entity)).await.expect("a table");
    db.write.execute(&schema.create_table_from_entity(job_run::Entity)).await.expect("a table");
    Tables { db, path }
}

/// A key's line, for a ring.
fn key(id: &str) -> String {
    Keyring::generate(id).expose_secret().to_owned()
}

fn ring(keys: &[&str]) -> Keyring {
    Keyring::parse(&keys.join(",").into()).expect("keys")
}

impl Tables {
    /// Inserts the install `id`, whose page token is `token of <id>`.
    async fn install(&self, ring: &Keyring, id: &str) {
        let now = DateTimeUtc::UNIX_EPOCH;
        let row = install::ActiveModel {
            id: Set(id.to_owned()),
            instagram_account: Set(id.to_owned()),
            instagram_business_account_id: Set(id.to_owned()),
            page_id: Set("1".to_owned()),
            page_name: Set("a page".to_owned()),
            facebook_user_id: Set(None),
            user_token: Set(None),
            user_token_expires_at: Set(None),
            page_token: Set(Some(ring.seal(PAGE_TOKEN.place(id), &format!("token of {id}").into()))),
            token_expires_at: Set(None),
            data_access_expires_at: Set(None),
            scopes: Set(StringList::default()),
            profile: Set(None),
            profile_read_at: Set(None),
            status: Set(Status::Active),
            generation: Set(1),
            first_verify_email_sent_at: Set(None),
            second_verify_email_sent_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        install::Entity::insert(row).exec_without_returning(&self.db.write).await.expect("inserted");
    }

    async fn page_token(&self, id: &str) -> Sealed {
        let row = install::Entity::find_by_id(id).one(&self.db.read).await.expect("read").expect("an install");
        row.page_token.expect("a token")
    }

    async fn put(&self, id: &str, text: &Sealed) {
        let row = install::Entity::find_by_id(id).one(&self.db.read).await.expect("read").expect("an install");
        let row = install::ActiveModel { page_token: Set(Some(text.clone())), ..row.into_active_model() };
        row.update(&self.db.write).await.expect("written");
    }

    async fn missing(&self, ring: Option<&Keyring>) -> Vec<String> {
        missing_keys(&self.db.read, ring).await.expect("read").into_iter().collect()
    }

    async fn wrong(&self, ring: &Keyring) -> Vec<String> {
        wrong_keys(&self.db.read, ring).await.expect("read").into_iter().collect()
    }
}

#[tokio::test]
async fn batches_bring_every_text_under_the_first_key_and_find_nothing_the_second_time() {
    let (tables, old, new) = (tables().await, key("old"), key("new"));
    for number in 0..5 {
        tables.install(&ring(&[&old]), &format!("i{number}")).await;
    }
    let both = ring(&[&new, &old]);

    let first = PAGE_TOKEN.reseal(&tables.db, &both, None, 2).await.expect("done").expect("a batch");
    assert_eq!((first.resealed, first.last.as_str()), (2, "i1"));
    assert_eq!(PAGE_TOKEN.count_beside(&tables.db.read, "new").await.expect("counted"), 3);
    // Broken off here, and begun again from the start.
    let mut after = None;
    let mut resealed = 0;
    while let Some(batch) = PAGE_TOKEN.reseal(&tables.db, &both, after.as_deref(), 2).await.expect("done") {
        resealed += batch.resealed;
        after = Some(batch.last);
    }

    assert_eq!(resealed, 3);
    assert_eq!(PAGE_TOKEN.count_under(&tables.db.read, "new").await.expect("counted"), 5);
    for id in ["i0", "i1", "i2", "i3", "i4"] {
        let token = ring(&[&new]).open(PAGE_TOKEN.place(id), &tables.page_token(id).await).expect("opens");
        assert_eq!(token.expose_secret(), format!("token of {id}"));
    }
    assert!(PAGE_TOKEN.reseal(&tables.db, &both, None, 2).await.expect("done").is_none());
    assert!(USER_TOKEN.reseal(&tables.db, &both, None, 2).await.expect("done").is_none(), "what is null stays null");
}

#[tokio::test]
async fn what_was_written_since_it_was_read_is_not_overwritten() {
    let (tables, old) = (tables().await, ring(&[&key("old")]));
    tables.install(&old, "i").await;
    let read = tables.page_token("i").await;
    let fresh = old.seal(PAGE_TOKEN.place("i"), &"a newer token".to_owned().into());
    tables.put("i", &fresh).await;

    let stale = Sealed::from_text("v1.new.stale");
    assert!(!PAGE_TOKEN.replace(&tables.db.write, "i", read, stale).await.expect("asked"));

    assert_eq!(tables.page_token("i").await, fresh);
}

#[tokio::test]
async fn what_does_not_open_is_named_left_alone_and_holds_nobody_up() {
    let (tables, old, new, gone) = (tables().await, key("old"), key("new"), key("gone"));
    tables.install(&ring(&[&old]), "a").await;
    tables.install(&ring(&[&old]), "b").await;
    tables.install(&ring(&[&gone]), "c").await;
    tables.install(&ring(&[&old]), "d").await;
    let copied = tables.page_token("a").await;
    tables.put("b", &copied).await;
    let both = ring(&[&new, &old]);

    let batch = PAGE_TOKEN.reseal(&tables.db, &both, None, 10).await.expect("done").expect("a batch");

    let closed: Vec<_> = batch.closed.iter().map(|closed| (closed.row.as_str(), closed.why.clone())).collect();
    assert_eq!(closed, [("b", SealError::DoesNotOpen), ("c", SealError::UnknownKey("gone".to_owned()))]);
    assert_eq!((batch.resealed, tables.page_token("b").await), (2, copied));
    assert!(PAGE_TOKEN.reseal(&tables.db, &both, Some("d"), 10).await.expect("done").is_none());
    let page = PAGE_TOKEN.verify(&tables.db.read, &both, None, 10).await.expect("read").expect("a page");
    let count = |id: &str, count| (id.to_owned(), count);
    assert_eq!(page.by_key, BTreeMap::from([count("new", 2), count("old", 1), count("gone", 1)]));
    assert_eq!(page.closed, batch.closed);
}

#[tokio::test]
async fn the_start_finds_each_key_that_is_missing_or_has_other_bytes() {
    let (tables, old, new) = (tables().await, key("k_1"), key("new"));
    assert!(
        tables.missing(None).await.is_empty() && tables.wrong(&ring(&[&new])).await.is_empty(),
        "nothing is sealed"
    );
    tables.install(&ring(&[&old]), "a").await;
    tables.install(&ring(&[&new]), "b").await;

    assert_eq!(tables.missing(None).await, ["k_1", "new"]);
    assert_eq!(tables.missing(Some(&ring(&[&new]))).await, ["k_1"]);
    assert!(tables.missing(Some(&ring(&[&new, &old]))).await.is_empty());
    let alike = ring(&[&new, &key("kx1"), &key("K_1")]);
    assert_eq!(tables.missing(Some(&alike)).await, ["k_1"], "an id that looks alike is another");
    assert_eq!(tables.wrong(&ring(&[&new, &key("k_1")])).await, ["k_1"]);
    assert!(tables.wrong(&ring(&[&new, &old])).await.is_empty());
}

#[tokio::test]
async fn one_damaged_text_does_not_speak_for_its_key() {
    let (tables, only) = (tables().await, ring(&[&key("k")]));
    tables.install(&only, "a").await;
    tables.install(&only, "b").await;
    let damaged = Sealed::from_text(format!("{}A", tables.page_token("a").await.as_str()));
    tables.put("a", &damaged).await;

    assert!(tables.wrong(&only).await.is_empty() && tables.missing(Some(&only)).await.is_empty());
    tables.put("b", &damaged).await;
    assert_eq!(tables.wrong(&only).await, ["k"]);
}
