//! Where Meta is, and who we are to it.

use api::Dialog;
use url::Url;
use worker::graph::{self, AppCredentials};

use super::{Config, Env};

/// Meta's own Graph API.
pub(crate) const GRAPH: &str = "https://graph.facebook.com";
/// Meta's own login dialog.
pub(crate) const DIALOG: &str = "https://www.facebook.com";

/// Reads `META_APP_ID` and `META_APP_SECRET`: both, or neither.
pub(super) fn app(env: &Env) -> anyhow::Result<Option<AppCredentials>> {
    match (env.text("META_APP_ID"), env.secret("META_APP_SECRET")?) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(AppCredentials { id, secret })),
        (Some(_), None) => anyhow::bail!("META_APP_ID is set but META_APP_SECRET is not"),
        (None, Some(_)) => anyhow::bail!("META_APP_SECRET is set but META_APP_ID is not"),
    }
}

impl Config {
    /// Returns how the Graph is asked: at `GRAPH_URL`, or else at `otherwise`.
    pub(crate) fn graph(&self, otherwise: &Url, app: Option<AppCredentials>) -> graph::Config {
        let base_url = self.graph_url.clone().unwrap_or_else(|| otherwise.clone());
        graph::Config { base_url, version: self.graph_version.clone(), app }
    }

    /// Returns how people are asked: at `FB_DIALOG_URL`, or else at `otherwise`.
    pub(crate) fn dialog(&self, otherwise: &Url, client_id: Option<String>) -> Dialog {
        Dialog {
            base_url: self.dialog_url.clone().unwrap_or_else(|| otherwise.clone()),
            version: self.graph_version.clone(),
            client_id,
            config_id: self.login_config_id.clone(),
            scopes: self.scopes.clone(),
        }
    }
}
