//! What the routes are told at boot.

use chrono::TimeDelta;
use secrecy::SecretString;
use url::Url;
use worker::migrating::Terms;

use crate::auth::Auth;

/// Meta's login dialog, and what is asked for in it.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// `FB_DIALOG_URL`: where the dialog is.
    pub base_url: Url,
    /// `GRAPH_VERSION`, such as `v26.0`.
    pub version: String,
    /// `META_APP_ID`; without it nobody can connect.
    pub client_id: Option<String>,
    /// `FB_LOGIN_CONFIG_ID`: the configuration of Facebook Login for Business.
    pub config_id: Option<String>,
    /// `FB_SCOPES`.
    pub scopes: Vec<String>,
}

/// X's consent page.
#[derive(Clone, Debug)]
pub struct XDialog {
    /// `X_DIALOG_URL`: where it is.
    pub base_url: Url,
    /// `X_CLIENT_ID`; without it nobody can connect an account on X.
    pub client_id: Option<String>,
}

/// The demo page of `dev`.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The app that the page belongs to.
    pub app_id: String,
    /// Its owner.
    pub user: String,
    /// Where the stand-in's own page is.
    pub sandbox_url: Option<String>,
}

/// What the routes are told at boot.
#[derive(Clone, Debug)]
pub struct Config {
    /// `PUBLIC_URL`, without a slash at its end: every address that we give out begins with it.
    pub public_url: String,
    /// `AUTH`: whose word counts.
    pub auth: Auth,
    /// Meta's dialog.
    pub dialog: Dialog,
    /// X's consent page.
    pub x_dialog: XDialog,
    /// `META_APP_SECRET`: what Meta's callbacks are signed with; without it none is believed.
    pub app_secret: Option<SecretString>,
    /// From where our pages may show pictures and videos, as a content security policy writes it: `MEDIA_HOSTS`, and
    /// the stand-ins.
    pub media_origins: Vec<String>,
    /// Whether `/connect` under another host name redirects to `public_url` first, so that the cookie holds. Only
    /// where nothing stands in front of us and rewrites `Host`.
    pub redirect_to_public_host: bool,
    /// `EXPIRY_WARNING_DAYS`: from so long before its end a connection ends soon, and is renewed rather than added.
    pub expiry_warning: TimeDelta,
    /// Which old apps may move off the outlet, and whether there is one.
    pub migrating: Terms,
    /// The demo page, if there is one.
    pub demo: Option<Demo>,
}

impl Config {
    /// Returns the one address to which Meta's dialog sends people back.
    pub fn redirect_uri(&self) -> String {
        format!("{}/users/oauth", self.public_url)
    }

    /// Returns the one address to which X's consent page sends people back.
    pub fn x_redirect_uri(&self) -> String {
        format!("{}/x/callback", self.public_url)
    }

    /// Returns where a run can be polled.
    pub fn status_url(&self, run_id: &str) -> String {
        format!("{}/jobs/{run_id}", self.public_url)
    }

    /// Whether people reach us over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
