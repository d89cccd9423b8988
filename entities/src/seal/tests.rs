//! Of a writer and a rotation the writer wins, told step by step. The rest of the ring's life is told on both databases, in
//! the black box's `flows/sealed_columns.rs`.

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Schema};
use secrecy::ExposeSecret;

use super::{Keyring, Sealed};
use crate::install::{self, PAGE_TOKEN, Status};
use crate::{Db, StringList, new_id};

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
            ends_estimated: Set(false),
            checked_at: Set(now),
            killed: Set(None),
            killed_at: Set(None),
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
