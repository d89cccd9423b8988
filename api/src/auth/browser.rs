//! The cookie of a browser that began a connection: sealed for its run, so that it proves no other.
//!
//! It binds the dialog's answer to the browser that asked, and lets a person try again from our own pages, where the
//! host platform is not there to sign.

use axum::http::{HeaderMap, header};
use chrono::{DateTime, TimeDelta, Utc};
use entities::seal::{Keyring, Place, Sealed};
use entities::used_token;
use sea_orm::DbErr;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use worker::exchange::AppRef;

use crate::state::AppState;

/// How long somebody may try again: time to link an account to a Page, and no more, for this is as good as a token.
const AGAIN_FOR: TimeDelta = TimeDelta::hours(2);
/// How often: more than anybody has Pages to link.
const TRIES: u32 = 10;
/// A cookie of ours is shorter.
const LONGEST: usize = 4_000;

/// What a browser's cookie says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BrowserProof {
    /// The app for which it was sent to `/connect`.
    pub app: AppRef,
    /// The reconnect link that it came by: trying again is for its account alone too.
    #[serde(default)]
    pub link: Option<String>,
    /// Until when it may try again. Trying again does not prolong it.
    again_until: DateTime<Utc>,
}

fn place(run_id: &str) -> Place<'_> {
    Place { table: "connect", row: run_id, column: "cookie" }
}

/// One name for each run, so that two dialogs in one browser do not disturb each other.
fn name(run_id: &str) -> String {
    format!("feedkeeper_connect_{}", run_id.get(..8).unwrap_or_default())
}

fn header(run_id: &str, value: &str, life: TimeDelta, is_https: bool) -> String {
    // Lax, not strict: the browser comes back from Meta by a link, and the cookie has to come along.
    let secure = if is_https { "; Secure" } else { "" };
    let (name, life) = (name(run_id), life.num_seconds());
    format!("{name}={value}; Path=/users/oauth; Max-Age={life}; HttpOnly; SameSite=Lax{secure}")
}

impl BrowserProof {
    /// Returns the proof of a browser whom the host platform has just sent.
    pub(crate) fn new(app: AppRef, now: DateTime<Utc>) -> Self {
        Self { app, link: None, again_until: now + AGAIN_FOR }
    }

    /// Returns the proof of a browser that came by a reconnect link.
    pub(crate) fn of_link(app: AppRef, link: String, now: DateTime<Utc>) -> Self {
        Self { link: Some(link), ..Self::new(app, now) }
    }

    /// Returns the header that gives a browser its cookie for a run.
    pub(crate) fn set_cookie(
        &self,
        keyring: &Keyring,
        run_id: &str,
        is_https: bool,
    ) -> Result<String, serde_json::Error> {
        let sealed = keyring.seal(place(run_id), &SecretString::from(serde_json::to_string(self)?));
        Ok(header(run_id, sealed.as_str(), AGAIN_FOR, is_https))
    }

    /// Returns the header that takes a run's cookie from its browser.
    pub(crate) fn unset_cookie(run_id: &str, is_https: bool) -> String {
        header(run_id, "", TimeDelta::zero(), is_https)
    }

    /// Reads a request's cookie for a run: `None` if this browser did not begin it.
    pub(crate) fn of(headers: &HeaderMap, keyring: &Keyring, run_id: &str) -> Option<Self> {
        let name = name(run_id);
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().split_once('=').filter(|(known, _)| *known == name).map(|(_, value)| value))
            .filter(|value| value.len() <= LONGEST)?;
        let open = keyring.open(place(run_id), &Sealed::from_text(value)).ok()?;
        serde_json::from_str(open.expose_secret()).ok()
    }

    /// Takes one of the few tries that whoever the host platform has sent once has. A cookie can be kept and shown
    /// again, so they are counted here.
    pub(crate) async fn take_a_try(&self, state: &AppState) -> Result<bool, DbErr> {
        let Self { app, again_until, .. } = self;
        for number in 0..TRIES {
            let written = format!("again {number} {again_until:?} {:?} {:?}", app.app_id, app.user);
            let hash = format!("{:x}", Sha256::digest(written));
            if used_token::Entity::use_up(&state.db.write, hash, *again_until).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns whether the browser may try again.
    pub(crate) fn may_try_again(&self, now: DateTime<Utc>) -> bool {
        now < self.again_until
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use chrono::{DateTime, TimeDelta, Utc};
    use entities::seal::Keyring;
    use worker::exchange::AppRef;

    use super::{AGAIN_FOR, BrowserProof};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const RUN: &str = "0123456789abcdef0123456789abcdef";

    fn keyring() -> Keyring {
        Keyring::parse(&Keyring::generate("a")).expect("a key")
    }

    fn proof() -> BrowserProof {
        BrowserProof::new(AppRef { app_id: "w1".into(), user: "u".into(), app_type: String::new() }, NOW)
    }

    fn with(cookie: &str) -> HeaderMap {
        let cookie = cookie.split(';').next().unwrap_or_default();
        let value = HeaderValue::try_from(format!("other=1; {cookie}; more=2")).expect("a header");
        HeaderMap::from_iter([(header::COOKIE, value)])
    }

    #[test]
    fn a_cookie_proves_its_run_and_no_other() {
        let (keyring, other) = (keyring(), keyring());
        let cookie = proof().set_cookie(&keyring, RUN, true).expect("sealed");
        // Its name is the same, its run is not.
        let neighbour = format!("{}{}", &RUN[..8], "0".repeat(24));

        assert_eq!(BrowserProof::of(&with(&cookie), &keyring, RUN), Some(proof()));
        assert_eq!(BrowserProof::of(&with(&cookie), &keyring, &neighbour), None);
        assert_eq!(BrowserProof::of(&with(&cookie), &other, RUN), None);
        for cookie in ["", "feedkeeper_connect_01234567=", "feedkeeper_connect_01234567=v1.a.AAAA"] {
            assert_eq!(BrowserProof::of(&with(cookie), &keyring, RUN), None, "{cookie}");
        }
    }

    #[test]
    fn trying_again_has_an_end() {
        assert!(proof().may_try_again(NOW + AGAIN_FOR - TimeDelta::seconds(1)));
        assert!(!proof().may_try_again(NOW + AGAIN_FOR));
    }
}
