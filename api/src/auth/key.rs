//! Operators' API keys: `fk_<id>_<secret>`. They see all. What is kept of one is the hash of its secret part.

use chrono::{DurationRound, TimeDelta};
use entities::api_key;
use sea_orm::EntityTrait;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::state::AppState;

const PREFIX: &str = "fk_";
const ID: usize = 12;
const SECRET: usize = 32;
/// A use is noted this often: a request costs no write.
const NOTED_EVERY: TimeDelta = TimeDelta::hours(1);

/// A key, while it is in somebody's hand.
#[derive(Debug)]
pub struct ApiKey {
    /// What names it.
    pub id: String,
    secret: SecretString,
}

impl ApiKey {
    /// Makes a key: 128 random bits, and a name of 48.
    pub fn generate() -> Self {
        let mut id = entities::new_id();
        id.truncate(ID);
        Self { id, secret: entities::new_id().into() }
    }

    /// Returns the whole key, to be shown once.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret.expose_secret())
    }

    /// Returns what is kept. The secret is random, so that a plain hash gives nothing away.
    pub fn secret_hash(&self) -> String {
        format!("{:x}", Sha256::digest(self.secret.expose_secret()))
    }

    /// Returns whether a text is a whole key, of ours or not.
    pub(super) fn is_one(text: &str) -> bool {
        Self::parse(text).is_some()
    }

    /// Returns whether somebody meant to send a key.
    pub(super) fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|digit| digit.is_ascii_hexdigit());
        (digits(id, ID) && digits(secret, SECRET)).then(|| Self { id: id.to_owned(), secret: secret.into() })
    }
}

/// Lets a key pass that is known and not revoked.
pub(super) async fn check(state: &AppState, text: &str) -> Result<(), Problem> {
    let unknown = || Problem::unauthorised("unauthorised", "This API key is not known.");
    let key = ApiKey::parse(text).ok_or_else(unknown)?;
    let row = api_key::Entity::find_by_id(&key.id).one(&state.db.read).await?.ok_or_else(unknown)?;
    if !bool::from(key.secret_hash().as_bytes().ct_eq(row.secret_hash.as_bytes())) {
        return Err(unknown());
    }
    if row.revoked_at.is_some() {
        return Err(Problem::unauthorised("key_revoked", "This API key was revoked; ask the operator for another."));
    }
    let hour = state.wall.now().duration_trunc(NOTED_EVERY).unwrap_or_default();
    if row.last_used_at.is_none_or(|noted| noted < hour)
        && let Err(error) = api_key::Entity::note_use(&state.db.write, &key.id, hour).await
    {
        tracing::warn!(%error, key = key.id, "the use of an API key was not noted");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::ApiKey;

    #[test]
    fn a_key_is_read_as_it_was_shown() {
        let key = ApiKey::generate();
        let read = ApiKey::parse(&key.expose()).expect("a key");

        assert_eq!((&read.id, read.secret_hash()), (&key.id, key.secret_hash()));
        assert!(!format!("{key:?}").contains(key.expose().rsplit('_').next().expect("a secret")));
    }

    #[test]
    fn what_has_another_form_is_not_looked_up() {
        let good = ApiKey::generate().expose();
        for text in ["", "fk_", "fk__", "fk_a_b", &good[..good.len() - 1], &good[3..], &format!("{good}0")] {
            assert!(ApiKey::parse(text).is_none(), "{text}");
        }
    }
}
