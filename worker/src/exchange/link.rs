//! The reconnect link in a letter: sealed, for one account, for one use, and for two weeks.
//!
//! What travels is sealed under the key ring, so nobody makes one; what it is for lies in its row, by the hash of its name.
//! Looking at a link changes nothing: it is used up in the commit that keeps what it has brought.

use chrono::{DateTime, TimeDelta, Utc};
use entities::seal::{Keyring, Place, SealError, Sealed};
use entities::{app, app_install, connect_link, email_delivery, install};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::expiry::recipients;

/// How long a link serves.
const SERVES: TimeDelta = TimeDelta::days(14);
const PLACE: Place<'static> = Place { table: "connect_links", row: "letter", column: "link" };
/// A link of ours is shorter.
const LONGEST: usize = 500;

/// A link as it is written into a letter.
#[derive(Clone, Debug)]
pub struct Written {
    /// The last part of its address.
    pub text: SecretString,
    /// Until when it serves.
    pub ends_at: DateTime<Utc>,
}

/// A link that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectLink {
    /// What its row is found by.
    pub hash: String,
    /// Until when it serves.
    pub ends_at: DateTime<Utc>,
}

/// Why a link does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It was not made by us, or was changed.
    #[error("the link was not made by us, or was changed")]
    Forged,
    /// It was sealed under a key that has been put away since.
    #[error("the link's key has been put away")]
    Old,
}

/// What a run that began at a link has to bring back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconnect {
    /// The link's row.
    pub link: String,
    /// The install that it renews.
    pub install_id: String,
    /// Meta's id of the only account that will do.
    pub business_account_id: String,
    /// Its user name.
    pub account: String,
}

impl ConnectLink {
    /// Writes the link named `name` for an install, to the owner of an app. Written again under its name (a letter is
    /// tried again), it is the same link; its end is the same for the first week.
    pub async fn write(
        db: &impl ConnectionTrait,
        keyring: &Keyring,
        name: &str,
        (install, app_id): (&install::Model, &str),
        now: DateTime<Utc>,
    ) -> Result<Written, DbErr> {
        let ends_at = connect_link::Entity::keep(db, &hash(name), (install, app_id), now + SERVES, now).await?;
        let carried = SecretString::from(format!("{}.{name}", ends_at.timestamp()));
        Ok(Written { text: keyring.seal(PLACE, &carried).as_str().to_owned().into(), ends_at })
    }

    /// Finds the app for which a link connects: the one that it was written for or, where that uses the install no more,
    /// another one of the same owner that does. Whose it is the letter says, whose name the link carries.
    pub async fn app(db: &impl ConnectionTrait, link: &connect_link::Model) -> Result<Option<app::Model>, DbErr> {
        let uses = app::Entity::find()
            .inner_join(app_install::Entity)
            .filter(app_install::Column::InstallId.eq(&link.install_id))
            .filter(app::Column::AppId.eq(&link.app_id));
        if let Some(app) = uses.one(db).await? {
            return Ok(Some(app));
        }
        let letters = email_delivery::Entity::find().filter(email_delivery::Column::InstallId.eq(&link.install_id));
        let letter = letters.all(db).await?.into_iter().find(|letter| hash(&letter.id) == link.hash);
        let Some(letter) = letter else { return Ok(None) };
        let owners = recipients::of(db, &link.install_id).await?;
        let owner = owners.into_iter().find(|owner| owner.key == letter.recipient);
        Ok(owner.and_then(|owner| owner.apps.into_iter().next()))
    }

    /// Opens what came in an address.
    pub fn open(keyring: &Keyring, text: &str) -> Result<Self, Unopened> {
        if text.len() > LONGEST {
            return Err(Unopened::Forged);
        }
        let open = keyring.open(PLACE, &Sealed::from_text(text)).map_err(|error| match error {
            SealError::UnknownKey(_) => Unopened::Old,
            _ => Unopened::Forged,
        })?;
        let (ends_at, name) = open.expose_secret().split_once('.').ok_or(Unopened::Forged)?;
        let ends_at = ends_at.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        Ok(Self { hash: hash(name), ends_at: ends_at.ok_or(Unopened::Forged)? })
    }
}

fn hash(name: &str) -> String {
    format!("{:x}", Sha256::digest(name))
}

#[cfg(test)]
mod tests {
    use entities::seal::{Keyring, Place, Sealed};

    use super::{ConnectLink, PLACE, Unopened};

    fn keyring() -> Keyring {
        Keyring::parse(&Keyring::generate("a")).expect("a key")
    }

    #[test]
    fn only_what_we_sealed_as_a_link_opens() {
        let (ours, other) = (keyring(), keyring());
        let text = || "1795000000.name".to_owned().into();
        let seal = |ring: &Keyring, place| ring.seal(place, &text()).as_str().to_owned();
        let link = seal(&ours, PLACE);

        assert!(ConnectLink::open(&ours, &link).is_ok());
        let elsewhere = seal(&ours, Place { column: "state", ..PLACE });
        let changed = link.chars().rev().collect::<String>();
        let changed = format!("v1.a.{}", changed.trim_end_matches(".a.1v"));
        for text in [&seal(&other, PLACE), &elsewhere, &changed, "", "x", "v1.a.AAAA", &"v".repeat(100_000)] {
            assert_eq!(ConnectLink::open(&ours, text), Err(Unopened::Forged), "{text}");
        }
        let renamed = Sealed::from_text(link.replacen("v1.a.", "v1.before.", 1));
        assert_eq!(ConnectLink::open(&ours, renamed.as_str()), Err(Unopened::Old));
    }
}
