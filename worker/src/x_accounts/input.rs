//! What connecting an account on X works on. It lies sealed in its `job_runs` row until the run ends.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::exchange::{AppRef, conceal, expose};

/// How far the credential has been exchanged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Credential {
    /// What the dialog gave back: serves once, and for half a minute.
    Code {
        /// The code.
        #[serde(serialize_with = "expose", deserialize_with = "conceal")]
        code: SecretString,
        /// The dialog's `redirect_uri`, which must be repeated byte for byte.
        redirect_uri: String,
        /// What proves that whoever brings the code began the dialog.
        #[serde(serialize_with = "expose", deserialize_with = "conceal")]
        verifier: SecretString,
    },
    /// What the code gave.
    Pair(Pair),
}

/// A pair of tokens, on its way into its account's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// What calls are made with.
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    pub access_token: SecretString,
    /// What the next pair is got with.
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    pub refresh_token: SecretString,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// How long the access token lives, in seconds.
    pub lives_s: u64,
    /// What was granted; empty if X does not say.
    pub scopes: Vec<String>,
}

/// What connecting an account works on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    /// For which app.
    pub app: AppRef,
    /// The credential, as far as it has been exchanged.
    pub credential: Credential,
}
