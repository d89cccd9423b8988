//! The one door to Meta's Graph API: the client, its `send`, and what each call returns.
//!
//! Every failure is a [`Error`], named by what the caller can do. Nothing here knows of jobs or rows,
//! and no URL, header or text that may hold a token leaves this folder.

mod accounts;
mod class;
mod classify;
mod direct;
mod edge;
mod envelope;
mod error;
mod hashtag;
mod lenient;
mod media;
mod meter;
mod paging;
mod proof;
mod scrub;
mod shapes;
mod token;
mod unnumbered;
mod usage;
mod user;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod stand_in;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use reqwest::redirect;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use tracing::{Instrument as _, Span, field};
use url::Url;

use crate::loopback::is_loopback;
use crate::throttles::{Closed, Gate};

pub use accounts::{IgRef, Page};
pub use class::{Class, Scope, WhoActs};
pub use classify::classify;
pub use error::{Details, Error};
pub use media::{Child, Media, MediaList, MediaType};
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
pub use scrub::{is_credential, scrub};
pub use shapes::is_success;
pub use token::{Expiry, Grant, GranularScope, TokenInfo, TokenKind};
pub use usage::{Entry, Usage, Whose};
pub use user::IgUser;

/// A host that does not even accept the connection by then is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The whole call, body included. Meta itself gives up on heavy queries after about this long.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(25);
/// Fifty albums with ten children each stay under 1 MiB; more than this is not an answer to our questions.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Ids have 17 digits today ("Ids are decimal strings"); none comes near this.
const ID_DIGITS: usize = 32;

/// The identity of our own Meta app.
#[derive(Clone, Debug)]
pub struct AppCredentials {
    /// The app id, `META_APP_ID`.
    pub id: String,
    /// The app secret, which also signs every call.
    pub secret: SecretString,
}

/// Where the Graph API is and who we are to it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address before the version; a stand-in may have a path of its own.
    pub base_url: Url,
    /// The version that every call names, such as `v26.0`; a call without one gets whatever the dashboard says.
    pub version: String,
    /// Our app; without it nothing can be exchanged or inspected.
    pub app: Option<AppCredentials>,
}

/// The client. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Graph {
    inner: Arc<Inner>,
    /// What each call has to pass.
    gate: Option<Gate>,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    config: Config,
    upgrade_seen: AtomicBool,
}

/// One question to Meta. All of them are reads, so all of them are `GET`.
struct Call<'a> {
    name: &'static str,
    path: &'a [&'a str],
    query: Vec<(&'static str, String)>,
    token: Option<&'a SecretString>,
}

/// An answer that is not an error, still unparsed.
struct Answer {
    call: &'static str,
    status: u16,
    body: Vec<u8>,
}

