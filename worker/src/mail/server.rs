//! Where the mail server is, and how it is reached: `SMTP_URL`, read once.
//!
//! | address | the connection | port unless it is named |
//! |---|---|---|
//! | `smtps://…` | TLS from its first byte | 465 |
//! | `smtp://…` | STARTTLS, or nothing is sent | 587 |
//! | `smtp://…?tls=off` | in the clear | 25 |
//! | `smtp://…` on this machine | STARTTLS if it is offered, whatever the certificate is | 25 |

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;
use url::{Host, Url};

use super::{Error, Step};
use crate::loopback::names_this_machine;

/// What an address begins with.
const SCHEMES: &str = "the mail server's address begins with smtps:// or smtp://";

/// How a connection is secured.
enum Tls {
    /// From its first byte.
    Whole(TlsParameters),
    /// By STARTTLS, or there is no conversation.
    Required(TlsParameters),
    /// By STARTTLS, if it is offered.
    Offered(TlsParameters),
    /// Not at all.
    Off,
}

/// A mail server.
pub(super) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
}

impl Server {
    /// Reads an address. No error repeats anything of it: a password may be in it.
    pub(super) fn parse(url: &SecretString) -> anyhow::Result<Self> {
        let url: Url = url.expose_secret().parse().context(SCHEMES)?;
        anyhow::ensure!(matches!(url.scheme(), "smtp" | "smtps"), SCHEMES);
        let host = url.host_str().filter(|host| !host.is_empty()).context("the mail server's address names no host")?;
        // Brackets are how URLs write an IPv6 address.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let is_here = is_this_machine(&host);
        let (tls, port) = match (url.scheme(), asked.as_deref()) {
            ("smtp", Some("off")) => (Tls::Off, 25),
            ("smtp", None) if is_here => (Tls::Offered(parameters(&host, is_here)?), 25),
            ("smtp", None | Some("required")) => (Tls::Required(parameters(&host, is_here)?), 587),
            ("smtp", Some(_)) => {
                anyhow::bail!("the mail server's address says `?tls=required` or `?tls=off`, or neither")
            }
            (_, Some(_)) => anyhow::bail!("smtps:// is TLS already: leave `?tls=` out"),
            (_, None) => (Tls::Whole(parameters(&host, is_here)?), 465),
        };
        let credentials = match (decoded(url.username())?, url.password()) {
            (name, Some(password)) if !name.is_empty() => Some(Credentials::new(name, decoded(password)?)),
            (name, None) if name.is_empty() => None,
            _ => anyhow::bail!("the mail server's address has a user name and a password, or neither"),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), tls, credentials })
    }

    /// Connects, secures the connection and logs in, each within `step`.
    pub(super) async fn connect(&self, step: Duration) -> Result<AsyncSmtpConnection, Error> {
        let hello = ClientId::default();
        let whole = match &self.tls {
            Tls::Whole(tls) => Some(tls.clone()),
            _ => None,
        };
        let address = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(address, Some(step), &hello, whole, None);
        let mut connection = within(step, connecting).await?;
        let starttls = match &self.tls {
            Tls::Required(tls) => Some(tls),
            Tls::Offered(tls) => connection.can_starttls().then_some(tls),
            Tls::Whole(_) | Tls::Off => None,
        };
        if let Some(tls) = starttls {
            within(step, connection.starttls(tls.clone(), &hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            within(step, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(connection)
    }
}

impl fmt::Display for Server {
    /// Without what opens it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

async fn within<T>(step: Duration, connecting: impl Future<Output = Result<T, smtp::Error>>) -> Result<T, Error> {
    match timeout(step, connecting).await {
        Ok(connected) => connected.map_err(|error| Error::of(Step::Connection, &error)),
        Err(_) => Err(Error::silent(Step::Connection, step)),
    }
}

/// On this machine nobody is in between, and no authority vouches for its names.
fn parameters(host: &str, is_here: bool) -> anyhow::Result<TlsParameters> {
    let parameters = TlsParameters::builder(host.to_owned())
        .dangerous_accept_invalid_certs(is_here)
        .dangerous_accept_invalid_hostnames(is_here);
    parameters.build().context("preparing TLS for the mail server")
}

/// The parser keeps percent signs.
fn decoded(text: &str) -> anyhow::Result<String> {
    let form = format!("v={}", text.replace('+', "%2B"));
    let (_, value) = url::form_urlencoded::parse(form.as_bytes()).next().context("the mail server's user name")?;
    anyhow::ensure!(!value.contains(char::REPLACEMENT_CHARACTER), "the mail server's user name or password is no text");
    Ok(value.into_owned())
}

fn is_this_machine(host: &str) -> bool {
    host == "::1" || Host::parse(host).is_ok_and(|host| names_this_machine(&host))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::{Server, Tls};

    fn parse(url: &str) -> anyhow::Result<Server> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Server::parse(&SecretString::from(url.to_owned()))
    }

    #[test]
    fn an_address_says_where_and_how() {
        for (url, at, tls) in [
            ("smtps://u:p@mail.example.com", "mail.example.com:465", "whole"),
            ("smtp://u:p@mail.example.com", "mail.example.com:587", "required"),
            ("smtp://mail.example.com:2525?tls=required", "mail.example.com:2525", "required"),
            ("smtp://relay?tls=off", "relay:25", "off"),
            ("smtp://localhost", "localhost:25", "offered"),
            ("smtp://127.0.0.1:1025", "127.0.0.1:1025", "offered"),
            ("smtp://[::1]:1025", "::1:1025", "offered"),
            ("smtp://localhost?tls=required", "localhost:587", "required"),
        ] {
            let server = parse(url).unwrap();
            let found = match server.tls {
                Tls::Whole(_) => "whole",
                Tls::Required(_) => "required",
                Tls::Offered(_) => "offered",
                Tls::Off => "off",
            };
            assert_eq!((server.to_string().as_str(), found), (at, tls), "{url}");
            assert_eq!(server.credentials.is_some(), url.contains("u:p@"), "{url}");
        }
    }

    #[test]
    fn what_is_written_with_percent_signs_is_meant_without() {
        assert_eq!(super::decoded("a%40b+c%25").unwrap(), "a@b+c%");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, says) in [
            ("mail.example.com", "begins with smtps:// or smtp://"),
            ("https://u:hunter2@mail.example.com", "begins with smtps:// or smtp://"),
            ("smtp://u:hunter2@mail.example.com?tls=maybe", "`?tls=required` or `?tls=off`"),
            ("smtps://u:hunter2@mail.example.com?tls=off", "TLS already"),
            ("smtps://:hunter2@mail.example.com", "a user name and a password, or neither"),
            ("smtps://hunter2@mail.example.com", "a user name and a password, or neither"),
            ("smtp://u:hunter2@x:y", "begins with"),
        ] {
            let Err(error) = parse(url) else { panic!("{url} is taken") };
            let error = format!("{error:#}");
            assert!(error.contains(says) && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
