//! What goes through X's consent page and comes back: the `state`, and the cookie of the browser that was sent there.
//!
//! X takes a `state` of 500 characters at most, so it names the run and no more; app and verifier lie in the cookie. Both are
//! sealed, for one run, and for some minutes.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use entities::new_id;
use entities::seal::{Keyring, Place, Sealed};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use worker::exchange::AppRef;

/// How long somebody may take at X.
const VALID_FOR: TimeDelta = TimeDelta::minutes(20);
const STATE: Place<'static> = Place { table: "connect", row: "x", column: "state" };
/// A state of ours is shorter; so is what X takes.
const LONGEST_STATE: usize = 500;
/// A cookie of ours is shorter.
const LONGEST_COOKIE: usize = 4_000;

/// What a `state` carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct XState {
    /// The run that the answer will start.
    pub run_id: String,
    valid_until: DateTime<Utc>,
}

/// What the cookie says of the browser that was sent to X.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct XBrowser {
    /// The app for which it was sent.
    pub app: AppRef,
    /// What the dialog's challenge was made of.
    verifier: String,
}

impl XState {
    /// Makes a state for a new run.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self { run_id: new_id(), valid_until: now + VALID_FOR }
    }

    /// Returns the text that travels.
    pub(crate) fn seal(&self, keyring: &Keyring) -> Result<String, serde_json::Error> {
        seal(keyring, STATE, self)
    }

    /// Opens a state that came back: `None` if it was not made by us, or was changed.
    pub(crate) fn open(keyring: &Keyring, text: &str) -> Option<Self> {
        open(keyring, STATE, Some(text).filter(|text| text.len() <= LONGEST_STATE)?)
    }

    /// Returns whether the answer came too late.
    pub(crate) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.valid_until <= now
    }
}

impl XBrowser {
    /// Returns what a browser is given that is sent to X for an app.
    pub(crate) fn new(app: AppRef) -> Self {
        Self { app, verifier: new_id() + &new_id() }
    }

    /// Returns what X is told of the verifier.
    pub(crate) fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Returns the verifier.
    pub(crate) fn verifier(&self) -> SecretString {
        self.verifier.clone().into()
    }

    /// Returns the header that gives a browser its cookie for a run.
    pub(crate) fn set_cookie(&self, keyring: &Keyring, run_id: &str, https: bool) -> Result<String, serde_json::Error> {
        let sealed = seal(keyring, place(run_id), self)?;
        // Lax, not strict: the browser comes back from X by a link, and the cookie has to come along.
        let secure = if https { "; Secure" } else { "" };
        let (name, life) = (name(run_id), VALID_FOR.num_seconds());
        Ok(format!("{name}={sealed}; Path=/x/callback; Max-Age={life}; HttpOnly; SameSite=Lax{secure}"))
    }

    /// Reads a request's cookie for a run: `None` if this browser did not begin it.
    pub(crate) fn of(headers: &HeaderMap, keyring: &Keyring, run_id: &str) -> Option<Self> {
        let name = name(run_id);
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().split_once('=').filter(|(known, _)| *known == name).map(|(_, value)| value));
        open(keyring, place(run_id), value.filter(|value| value.len() <= LONGEST_COOKIE)?)
    }
}

impl std::fmt::Debug for XBrowser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XBrowser").field("app", &self.app).finish_non_exhaustive()
    }
}

fn place(run_id: &str) -> Place<'_> {
    Place { table: "connect", row: run_id, column: "x_cookie" }
}

/// One name for each run, so that two dialogs in one browser do not disturb each other.
fn name(run_id: &str) -> String {
    format!("feedkeeper_x_{}", run_id.get(..8).unwrap_or_default())
}

fn seal(keyring: &Keyring, place: Place<'_>, what: &impl Serialize) -> Result<String, serde_json::Error> {
    let text = SecretString::from(serde_json::to_string(what)?);
    Ok(keyring.seal(place, &text).as_str().to_owned())
}

fn open<T: DeserializeOwned>(keyring: &Keyring, place: Place<'_>, text: &str) -> Option<T> {
    let open = keyring.open(place, &Sealed::from_text(text)).ok()?;
    serde_json::from_str(open.expose_secret()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn keyring(id: &str) -> Keyring {
        Keyring::parse(&Keyring::generate(id)).expect("a key")
    }

    #[test]
    fn a_state_is_short_enough_for_x_comes_back_as_it_went_and_has_an_end() {
        let (ours, other, state) = (keyring(&"k".repeat(64)), keyring("a"), XState::new(NOW));
        let text = state.seal(&ours).expect("sealed");

        assert!(text.len() <= LONGEST_STATE, "{}", text.len());
        assert_eq!(XState::open(&ours, &text), Some(state.clone()));
        assert!(!state.is_over(NOW + VALID_FOR - TimeDelta::seconds(1)) && state.is_over(NOW + VALID_FOR));
        for forged in [state.seal(&other).expect("sealed"), String::new(), "v".repeat(100_000)] {
            assert_eq!(XState::open(&ours, &forged), None);
        }
    }

    #[test]
    fn a_cookie_proves_its_run_and_no_other_and_shows_no_verifier() {
        let (keyring, run, other) = (keyring("a"), new_id(), new_id());
        let app = AppRef { app_id: "w1".into(), user: "u".into(), app_type: String::new() };
        let browser = XBrowser::new(app);
        let cookie = browser.set_cookie(&keyring, &run, true).expect("sealed");
        let sent = HeaderValue::try_from(cookie.split(';').next().expect("a cookie")).expect("a header");
        let headers = HeaderMap::from_iter([(header::COOKIE, sent)]);

        assert_eq!(XBrowser::of(&headers, &keyring, &run), Some(browser.clone()));
        assert_eq!(XBrowser::of(&headers, &keyring, &other), None);
        assert!(!format!("{browser:?}{cookie}").contains(&browser.verifier));
        assert_eq!((browser.verifier.len(), browser.challenge().len()), (64, 43));
    }
}
