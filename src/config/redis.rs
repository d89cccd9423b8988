//! The Redis of the queue: who vouches for it, and which variable is to blame if it cannot be used.

use anyhow::{Context, ensure};
use queue::redis::{ConnectError, Options};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};

use super::{Config, Env};

/// Reads the certificates of `REDIS_CA`. Whoever has no `REDIS_URL` asks no server, and needs none.
pub(super) fn ca(env: &Env, url: Option<&SecretString>) -> anyhow::Result<Option<Vec<u8>>> {
    let (Some(path), Some(url)) = (env.text("REDIS_CA"), url) else { return Ok(None) };
    ensure!(
        is_tls(url),
        "REDIS_CA vouches for a server over TLS, but REDIS_URL does not begin with rediss://; unset the one or change the \
         other"
    );
    ensure!(
        !path.starts_with("-----"),
        "REDIS_CA names no file; it takes a path such as /etc/feedkeeper/redis-ca.pem, not the certificate itself"
    );
    let pem = std::fs::read(&path).with_context(|| {
        format!("REDIS_CA={path} cannot be read; it takes the path of a PEM file that this process may read")
    })?;
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.ok().and_then(|certificate| trusted.add(certificate).ok());
        certificate
            .with_context(|| format!("REDIS_CA={path} holds a certificate that cannot be read; copy it anew"))?;
    }
    ensure!(
        !trusted.is_empty(),
        "REDIS_CA={path} holds no certificate; it takes a PEM file with at least one -----BEGIN CERTIFICATE-----"
    );
    Ok(Some(pem))
}

fn is_tls(url: &SecretString) -> bool {
    url.expose_secret().split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("rediss"))
}

impl Config {
    /// Returns how the queue on Redis is used.
    pub(crate) fn redis_options(&self) -> Options {
        Options { ca: self.redis_ca.clone(), ..Options::default() }
    }

    /// Returns whether the Redis is asked over TLS.
    pub(crate) fn is_redis_tls(&self) -> bool {
        self.redis_url.as_ref().is_some_and(is_tls)
    }

    /// Says of a Redis that cannot be used which variable is to be changed.
    pub(crate) fn blame_redis(&self, error: ConnectError) -> anyhow::Error {
        let about = match (&error, &self.redis_ca) {
            (ConnectError::Untrusted(..), None) => {
                "REDIS_URL; if a private authority vouches for it, set REDIS_CA to the path of that one's certificate"
            }
            (ConnectError::Untrusted(..), Some(_)) => "REDIS_CA does not vouch for REDIS_URL",
            _ => "REDIS_URL",
        };
        anyhow::Error::new(error).context(about)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    const TLS: (&str, &str) = ("REDIS_URL", "rediss://u:hunter2@redis.example.com");

    #[test]
    fn certificates_that_cannot_vouch_are_refused_with_the_fix() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            path.to_str().expect("a path in UTF-8").to_owned()
        };
        let (empty, none) =
            (file("empty", ""), file("none", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
        let broken = file("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        let half = file("half", "-----BEGIN CERTIFICATE-----\nAAAA");
        for (url, ca, says) in [
            (("REDIS_URL", "redis://u:hunter2@x"), empty.as_str(), "REDIS_URL does not begin with rediss://"),
            (TLS, "/nowhere/at/all", "REDIS_CA=/nowhere/at/all cannot be read; it takes the path of a PEM file"),
            (TLS, "-----BEGIN CERTIFICATE-----", "REDIS_CA names no file"),
            (TLS, &empty, "holds no certificate; it takes a PEM file"),
            (TLS, &none, "holds no certificate; it takes a PEM file"),
            (TLS, &broken, "holds a certificate that cannot be read"),
            (TLS, &half, "holds a certificate that cannot be read"),
        ] {
            let error = read(&[url, ("REDIS_CA", ca)]).expect_err(says).to_string();
            assert!(error.starts_with("REDIS_CA") && error.contains(says), "{ca}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(read(&[("REDIS_CA", "/nowhere/at/all")]).is_ok(), "nobody needs it");
    }
}
