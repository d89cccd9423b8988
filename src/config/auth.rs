//! Whose word counts at the routes: `AUTH`, `APP_TOKEN_SECRET`.

use std::str::FromStr;

use secrecy::ExposeSecret;

use super::Config;

/// As long as the hash that HS256 makes: a shorter key would be the weaker of the two (RFC 7518).
const LEAST_SECRET: usize = 32;

/// Who may ask for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    /// The host platform signs what its callers may do.
    Signed,
    /// Every caller is taken as authorised.
    Open,
}

impl FromStr for Auth {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "signed" => Ok(Self::Signed),
            "open" => Ok(Self::Open),
            _ => Err("it is `signed` or `open`"),
        }
    }
}

impl Config {
    /// Returns whose word counts at the routes. Whoever could guess the secret could ask for everything.
    pub(crate) fn routes_auth(&self) -> anyhow::Result<api::Auth> {
        match (self.auth, &self.app_token_secret) {
            (Auth::Open, _) => Ok(api::Auth::Open),
            (Auth::Signed, None) => anyhow::bail!(
                "AUTH=signed needs APP_TOKEN_SECRET: at least {LEAST_SECRET} random bytes, shared with the host \
                 platform, which signs with them"
            ),
            (Auth::Signed, Some(secret)) => {
                let length = secret.expose_secret().len();
                anyhow::ensure!(
                    length >= LEAST_SECRET,
                    "APP_TOKEN_SECRET has {length} bytes, and needs {LEAST_SECRET}"
                );
                Ok(api::Auth::Signed(secret.clone()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{SECRET, read};

    #[test]
    fn signed_may_listen_anywhere() {
        let (secret, public) = (SECRET, ("PUBLIC_URL", "https://feeds.example.com"));
        let config = read(&[("AUTH", "signed"), ("HOST", "0.0.0.0"), ("APP_TOKEN_SECRET", secret), public]);

        let config = config.expect("a configuration");

        assert!(matches!(config.routes_auth(), Ok(api::Auth::Signed(_))));
        assert!(!format!("{config:?}").contains(secret));
    }
}
