//! A call to the Graph, taken apart: host, version, path, parameters, and who makes it.

use axum::http::{HeaderMap, HeaderName, Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::params::Params;
use super::version;

/// The hosts that share the sandbox's port.
const HOSTS: [&str; 7] = [
    "graph.facebook.com",
    "graph-video.facebook.com",
    "www.facebook.com",
    "m.facebook.com",
    "graph.instagram.com",
    "api.instagram.com",
    "www.instagram.com",
];

/// A call to the Graph.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// GET, POST, …; what the parameter `method` says counts more.
    pub(crate) method: Method,
    /// The host segment that the path began with, with a slash before it.
    pub(crate) host: String,
    /// The version segment.
    pub(crate) asked_version: Option<String>,
    /// What follows the version, without empty segments.
    pub(crate) segments: Vec<String>,
    /// Query and body.
    pub(crate) params: Params,
    /// Where the caller has found the sandbox, if at a name of this machine's: links lead there again.
    pub(crate) origin: Option<String>,
    /// `Authorization: Bearer …`.
    bearer: Option<String>,
    /// `Authorization: Basic …`: the id and the secret of an app.
    basic: Option<(String, String)>,
}

impl Request {
    /// Takes a call apart.
    pub(crate) fn new(method: Method, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Self {
        let params = Params::read(query, text(headers, &header::CONTENT_TYPE), body);
        let host = text(headers, &header::HOST);
        let (scheme, credentials) = text(headers, &header::AUTHORIZATION).split_once(' ').unwrap_or_default();
        let is = |name: &str| scheme.eq_ignore_ascii_case(name);
        Self {
            origin: is_this_machine(host).then(|| format!("http://{host}")),
            bearer: (is("bearer") || is("oauth")).then(|| credentials.trim().to_owned()),
            basic: is("basic").then(|| basic(credentials)).flatten(),
            ..Self::of(method, path, params)
        }
    }

    /// Returns a call of a batch: it takes from this one what it does not say itself.
    pub(crate) fn part(&self, method: Method, address: &str, body: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let mut params = Params::read(query, "", body.as_bytes());
        if params.get("access_token").is_none() {
            for name in ["access_token", "appsecret_proof", "appsecret_time"] {
                params.or(name, self.params.get(name));
            }
        }
        let part = Self::of(method, path, params);
        Self {
            host: if part.host.is_empty() { self.host.clone() } else { part.host },
            asked_version: part.asked_version.or_else(|| self.asked_version.clone()),
            origin: self.origin.clone(),
            bearer: self.bearer.clone(),
            ..part
        }
    }

    fn of(method: Method, path: &str, params: Params) -> Self {
        let mut segments: Vec<String> = segments(path).map(str::to_owned).collect();
        let host = match segments.first() {
            Some(first) if HOSTS.contains(&first.as_str()) => format!("/{}", segments.remove(0)),
            _ => String::new(),
        };
        let asked_version = match segments.first() {
            Some(first) if version::looks_like_one(first) => Some(segments.remove(0)),
            _ => None,
        };
        // Who cannot send DELETE says so in a POST.
        let said = params.get("method").and_then(|said| said.to_ascii_uppercase().parse().ok());
        let method = said.filter(|_| method == Method::POST || method == Method::GET).unwrap_or(method);
        Self { method, host, asked_version, segments, params, origin: None, bearer: None, basic: None }
    }

    /// Returns the token, from the query or else from the header.
    pub(crate) fn token(&self) -> Option<&str> {
        self.params.get("access_token").or(self.bearer.as_deref())
    }

    /// Returns the id of the app that asks for a token: a parameter, or the name of a Basic header.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.params.get("client_id").or(self.basic.as_ref().map(|(id, _)| id.as_str()))
    }

    /// Returns the secret of the app that asks for a token, from where its id may be too.
    pub(crate) fn client_secret(&self) -> Option<&str> {
        let secret = self.basic.as_ref().map(|(_, secret)| secret.as_str());
        self.params.get("client_secret").or(secret.filter(|secret| !secret.is_empty()))
    }

    /// Returns the path after the version.
    pub(crate) fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }

    /// Returns the path from the host on.
    pub(crate) fn whole_path(&self) -> String {
        let version = self.asked_version.as_ref().map_or_else(String::new, |version| format!("/{version}"));
        format!("{}{version}{}", self.host, self.path())
    }

    /// Returns the segments as a match can look at them.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// Tells whether it is for a host of Instagram Login, whose tokens are others.
    pub(crate) fn is_for_instagram_login(&self) -> bool {
        self.host.ends_with(".instagram.com")
    }
}

/// Returns the segments of a path that are not empty.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Tells whether a `Host` names this machine: links must not lead callers elsewhere.
fn is_this_machine(host: &str) -> bool {
    url::Url::parse(&format!("http://{host}/")).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

/// Reads the name and the password of a Basic header, which OAuth wants written as in a form.
fn basic(credentials: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(credentials.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    // A name is given, so that only the secret's own signs are read.
    let plain = |text: &str| {
        let pair = format!("value={}", text.replace('&', "%26"));
        form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
    };
    Some((plain(id), plain(secret)))
}
