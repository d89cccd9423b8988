//! Where the server is, how it is reached, and what is wrong with it. The password in the address never leaves this file.

use std::{fmt, time::Duration};

use ::redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion,
    PushInfo, RedisError, RedisResult, ServerErrorKind, TlsCertificates, aio::MultiplexedConnection,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::{sync::mpsc::UnboundedSender, time::timeout};

use super::{
    link::{Link, RESPONSE},
    reply,
    script::{self, Call},
};
use crate::lane::Lane;

/// How long connecting may take, the greeting included.
const CONNECT: Duration = Duration::from_secs(2);

/// The oldest version whose commands suffice.
const OLDEST: u32 = 7;

/// Says how to use a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// What every key begins with, in braces; a server serves as many queues as there are prefixes.
    pub prefix: String,
    /// The certificates in PEM that vouch for a `rediss://` server, instead of the system's.
    pub ca: Option<Vec<u8>>,
}

impl Default for Options {
    /// The prefix `queue`, the system's certificates.
    fn default() -> Self {
        Self { prefix: "queue".to_owned(), ca: None }
    }
}

/// Says why a server cannot be used at all; asking again does not help.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address cannot be read.
    #[error("the address of Redis {0}; write redis://user:password@host:6379/0, or rediss:// for TLS")]
    Address(&'static str),
    /// The prefix would break the keys.
    #[error("the prefix `{0}` of the queue's keys is empty or holds a brace")]
    Prefix(String),
    /// The certificates cannot be read.
    #[error("the certificates for Redis cannot be read as PEM")]
    Certificates,
    /// The server does not take our credentials, or gives them too few rights.
    #[error("Redis at {0} refuses the user or the password of its address, or grants too few rights")]
    Refused(String),
    /// The server's certificate is not one that we trust.
    #[error("the certificate of Redis at {0} is not trusted: {1}")]
    Untrusted(String, String),
    /// The server is too old.
    #[error("Redis at {0} has version {1}, and {OLDEST}.0 is needed")]
    TooOld(String, String),
}

/// Is the address of a server, credentials and certificates included.
pub(super) struct Address {
    client: Client,
    /// The same, speaking the protocol in which messages come unasked.
    listening: Client,
}

impl Address {
    pub(super) fn read(url: &str, options: &Options) -> Result<Self, ConnectError> {
        if options.prefix.is_empty() || options.prefix.contains(['{', '}']) {
            return Err(ConnectError::Prefix(options.prefix.clone()));
        }
        // The library's own words may quote the address, and with it the password.
        let info = url.into_connection_info().map_err(|_| ConnectError::Address("cannot be read"))?;
        if let ConnectionAddr::TcpTls { insecure, .. } = info.addr() {
            if *insecure {
                return Err(ConnectError::Address("asks for TLS without certificates"));
            }
            // Fails where the process has chosen one already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let listening = client(info.clone().set_redis_settings(settings), options)?;
        Ok(Self { client: client(info, options)?, listening })
    }

    /// Connects for calls.
    pub(super) async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        open(&self.client, &config()).await
    }

    /// Connects for messages, which are sent on.
    pub(super) async fn listen(&self, sender: UnboundedSender<PushInfo>) -> RedisResult<MultiplexedConnection> {
        open(&self.listening, &config().set_push_sender(sender)).await
    }
}

impl fmt::Display for Address {
    /// Writes host and port, and nothing that is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.get_connection_info().addr().fmt(f)
    }
}

fn client(info: ConnectionInfo, options: &Options) -> Result<Client, ConnectError> {
    match (&options.ca, info.addr()) {
        (Some(ca), ConnectionAddr::TcpTls { .. }) => {
            // The library takes a text without any for one that vouches for nobody.
            if CertificateDer::pem_slice_iter(ca).next().is_none() {
                return Err(ConnectError::Certificates);
            }
            let certificates = TlsCertificates { client_tls: None, root_cert: Some(ca.clone()) };
            Client::build_with_tls(info, certificates).map_err(|_| ConnectError::Certificates)
        }
        _ => Client::open(info).map_err(|_| ConnectError::Address("cannot be used")),
    }
}

fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(RESPONSE))
}

async fn open(client: &Client, config: &AsyncConnectionConfig) -> RedisResult<MultiplexedConnection> {
    // The library's own bound ends with the connection, and does not hold for the greeting.
    let opening = timeout(CONNECT, client.get_multiplexed_async_connection_with_config(config));
    opening.await.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}

/// Asks a server who it is and what we may do there, and refuses it if that does not suffice.
pub(super) async fn greet(address: &Address, link: &Link, root: &str) -> Result<(), ConnectError> {
    let refusal = match link.attempt(&Call::command("INFO", &["server"])).await {
        Ok(info) => {
            let info = reply::some_text(info).unwrap_or_default();
            let version = info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or_default();
            let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
            if major.is_some_and(|major| major < OLDEST) {
                return Err(ConnectError::TooOld(address.to_string(), version.to_owned()));
            }
            forbidden(link, root).await
        }
        // Who may do everything but ask for the version may do enough.
        Err(error) if is_forbidden(&error) => forbidden(link, root).await,
        Err(error) => Some(error),
    };
    match refusal {
        Some(error) if is_refusal(&error) => Err(ConnectError::Refused(address.to_string())),
        Some(error) if error.to_string().contains("invalid peer certificate") => {
            Err(ConnectError::Untrusted(address.to_string(), error.to_string()))
        }
        Some(error) => {
            tracing::warn!(address = %address, error = %error, "Redis does not answer yet: it is asked again when needed");
            Ok(())
        }
        None => Ok(()),
    }
}

/// Tries what nothing works without: scripts on our keys, and our channels, which a user's rights name apart from the keys.
/// Whoever sleeps is woken for nothing.
async fn forbidden(link: &Link, root: &str) -> Option<RedisError> {
    let wake = Call::command("PUBLISH", &[&format!("{root}:{}:wake", Lane::Bulk), ""]);
    for call in [Call::script(&script::IDLE, root, 0), wake] {
        if let Err(error) = link.attempt(&call).await {
            return Some(error);
        }
    }
    None
}

fn is_forbidden(error: &RedisError) -> bool {
    // A script's own calls are refused in words alone.
    error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm)
        || error.to_string().contains("user executing the script")
}

fn is_refusal(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed
        || error.code().is_some_and(|code| code == "WRONGPASS" || code == "NOAUTH")
        || is_forbidden(error)
}
