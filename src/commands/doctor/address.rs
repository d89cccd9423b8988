//! How people reach us, who may ask, and what Meta has to be told of it.

use std::time::Duration;

use anyhow::Context;
use url::Url;
use worker::is_loopback;

use super::{Finding, Subject};
use crate::config::Auth;

/// How long our own address may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the other sides want to know: where, what it is called there, and which route it is.
const DASHBOARDS: [(&str, &[(&str, &str)]); 2] = [
    (
        "Meta's dashboard",
        &[
            ("Facebook Login, Valid OAuth Redirect URIs", "/users/oauth"),
            ("Facebook Login, Deauthorize callback URL", "/meta/deauthorize"),
            ("Facebook Login, Data Deletion Request URL", "/meta/data-deletion"),
        ],
    ),
    ("X's developer portal", &[("User authentication settings, Callback URI", "/x/callback")]),
];

/// Says how the address is.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    let Some(url) = &subject.config.public_url else {
        return vec![if subject.is_deployed() {
            Finding::bad(
                "PUBLIC_URL is not set: say where people and Meta reach us, such as `https://feeds.example.com`",
            )
        } else {
            Finding::nothing("PUBLIC_URL is not set; dev uses the address that it binds")
        }];
    };
    let written = url.as_str().trim_end_matches('/');
    if url.path() != "/" {
        return vec![Finding::bad(format!(
            "PUBLIC_URL={written} has a path: the routes are at the top of a host name"
        ))];
    }
    if url.scheme() != "https" && !is_loopback(url) {
        return vec![Finding::bad(format!(
            "PUBLIC_URL={written} is not https: Meta sends nobody there, and cookies are open"
        ))];
    }
    vec![match reach(url).await {
        Ok(()) => Finding::good(format!("PUBLIC_URL={written} answers")),
        Err(error) => Finding::warning(format!(
            "PUBLIC_URL={written} is well written, but does not answer from here ({error:#}): is the service up, and the \
             proxy before it?"
        )),
    }]
}

/// Asks our own address whether we are there.
#[expect(clippy::disallowed_methods, reason = "the one client that asks for our own address")]
async fn reach(url: &Url) -> anyhow::Result<()> {
    let none = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().timeout(PATIENCE).redirect(none);
    let http = if is_loopback(url) { http.no_proxy() } else { http };
    let answer = http.build()?.get(url.join("healthz")?).send().await.map_err(reqwest::Error::without_url)?;
    let (status, body) = (answer.status(), answer.text().await.map_err(reqwest::Error::without_url)?);
    let body: serde_json::Value =
        serde_json::from_str(&body).with_context(|| format!("{status}, and no answer of ours"))?;
    anyhow::ensure!(status.is_success() && body["status"] == "ok", "{status}");
    Ok(())
}

/// Says whose word counts.
pub(super) fn check_auth(subject: &Subject) -> Vec<Finding> {
    let config = &subject.config;
    vec![match (config.check_service().and_then(|()| config.routes_auth()), config.auth) {
        (Err(error), _) => Finding::failed(&error),
        (Ok(_), Auth::Signed) => Finding::good("AUTH=signed, with a secret that is long enough"),
        (Ok(_), Auth::Open) => {
            Finding::good("AUTH=open: everybody on this machine, and nobody else, for HOST is loopback")
        }
    }]
}

/// Returns what to paste into the other sides' dashboards.
pub(super) fn dashboards(subject: &Subject) -> Vec<String> {
    let Some(url) = &subject.config.public_url else {
        return vec!["Once PUBLIC_URL is set, the addresses for Meta's dashboard and for X's stand here.".to_owned()];
    };
    let url = url.as_str().trim_end_matches('/');
    let mut lines = Vec::new();
    for (place, addresses) in DASHBOARDS {
        lines.push(format!("For {place}:"));
        lines.extend(addresses.iter().map(|(name, path)| format!("  {name}: {url}{path}")));
    }
    lines
}
