//! What a browser brings to `/connect?auth=`: the host platform's token, for one use there within five minutes. An address
//! is seen by proxies and kept in histories, so a token that stands in one must not live for long, nor serve there twice.
//! As `Bearer` it serves until its end, used or not, as every token of the host platform does.

use chrono::{DateTime, TimeDelta, Utc};
use entities::used_token;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::token::{self, LEEWAY};
use super::{Auth, Caller};
use crate::problem::Problem;
use crate::state::AppState;

/// The furthest end of a token that stands in an address.
const LONGEST_LIFE: TimeDelta = TimeDelta::minutes(5);

/// A browser's right to begin a connection, not used yet.
#[derive(Debug)]
pub(crate) struct Ticket {
    /// Who asks.
    pub caller: Caller,
    once: Option<Once>,
}

#[derive(Debug)]
struct Once {
    hash: String,
    ends_at: DateTime<Utc>,
}

impl Ticket {
    /// Reads the token that stands in an address.
    pub(crate) fn read(state: &AppState, text: Option<&SecretString>) -> Result<Self, Problem> {
        let Auth::Signed(secret) = &state.config.auth else {
            return Ok(Self { caller: Caller::Anybody, once: None });
        };
        let Some(text) = text.map(ExposeSecret::expose_secret).filter(|text| !text.is_empty()) else {
            let detail = "`auth` is missing: the token that the host platform signed for this one click.";
            return Err(Problem::unauthorised("unauthorised", detail));
        };
        let now = state.wall.now();
        let claims = token::open(secret, text, now)?;
        if claims.ends_at > now + LONGEST_LIFE + LEEWAY {
            let detail = "A token in an address ends within 5 minutes; sign `auth` with a nearer `exp`.";
            return Err(Problem::unauthorised("token_lives_too_long", detail));
        }
        // Without its signature: however that is spelt, it is the same token.
        let signed = text.rsplit_once('.').map_or(text, |(signed, _)| signed);
        let once = Once { hash: format!("{:x}", Sha256::digest(signed)), ends_at: claims.ends_at + LEEWAY };
        Ok(Self { caller: Caller::Host(claims), once: Some(once) })
    }

    /// Uses the right up; a second time is refused.
    pub(crate) async fn use_up(self, state: &AppState) -> Result<(), Problem> {
        let Some(Once { hash, ends_at }) = self.once else { return Ok(()) };
        if used_token::Entity::use_up(&state.db.write, hash, ends_at).await? {
            return Ok(());
        }
        Err(Problem::unauthorised("token_used", "This `auth` has been used; it serves once. Sign a new one."))
    }
}