impl Graph {
    /// Builds the client with its time-outs; follows no redirect, since a token would go along.
    #[expect(clippy::disallowed_methods, reason = "this folder is where the Graph's client is built")]
    pub fn new(config: Config) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !config.base_url.cannot_be_a_base(),
            "the Graph's address `{}` cannot hold a path",
            config.base_url
        );
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("feedkeeper/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&config.base_url) {
            // A stand-in on this machine is never behind the company's proxy.
            builder = builder.no_proxy();
        }
        let http = builder.build().context("building the Graph's client")?;
        Ok(Self { inner: Arc::new(Inner { http, config, upgrade_seen: AtomicBool::new(false) }), gate: None })
    }

    /// Returns the same client, whose every call passes a gate first and tells it what was heard.
    #[must_use]
    pub fn through(&self, gate: Gate) -> Self {
        Self { inner: self.inner.clone(), gate: Some(gate) }
    }

    /// Returns whether a token that names this app was made for ours; with no app configured, none is.
    pub fn is_our_app(&self, app_id: &str) -> bool {
        self.inner.config.app.as_ref().is_some_and(|app| app.id == app_id)
    }

    /// Returns our app's secret, if there is an app: what Meta signs is signed with it.
    pub(crate) fn app_secret(&self) -> Option<&SecretString> {
        self.inner.config.app.as_ref().map(|app| &app.secret)
    }

    /// Our app, or the error that says that there is none.
    fn app(&self, call: &'static str) -> Result<&AppCredentials, Error> {
        self.inner.config.app.as_ref().ok_or_else(|| Error::app_misconfigured(call, "no Meta app is configured"))
    }

    /// Sends one call and parses its answer.
    async fn get<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Error> {
        self.send(call).await?.parse()
    }

    /// Sends one call: the only place where this service talks to the Graph.
    async fn send(&self, call: Call<'_>) -> Result<Answer, Error> {
        let passage = match &self.gate {
            Some(gate) => Some(gate.ask().await.map_err(|closed| not_asked(call.name, closed, gate))?),
            None => None,
        };
        let span = tracing::info_span!(
            "graph",
            call = call.name,
            method = "GET",
            path = %shown(call.path),
            status = field::Empty,
            code = field::Empty,
            usage_percent = field::Empty,
            duration_ms = field::Empty,
        );
        let (name, started) = (call.name, Instant::now());
        let mut usage = Usage::default();
        let outcome = self.exchange(call, &span, &mut usage).instrument(span.clone()).await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        span.record("duration_ms", duration_ms);
        meter::called(name, started.elapsed(), outcome.as_ref().err());
        if let Err(error) = &outcome
            && let Some(code) = error.details().code
        {
            span.record("code", code);
        }
        span.in_scope(|| tracing::debug!("the Graph was asked"));
        if let Some(passage) = passage {
            passage.heard(&usage, outcome.as_ref().err()).await;
        }
        outcome
    }

    #[expect(clippy::disallowed_methods, reason = "this folder is where the Graph is called")]
    async fn exchange(&self, call: Call<'_>, span: &Span, usage: &mut Usage) -> Result<Answer, Error> {
        let name = call.name;
        let mut request = self.inner.http.get(self.url(&call)?);
        if let Some(token) = call.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let mut response = request.send().await.map_err(|source| Error::transport(name, None, source))?;

        let status = response.status().as_u16();
        span.record("status", status);
        *usage = Usage::read(response.headers());
        if let Some(percent) = usage.percent {
            span.record("usage_percent", percent);
            meter::used(name, percent);
        }
        self.watch_version(response.headers());

        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|source| Error::transport(name, Some(status), source))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(Error::malformed(name, status, "longer than any answer"));
            }
            body.extend_from_slice(&chunk);
        }
        // The body is looked at before the status: errors have come under 200 (fixture of a batch reply).
        if !(200..300).contains(&status) || envelope::is_error(&body) {
            return Err(classify(name, status, response.headers(), &body));
        }
        Ok(Answer { call: name, status, body })
    }

    /// Builds the address from segments, so that no value can change the path.
    fn url(&self, call: &Call<'_>) -> Result<Url, Error> {
        let config = &self.inner.config;
        let mut url = config.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| Error::bad_request(call.name, "the address holds no path"))?
            .pop_if_empty()
            .push(&config.version)
            .extend(call.path);
        let mut query = url.query_pairs_mut();
        query.extend_pairs(&call.query);
        if let (Some(token), Some(app)) = (call.token, &config.app) {
            query.append_pair("appsecret_proof", &proof::appsecret_proof(&app.secret, token));
        }
        drop(query);
        Ok(url)
    }

    /// Warns once when Meta serves another version than the one asked for, which it does silently for
    /// expired ones (developers.facebook.com/docs/graph-api/guides/versioning).
    fn watch_version(&self, headers: &HeaderMap) {
        let asked = &self.inner.config.version;
        let served = headers.get("facebook-api-version").and_then(|value| value.to_str().ok());
        if let Some(served) = served
            && !served.eq_ignore_ascii_case(asked)
            && !self.inner.upgrade_seen.swap(true, Ordering::Relaxed)
        {
            let served: String = served.chars().take(16).collect();
            tracing::warn!(%asked, %served, "Meta answers with another API version than the one asked for");
        }
    }
}

impl Answer {
    fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::unparsable(self.call, self.status, &error))
    }
}

/// The error of a call that was not made.
fn not_asked(call: &'static str, closed: Closed, gate: &Gate) -> Error {
    let error = Error::not_asked(call, closed, gate.now());
    if let Some(scope) = error.limited() {
        meter::not_asked(scope);
    }
    error
}

/// A path for the log: ids of people and accounts are left out, as a log is kept longer than they may want.
fn shown(path: &[&str]) -> String {
    let shown: Vec<_> = path.iter().map(|part| checked_id("", part).map_or(*part, |_| "{id}")).collect();
    shown.join("/")
}

/// Whether `id` may become a path segment: nothing but digits.
fn checked_id<'a>(call: &'static str, id: &'a str) -> Result<&'a str, Error> {
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if digits && id.len() <= ID_DIGITS {
        Ok(id)
    } else {
        Err(Error::bad_request(call, "the id is not a decimal number"))
    }
}
