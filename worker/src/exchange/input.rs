//! What an exchange works on. It lies sealed in its `job_runs` row until the run ends; a payload carries only ids.

use entities::job_run;
use entities::seal::{Keyring, Place, SealError, Sealed};
use queue::JobError;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::link::Reconnect;
use crate::Context;
use crate::failure::KEY_IS_BACK;
use crate::insist::insist;

/// The app for which an account is being connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRef {
    /// The host platform's id of the widget.
    pub app_id: String,
    /// The host platform's id of its owner.
    pub user: String,
    /// The kind of widget.
    pub app_type: String,
}

/// How far the exchange of the credential is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Credential {
    /// What the dialog gave back: serves once.
    Code {
        /// The code.
        #[serde(serialize_with = "expose", deserialize_with = "conceal")]
        code: SecretString,
        /// The dialog's `redirect_uri`, which must be repeated byte for byte.
        redirect_uri: String,
    },
    /// A token that a login button or a code gave.
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    Short(SecretString),
    /// A token of 60 days.
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    Long(SecretString),
}

/// What an exchange works on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    /// For which app.
    pub app: AppRef,
    /// The Page to take, where the person has chosen.
    pub page_id: Option<String>,
    /// Which account it has to be, where a link renews one.
    #[serde(default)]
    pub reconnect: Option<Reconnect>,
    /// The credential, as far as it has been exchanged.
    pub credential: Credential,
}

fn place(run_id: &str) -> Place<'_> {
    job_run::INPUT.place(run_id)
}

/// Seals what a run is given for its row.
pub(crate) fn sealed(keyring: &Keyring, run_id: &str, input: &impl Serialize) -> Result<Sealed, serde_json::Error> {
    Ok(keyring.seal(place(run_id), &SecretString::from(serde_json::to_string(input)?)))
}

/// Opens what a run was given. A run without it, or with one that does not open, cannot be done again: dead.
pub(crate) fn opened<T: DeserializeOwned>(keyring: &Keyring, run: &job_run::Model) -> Result<T, JobError> {
    let sealed = run.input.as_ref().ok_or_else(|| JobError::dead(anyhow::anyhow!("the run has no input")))?;
    let open = keyring.open(place(&run.id), sealed).map_err(|error| match error {
        SealError::UnknownKey(_) => JobError::retry_after(KEY_IS_BACK, error),
        _ => JobError::dead(error),
    })?;
    serde_json::from_str(open.expose_secret())
        .map_err(|error| JobError::dead(anyhow::anyhow!("the run's input is no input: line {}", error.line())))
}

/// Writes what a run works on back to its row, while it is pending. What a code gave is not given twice: a database that
/// is away for a moment must not lose it, and is asked again until it is back.
pub(crate) async fn keep(ctx: &Context, run_id: &str, input: &impl Serialize) -> Result<(), JobError> {
    let sealed = sealed(&ctx.keyring, run_id, input).map_err(JobError::dead)?;
    let what = format!("what was exchanged by run {}", entities::shown_id(run_id));
    insist(&what, || job_run::Entity::keep_input(&ctx.db.write, run_id, sealed.clone(), ctx.now())).await
}

impl Input {
    /// Seals the input for the row `run_id`.
    pub(crate) fn seal(&self, keyring: &Keyring, run_id: &str) -> Result<Sealed, serde_json::Error> {
        sealed(keyring, run_id, self)
    }

    /// Opens the input of a run.
    pub(crate) fn open(keyring: &Keyring, run: &job_run::Model) -> Result<Self, JobError> {
        opened(keyring, run)
    }

    /// Writes the input back to its row.
    pub(crate) async fn keep(&self, ctx: &Context, run_id: &str) -> Result<(), JobError> {
        keep(ctx, run_id, self).await
    }
}

/// The only door through which a secret is written out: into a text that is sealed in the next line.
pub(crate) fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// The way back.
pub(crate) fn conceal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}
