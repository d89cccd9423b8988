//! The one door to X's API v2: the client, its `send`, and what each call returns.
//!
//! Every failure is an [`Error`], named by what the caller can do. Nothing here knows of jobs, and no URL, header or text
//! that may hold a token leaves this folder.
//!
//! | file | is |
//! |---|---|
//! | `call` | one question: where, with what, by whose right |
//! | `answer` | what came back, still unparsed |
//! | `error`, `classify` | why a call gave nothing, and which answer means what |
//! | `limits` | what X says of its limits, and for whom they are kept |
//! | `gate` | whether a call may be made now: a limited key is not called |
//! | `token` | pairs of tokens: from a code, renewed, revoked |
//! | `me` | whose token it is |
//! | `post` | posting, and reading what was posted |
//! | `upload` | handing files over before they are posted |

mod answer;
mod call;
mod classify;
mod error;
mod gate;
mod limits;
mod me;
mod meter;
mod post;
mod token;
mod upload;

#[cfg(test)]
mod client_tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use queue::clock::Clock;
use reqwest::redirect;
use secrecy::{ExposeSecret as _, SecretString};
use tracing::{Instrument as _, Span, field};
use url::Url;

use crate::loopback::is_loopback;

pub(crate) use answer::Answer;
pub(crate) use call::{Body, Call, Proof, checked_id};
pub use error::{Details, Error};
pub(crate) use gate::{Gate, closed_until};
pub use me::User;
pub use post::Post;
pub use token::Grant;
pub use upload::Processing;

/// A host that does not even accept the connection by then is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The whole call, unless it carries more than a few words.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);
/// No answer to our questions is longer.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// The identity of our own app at X.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// The client id, `X_CLIENT_ID`.
    pub id: String,
    /// The client secret, `X_CLIENT_SECRET`.
    pub secret: SecretString,
}

/// Where X's API is and who we are to it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address before `/2/…`; a stand-in may have a path of its own.
    pub base_url: Url,
    /// Our app; without it nobody can connect an account, and no pair is renewed.
    pub client: Option<ClientCredentials>,
}

/// The client. Cloning shares its connections.
#[derive(Clone)]
pub struct X {
    inner: Arc<Inner>,
    /// What each call has to pass.
    gate: Option<Gate>,
}

struct Inner {
    http: reqwest::Client,
    config: Config,
    clock: Arc<dyn Clock>,
}

impl X {
    /// Builds the client with its time-outs; follows no redirect, since a token would go along. X tells until when a limit
    /// lasts by a time, which is compared with the clock's.
    #[expect(clippy::disallowed_methods, reason = "this folder is where X's client is built")]
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        anyhow::ensure!(!config.base_url.cannot_be_a_base(), "X's address `{}` cannot hold a path", config.base_url);
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("feedkeeper/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&config.base_url) {
            // A stand-in on this machine is never behind the company's proxy.
            builder = builder.no_proxy();
        }
        let http = builder.build().context("building X's client")?;
        Ok(Self { inner: Arc::new(Inner { http, config, clock }), gate: None })
    }

    /// Returns the same client, whose every call passes a gate first and tells it what was heard.
    #[must_use]
    pub(crate) fn through(&self, gate: Gate) -> Self {
        Self { inner: self.inner.clone(), gate: Some(gate) }
    }

    /// Our app, or the error that says that there is none.
    fn client(&self, call: &'static str) -> Result<&ClientCredentials, Error> {
        let client = self.inner.config.client.as_ref();
        client.ok_or_else(|| Error::app_misconfigured(call, "no app of X's is configured"))
    }

    /// Sends one call: the only place where this service talks to X.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer, Error> {
        let (name, started) = (call.name, Instant::now());
        if let Some(gate) = &self.gate {
            gate.ask(name).await?;
        }
        let span = tracing::info_span!(
            "x",
            call = name,
            method = %call.method,
            status = field::Empty,
            duration_ms = field::Empty,
        );
        let mut limits = limits::Limits::default();
        let outcome = self.exchange(call, &span, &mut limits).instrument(span.clone()).await;
        span.record("duration_ms", u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        meter::called(name, started.elapsed(), outcome.as_ref().err());
        span.in_scope(|| tracing::debug!("X was asked"));
        if let Some(gate) = &self.gate {
            gate.heard(name, &limits, outcome.as_ref().err()).await;
        }
        outcome
    }

    #[expect(clippy::disallowed_methods, reason = "this folder is where X is called")]
    async fn exchange(&self, call: Call<'_>, span: &Span, limits: &mut limits::Limits) -> Result<Answer, Error> {
        let name = call.name;
        let mut request = self.inner.http.request(call.method.clone(), self.url(&call)?);
        request = request.timeout(call.timeout.unwrap_or(TOTAL_TIMEOUT));
        request = match call.proof {
            Proof::App => {
                let client = self.client(name)?;
                request.basic_auth(&client.id, Some(client.secret.expose_secret()))
            }
            Proof::Token(token) => request.bearer_auth(token.expose_secret()),
        };
        request = match call.body {
            Body::None => request,
            Body::Form(fields) => request.form(&fields),
            Body::Json(value) => request.json(&value),
            Body::Bytes { content_type, bytes } => request.header("content-type", content_type).body(bytes),
        };
        let mut response = request.send().await.map_err(|source| Error::transport(name, None, source))?;
        let status = response.status().as_u16();
        span.record("status", status);
        *limits = limits::Limits::read(response.headers(), self.inner.clock.now());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|source| Error::transport(name, Some(status), source))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(Error::malformed(name, status, "longer than any answer"));
            }
            body.extend_from_slice(&chunk);
        }
        if !(200..300).contains(&status) {
            return Err(classify::classify(name, status, limits, &body));
        }
        Ok(Answer { call: name, status, body })
    }

    /// Builds the address from segments, so that no value can change the path.
    fn url(&self, call: &Call<'_>) -> Result<Url, Error> {
        let mut url = self.inner.config.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| Error::rejected(call.name, "the address holds no path"))?
            .pop_if_empty()
            .push("2")
            .extend(call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }
}

impl std::fmt::Debug for X {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("X").field("base_url", &self.inner.config.base_url.as_str()).finish_non_exhaustive()
    }
}
