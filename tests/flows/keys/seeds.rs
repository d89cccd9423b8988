//! Rows with secrets in them, and what lies in them later.

use std::collections::BTreeMap;

use chrono::DateTime;
use entities::install::{self, PAGE_TOKEN, Status, USER_TOKEN};
use entities::job_run::{self, INPUT};
use entities::seal::{Keyring, Sealed, SealedColumn};
use entities::{Db, StringList, new_id};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::ExposeSecret;

pub(super) const INSTALLS: usize = 2_000;
const INPUTS: usize = 300;

/// What lies in the rows of the test, by column and row.
pub(super) type Secrets = BTreeMap<(&'static str, String), String>;

fn install_row(keyring: &Keyring, id: &str, number: usize, secrets: &mut Secrets) -> install::ActiveModel {
    let now = DateTime::UNIX_EPOCH;
    let mut sealed = |column: SealedColumn| {
        let secret = format!("{} {id} ünïcode", column.column);
        let text = keyring.seal(column.place(id), &secret.clone().into());
        secrets.insert((column.column, id.to_owned()), secret);
        Set(Some(text))
    };
    install::ActiveModel {
        id: Set(id.to_owned()),
        instagram_account: Set(format!("seed{number}")),
        instagram_business_account_id: Set(format!("seed{number}")),
        page_id: Set("1".to_owned()),
        page_name: Set("a page".to_owned()),
        facebook_user_id: Set(None),
        user_token: sealed(USER_TOKEN),
        user_token_expires_at: Set(None),
        page_token: sealed(PAGE_TOKEN),
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
    }
}

/// Fills the tables with what is sealed under the ring's first key.
pub(super) async fn seed(db: &Db, keyring: &Keyring) -> Secrets {
    let mut secrets = Secrets::new();
    let installs: Vec<_> = (0..INSTALLS).map(|number| install_row(keyring, &new_id(), number, &mut secrets)).collect();
    let runs: Vec<_> = (0..INPUTS)
        .map(|_| {
            let id = new_id();
            let secret = format!("input {id}");
            let input = Set(Some(keyring.seal(INPUT.place(&id), &secret.clone().into())));
            secrets.insert((INPUT.column, id.clone()), secret);
            job_run::ActiveModel { input, ..job_run::Entity::pending(id, "seeded", DateTime::UNIX_EPOCH) }
        })
        .collect();
    let tx = db.begin().await.expect("a transaction");
    for some in installs.chunks(500) {
        install::Entity::insert_many(some.to_vec()).exec_without_returning(&tx).await.expect("written");
    }
    job_run::Entity::insert_many(runs).exec_without_returning(&tx).await.expect("written");
    tx.commit().await.expect("committed");
    secrets
}

/// What lies in those rows now, opened with a ring.
pub(super) async fn opened(db: &Db, keyring: &Keyring, seeded: &Secrets) -> Secrets {
    let mut secrets = Secrets::new();
    let mut open = |column: SealedColumn, id: &str, sealed: &Sealed| {
        let text = keyring.open(column.place(id), sealed).expect("it opens").expose_secret().to_owned();
        secrets.insert((column.column, id.to_owned()), text);
    };
    for row in install::Entity::find().all(&db.read).await.expect("read") {
        open(USER_TOKEN, &row.id, row.user_token.as_ref().expect("a token"));
        open(PAGE_TOKEN, &row.id, row.page_token.as_ref().expect("a token"));
    }
    for row in job_run::Entity::find().filter(job_run::Column::Input.is_not_null()).all(&db.read).await.expect("read") {
        open(INPUT, &row.id, row.input.as_ref().expect("an input"));
    }
    secrets.retain(|place, _| seeded.contains_key(place));
    secrets
}
