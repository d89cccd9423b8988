//! Addresses of web services: ours as people reach it, and the other sides'.

use anyhow::ensure;
use url::Url;
use worker::is_loopback;

use super::{Config, Env};

/// Reads an address that people are shown.
pub(super) fn web(env: &Env, name: &str) -> anyhow::Result<Option<Url>> {
    // Not repeated: a password may be in it, and these addresses are for everybody's eyes.
    let parsed = env.text(name).map(|text| text.parse());
    let url: Option<Url> = parsed.transpose().map_err(|error| anyhow::anyhow!("{name} is no address: {error}"))?;
    if let Some(url) = &url {
        let is_open = url.username().is_empty() && url.password().is_none();
        ensure!(is_open, "{name} holds a user name or a password; it is shown to people and must not");
        let plain = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
        ensure!(
            plain,
            "{name} is an address such as `https://feeds.example.com`: it begins with https:// or, on this machine, http://, and has no query"
        );
    }
    Ok(url)
}

/// Reads an address to which tokens are sent.
pub(super) fn outside(env: &Env, name: &str) -> anyhow::Result<Option<Url>> {
    let url = web(env, name)?;
    let is_safe = url.as_ref().is_none_or(is_private);
    ensure!(is_safe, "{name} is http: tokens would travel in the clear; use https (http is for loopback alone)");
    Ok(url)
}

/// Returns whether nobody on the way can read along: over TLS, or without leaving this machine.
fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

impl Config {
    /// Refuses to serve people in the clear; to try something out at home that is enough of a warning.
    pub(crate) fn check_public_url(&self) -> anyhow::Result<()> {
        let is_safe = self.public_url.as_ref().is_none_or(is_private);
        ensure!(is_safe, "PUBLIC_URL is http: proofs and cookies would travel in the clear; use https");
        Ok(())
    }

    /// Returns whether what is asked under `PUBLIC_URL` comes straight to our port on this machine. What stands in front
    /// of any other address may rewrite `Host`.
    pub(crate) fn is_public_url_ours(&self, port: u16) -> bool {
        let is_ours =
            |url: &Url| url.scheme() == "http" && is_loopback(url) && url.port_or_known_default() == Some(port);
        self.public_url.as_ref().is_none_or(is_ours)
    }

    /// Returns what has to be said before the routes are tried out under `PUBLIC_URL`.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        let Some(url) = &self.public_url else { return Vec::new() };
        let mut warnings = Vec::new();
        if !is_private(url) {
            warnings.push("PUBLIC_URL is http: proofs and cookies travel in the clear; `api` refuses that");
        }
        if self.auth == super::Auth::Open && !is_loopback(url) {
            warnings.push(
                "AUTH=open under a PUBLIC_URL that others reach: EVERYBODY may connect, read and change everything; use \
                 AUTH=signed",
            );
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{SECRET, read};

    #[test]
    fn what_leaves_this_machine_is_warned_of() {
        for (vars, warnings) in [
            (&[][..], 0),
            (&[("PUBLIC_URL", "http://localhost:3000")], 0),
            (&[("PUBLIC_URL", "http://127.0.0.1:3000")], 0),
            (&[("PUBLIC_URL", "http://[::1]:3000")], 0),
            (&[("PUBLIC_URL", "https://feeds.example.com")], 1),
            (&[("PUBLIC_URL", "http://feeds.example.com")], 2),
            (&[("PUBLIC_URL", "https://feeds.example.com"), ("AUTH", "signed"), ("APP_TOKEN_SECRET", SECRET)], 0),
        ] {
            let config = read(vars).expect("a configuration");
            assert_eq!(config.warnings().len(), warnings, "{vars:?}");
            let is_http = config.public_url.as_ref().is_some_and(|url| url.as_str() == "http://feeds.example.com/");
            assert_eq!(config.check_public_url().is_err(), is_http, "{vars:?}");
        }
    }

    #[test]
    fn an_address_is_ours_if_nothing_stands_in_front_of_it() {
        for (url, is_ours) in [
            ("", true),
            ("http://localhost:3000", true),
            ("http://127.0.0.1:3000", true),
            ("http://localhost:8080", false),
            ("https://localhost:3000", false),
            ("https://feeds.example.com", false),
        ] {
            assert_eq!(
                read(&[("PUBLIC_URL", url)]).expect("a configuration").is_public_url_ours(3000),
                is_ours,
                "{url}"
            );
        }
    }

    #[test]
    fn stand_ins_on_this_machine_are_asked_in_the_clear() {
        assert!(read(&[("GRAPH_URL", "http://127.0.0.1:3900"), ("FB_DIALOG_URL", "http://localhost:3900")]).is_ok());
    }
}
