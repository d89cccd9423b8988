//! How what somebody wants forgotten is forgotten: the wish, and the proof that it was fulfilled.

use chrono::{DateTime, Utc};
use entities::deletion::{self, Kind};
use entities::diagnosis::{self, Doubt};
use entities::{Db, install};
use hmac::{Hmac, Mac};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::Context;
use crate::graph::Class;
use crate::jobs::{DiagnoseInstall, ForgetInstalls, SendExpiryEmail};

mod signed_request;

pub use signed_request::{Rejected, SignedRequest};

/// Meta's number for a token that is dead.
const TOKEN_DEAD: i64 = 190;
/// Its number for one whose person has removed the app.
const APP_REMOVED: i64 = 458;

/// What is to be done where our app was removed.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The owners of what has ended are told.
    pub ended: Vec<SendExpiryEmail>,
    /// What may have been connected anew is looked into.
    pub doubted: Vec<DiagnoseInstall>,
}

/// Whose connections are to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
}

impl Subject {
    /// Keeps the wish of `wished_at` that it be forgotten; the job does it.
    pub async fn ask(
        &self,
        db: &impl ConnectionTrait,
        secret: Option<&SecretString>,
        wished_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<ForgetInstalls, DbErr> {
        let code = self.code(secret);
        deletion::Entity::ask(db, &code, (self.kind, &self.id), wished_at, now).await?;
        Ok(ForgetInstalls { code })
    }

    /// Takes the tokens out of its installs: it removed our app at `removed_at`. What Meta was asked about since is looked
    /// into instead: an old word of Meta's must not end a new connection.
    pub async fn deauthorize(&self, db: &Db, removed_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Removed, DbErr> {
        let tx = db.begin().await?;
        let found = install::Entity::deauthorize(&tx, (self.kind, &self.id), removed_at, now).await?;
        let mut removed = Removed::default();
        for install in found.doubted {
            let doubt = Doubt {
                install_id: &install.id,
                generation: install.generation,
                class: Class::TokenDead.as_str(),
                code: Some(TOKEN_DEAD),
                subcode: Some(APP_REMOVED),
                fbtrace_id: None,
            };
            let known = diagnosis::Entity::find_by_id(&install.id).one(&tx).await?;
            diagnosis::Entity::raise(&tx, &doubt, known.as_ref(), now, now).await?;
            removed.doubted.push(DiagnoseInstall { install_id: install.id });
        }
        tx.commit().await?;
        removed.ended = found.ended.into_iter().map(|install_id| SendExpiryEmail { install_id }).collect();
        Ok(removed)
    }

    /// The confirmation code: the same each time, and nobody without our app's secret makes it from the id, or the id of
    /// it. Without a Meta app nobody's id is known to anybody.
    fn code(&self, secret: Option<&SecretString>) -> String {
        match secret {
            Some(secret) => hash(secret, &format!("code:{}:{}", self.kind.as_str(), self.id)),
            None => entities::new_id(),
        }
    }
}

/// What is left of an id: 128 bits of a hash under our app's secret, in the letters of our own ids. There are so few ids
/// that a hash without a key would give them away.
fn hash(secret: &SecretString, text: &str) -> String {
    // HMAC takes a key of any length; the error type exists for other constructions.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return String::new() };
    mac.update(text.as_bytes());
    let mut digits = format!("{:x}", mac.finalize().into_bytes());
    digits.truncate(32);
    digits
}

/// What is left of an install: its ids as hashes, by which who knows them can prove that they were forgotten.
pub(crate) fn tombstone(ctx: &Context, install: &install::Model) -> Vec<String> {
    let Some(secret) = ctx.graph.app_secret() else { return Vec::new() };
    let person = install.facebook_user_id.as_deref().map(|id| format!("person:{id}"));
    let page = format!("page:{}", install.page_id);
    let account = format!("account:{}", install.instagram_business_account_id);
    person.into_iter().chain([page, account]).map(|text| hash(secret, &text)).collect()
}

#[cfg(test)]
mod tests {
    use entities::deletion::Kind;

    use super::Subject;

    #[test]
    fn a_code_is_the_same_for_the_same_person_and_nobody_elses() {
        let code = |kind, id: &str, secret: &str| Subject { kind, id: id.into() }.code(Some(&secret.into()));
        let first = code(Kind::Person, "218471", "secret");

        assert_eq!(first, code(Kind::Person, "218471", "secret"));
        assert!(entities::is_id(&first), "{first}");
        for other in [
            code(Kind::Person, "218472", "secret"),
            code(Kind::Page, "218471", "secret"),
            code(Kind::Person, "218471", "secret2"),
        ] {
            assert_ne!(first, other);
        }
    }
}
