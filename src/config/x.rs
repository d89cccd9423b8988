//! Where X is, and who we are to it.

use api::XDialog;
use url::Url;
use worker::x::{self, ClientCredentials};

use super::{Config, Env, address};

/// X's own API.
const API: &str = "https://api.x.com";
/// X's own consent page.
const DIALOG: &str = "https://x.com";

/// What is told of X.
#[derive(Debug)]
pub(crate) struct X {
    /// `X_CLIENT_ID`, `X_CLIENT_SECRET`.
    pub client: Option<ClientCredentials>,
    /// `X_API_URL`.
    pub api_url: Option<Url>,
    /// `X_DIALOG_URL`.
    pub dialog_url: Option<Url>,
}

impl X {
    /// Reads it; the client's id and secret are both there, or neither.
    pub(super) fn read(env: &Env) -> anyhow::Result<Self> {
        let client = match (env.text("X_CLIENT_ID"), env.secret("X_CLIENT_SECRET")?) {
            (None, None) => None,
            (Some(id), Some(secret)) => Some(ClientCredentials { id, secret }),
            (Some(_), None) => anyhow::bail!("X_CLIENT_ID is set but X_CLIENT_SECRET is not"),
            (None, Some(_)) => anyhow::bail!("X_CLIENT_SECRET is set but X_CLIENT_ID is not"),
        };
        let (api_url, dialog_url) = (address::outside(env, "X_API_URL")?, address::outside(env, "X_DIALOG_URL")?);
        Ok(Self { client, api_url, dialog_url })
    }
}

/// X as a stand-in plays it.
pub(crate) struct XStandIn {
    /// Where it is.
    pub url: Url,
    /// Who we are to it.
    pub client: ClientCredentials,
}

impl Config {
    /// Returns how X is asked: at `X_API_URL`, or else at a stand-in, or else at X itself.
    pub(crate) fn x(&self, otherwise: Option<&XStandIn>) -> anyhow::Result<x::Config> {
        let base_url = match (&self.x.api_url, otherwise) {
            (Some(url), _) => url.clone(),
            (None, Some(stand_in)) => stand_in.url.clone(),
            (None, None) => Url::parse(API)?,
        };
        let client = self.x.client.clone().or_else(|| otherwise.map(|stand_in| stand_in.client.clone()));
        Ok(x::Config { base_url, client })
    }

    /// Returns how people are asked: at `X_DIALOG_URL`, or else at a stand-in, or else at X itself.
    pub(crate) fn x_dialog(&self, otherwise: Option<&XStandIn>) -> anyhow::Result<XDialog> {
        let base_url = match (&self.x.dialog_url, otherwise) {
            (Some(url), _) => url.clone(),
            (None, Some(stand_in)) => stand_in.url.clone(),
            (None, None) => Url::parse(DIALOG)?,
        };
        let client = self.x.client.as_ref().or_else(|| otherwise.map(|stand_in| &stand_in.client));
        Ok(XDialog { base_url, client_id: client.map(|client| client.id.clone()) })
    }
}
