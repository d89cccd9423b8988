//! The dialog's `state`: sealed, for one use, for some minutes, and for the browser that asked.
//!
//! It is sealed rather than signed, so that nobody reads in it either. Its run id makes it single-use (the run is
//! inserted once); the secret that it shares with a cookie binds it to the browser.

use chrono::{DateTime, TimeDelta, Utc};
use entities::seal::{Keyring, Place, Sealed};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use worker::exchange::AppRef;

/// How long somebody may take in Meta's dialog.
const VALID_FOR: TimeDelta = TimeDelta::minutes(20);
const PLACE: Place<'static> = Place { table: "connect", row: "dialog", column: "state" };
/// A state of ours is shorter.
const LONGEST: usize = 2_000;

/// What a `state` carries through Meta's dialog.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ConnectState {
    /// The run that the answer will start.
    pub run_id: String,
    /// For which app.
    pub app: AppRef,
    browser: String,
    valid_until: DateTime<Utc>,
}

/// Why a `state` is not taken.
#[derive(Clone, Debug)]
pub(crate) enum StateError {
    /// Not made by us, or changed.
    Forged,
    /// Ours, but too old.
    Expired(AppRef),
    /// Ours, but made for another browser.
    Foreign(AppRef),
}

impl ConnectState {
    /// Makes a state and the secret that goes into the browser's cookie.
    pub(crate) fn new(app: AppRef, now: DateTime<Utc>) -> (Self, String) {
        let cookie = entities::new_id();
        let state = Self { run_id: entities::new_id(), app, browser: hash(&cookie), valid_until: now + VALID_FOR };
        (state, cookie)
    }

    /// Returns the text that travels.
    pub(crate) fn seal(&self, keyring: &Keyring) -> Result<String, serde_json::Error> {
        let text = SecretString::from(serde_json::to_string(self)?);
        Ok(keyring.seal(PLACE, &text).as_str().to_owned())
    }

    /// Opens a state that came back with `cookie`s; it must be ours, young, and of this browser.
    pub(crate) fn open(
        keyring: &Keyring,
        text: &str,
        cookie: impl FnOnce(&Self) -> Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Self, StateError> {
        if text.len() > LONGEST {
            return Err(StateError::Forged);
        }
        let open = keyring.open(PLACE, &Sealed::from_text(text)).map_err(|_| StateError::Forged)?;
        let state: Self = serde_json::from_str(open.expose_secret()).map_err(|_| StateError::Forged)?;
        if state.valid_until <= now {
            return Err(StateError::Expired(state.app));
        }
        let shared = cookie(&state).map(|cookie| hash(&cookie)).unwrap_or_default();
        if bool::from(shared.as_bytes().ct_eq(state.browser.as_bytes())) {
            Ok(state)
        } else {
            Err(StateError::Foreign(state.app))
        }
    }

    /// Returns the name of this state's cookie: one each, so that two dialogs in one browser do not disturb each other.
    pub(crate) fn cookie_name(&self) -> String {
        format!("feedkeeper_connect_{}", self.run_id.get(..8).unwrap_or_default())
    }

    /// Returns how long the cookie is to live.
    pub(crate) const fn cookie_life() -> i64 {
        VALID_FOR.num_seconds()
    }
}

fn hash(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use entities::seal::Keyring;
    use worker::exchange::AppRef;

    use super::{ConnectState, StateError, VALID_FOR};

    fn keyring() -> Keyring {
        Keyring::parse(&Keyring::generate("a")).expect("a key")
    }

    fn app() -> AppRef {
        AppRef { app_id: "w1".into(), user: "u".into(), app_type: String::new() }
    }

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn a_state_comes_back_to_the_browser_that_asked() {
        let keyring = keyring();
        let (state, cookie) = ConnectState::new(app(), NOW);
        let text = state.seal(&keyring).expect("seals");

        let open = ConnectState::open(&keyring, &text, |_| Some(cookie.clone()), NOW).expect("ours");
        assert_eq!((open.run_id, open.app), (state.run_id, app()));

        let late = NOW + VALID_FOR;
        let with = |cookie: Option<String>, at| ConnectState::open(&keyring, &text, |_| cookie, at);
        assert!(matches!(with(Some(cookie.clone()), late), Err(StateError::Expired(_))));
        assert!(with(Some(cookie), late - TimeDelta::seconds(1)).is_ok());
        assert!(matches!(with(None, NOW), Err(StateError::Foreign(_))));
        assert!(matches!(with(Some("other".into()), NOW), Err(StateError::Foreign(_))));
    }

    #[test]
    fn a_forged_state_does_not_open() {
        let (ours, other) = (keyring(), keyring());
        let (state, cookie) = ConnectState::new(app(), NOW);
        let foreign_key = state.seal(&other).expect("seals");

        for text in [foreign_key.as_str(), "", "x", "v1.a.AAAA", &"v".repeat(100_000)] {
            let open = ConnectState::open(&ours, text, |_| Some(cookie.clone()), NOW);
            assert!(matches!(open, Err(StateError::Forged)));
        }
    }
}
