//! The dialog's `state`: sealed, for one use, and for some minutes.
//!
//! It is sealed rather than signed, so that nobody reads in it either. Its run id makes it single-use (the run is
//! inserted once), and names the cookie that binds it to the browser ([`crate::auth::BrowserProof`]).

use chrono::{DateTime, TimeDelta, Utc};
use entities::seal::{Keyring, Place, Sealed};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use worker::exchange::AppRef;

/// How long somebody may take in Meta's dialog.
const VALID_FOR: TimeDelta = TimeDelta::minutes(20);
const PLACE: Place<'static> = Place { table: "connect", row: "dialog", column: "state" };
/// A state of ours is shorter.
const LONGEST: usize = 2_000;

/// What a `state` carries through Meta's dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConnectState {
    /// The run that the answer will start.
    pub run_id: String,
    /// For which app.
    pub app: AppRef,
    /// The reconnect link that it began with: its account alone will do.
    #[serde(default)]
    pub link: Option<String>,
    valid_until: DateTime<Utc>,
}

impl ConnectState {
    /// Makes a state for a new run.
    pub(crate) fn new(app: AppRef, link: Option<String>, now: DateTime<Utc>) -> Self {
        Self { run_id: entities::new_id(), app, link, valid_until: now + VALID_FOR }
    }

    /// Returns the text that travels.
    pub(crate) fn seal(&self, keyring: &Keyring) -> Result<String, serde_json::Error> {
        let text = SecretString::from(serde_json::to_string(self)?);
        Ok(keyring.seal(PLACE, &text).as_str().to_owned())
    }

    /// Opens a state that came back: `None` if it was not made by us, or was changed.
    pub(crate) fn open(keyring: &Keyring, text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let open = keyring.open(PLACE, &Sealed::from_text(text)).ok()?;
        serde_json::from_str(open.expose_secret()).ok()
    }

    /// Returns whether the answer came too late.
    pub(crate) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.valid_until <= now
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use entities::seal::Keyring;
    use worker::exchange::AppRef;

    use super::{ConnectState, VALID_FOR};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn keyring() -> Keyring {
        Keyring::parse(&Keyring::generate("a")).expect("a key")
    }

    fn state() -> ConnectState {
        let app = AppRef { app_id: "w1".into(), user: "u".into(), app_type: String::new() };
        ConnectState::new(app, Some("a link".into()), NOW)
    }

    #[test]
    fn a_state_comes_back_as_it_went_and_has_an_end() {
        let (keyring, state) = (keyring(), state());
        let text = state.seal(&keyring).expect("seals");

        assert_eq!(ConnectState::open(&keyring, &text), Some(state.clone()));
        assert!(!state.is_over(NOW + VALID_FOR - TimeDelta::seconds(1)));
        assert!(state.is_over(NOW + VALID_FOR));
    }

    #[test]
    fn a_forged_state_does_not_open() {
        let (ours, other) = (keyring(), keyring());
        let foreign_key = state().seal(&other).expect("seals");

        for text in [foreign_key.as_str(), "", "x", "v1.a.AAAA", &"v".repeat(100_000)] {
            assert_eq!(ConnectState::open(&ours, text), None);
        }
    }
}
