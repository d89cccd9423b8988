//! A sandbox of its own for each test, on a free port, and the calls that tests make.

use std::net::SocketAddr;
use std::path::Path;

use reqwest::{Client, Method, Response, redirect::Policy};
use sandbox::{Config, OnClock, Sandbox};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const REDIRECT: &str = "http://127.0.0.1:3000/users/oauth?x=1";
pub(crate) const DAY_S: i64 = 86_400;

/// A running sandbox.
pub(crate) struct Stand {
    pub(crate) base: String,
    /// Where mail is taken.
    pub(crate) smtp: SocketAddr,
    pub(crate) client: Client,
    folder: TempDir,
    stop: oneshot::Sender<()>,
    server: JoinHandle<anyhow::Result<()>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        read(response).await.unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns status, code and subcode of an error.
    pub(crate) fn error(&self) -> (u16, i64, i64) {
        let error = &self.json()["error"];
        (self.status, error["code"].as_i64().unwrap_or(0), error["error_subcode"].as_i64().unwrap_or(0))
    }
}

impl Stand {
    pub(crate) async fn start() -> Self {
        Self::start_in(TempDir::new().unwrap(), None).await
    }

    pub(crate) async fn start_with(hook: OnClock) -> Self {
        Self::start_in(TempDir::new().unwrap(), Some(hook)).await
    }

    async fn start_in(folder: TempDir, hook: Option<OnClock>) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut sandbox = Sandbox::open(Config::new(folder.path().join("sandbox"))).unwrap();
        if let Some(hook) = hook {
            sandbox = sandbox.on_clock(hook);
        }
        let mail_listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let smtp = mail_listener.local_addr().unwrap();
        tokio::spawn(sandbox.clone().serve_mail(mail_listener, std::future::pending()));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(sandbox.serve(listener, async {
            stopped.await.ok();
        }));
        Self { base, smtp, client: client(), folder, stop, server }
    }

    /// Stops it and starts it again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
        Self::start_in(self.folder, None).await
    }

    /// Starts another one on the same folder, as after a `kill -9`: the first had no chance to save.
    pub(crate) async fn crash(self) -> Self {
        self.server.abort();
        self.server.await.unwrap_err();
        Self::start_in(self.folder, None).await
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    pub(crate) async fn try_call(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Result<Answer> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await?).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.try_call(method, path, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    pub(crate) async fn form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base)).form(form);
        read(request.send().await.unwrap()).await.unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    pub(crate) async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.base)).header(name, value);
        read(request.send().await.unwrap()).await.unwrap()
    }

    /// Sends what no other helper here would send: any headers, any bytes.
    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = self.client.request(method, url).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn patch(&self, user: &str, body: Value) {
        let path = format!("/_sandbox/users/{user}");
        let answer = self.call(Method::PATCH, &path, Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub(crate) async fn advance(&self, advance_s: i64) {
        let answer = self.post("/_sandbox/clock", serde_json::json!({ "advance_s": advance_s })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Mints a short token.
    pub(crate) async fn token(&self, user: &str) -> String {
        let answer = self.post("/_sandbox/tokens", serde_json::json!({ "user": user })).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Exchanges a token for a 60-day one.
    pub(crate) async fn extend(&self, token: &str) -> Value {
        let answer = self
            .get(&format!(
                "/v26.0/oauth/access_token?grant_type=fb_exchange_token&client_id=123456789012345\
                 &client_secret=sandbox-secret&fb_exchange_token={token}"
            ))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn long_token(&self, user: &str) -> String {
        let short = self.token(user).await;
        self.extend(&short).await["access_token"].as_str().unwrap().to_owned()
    }

    /// Returns the token of a person's first Page, and its Instagram account's id.
    pub(crate) async fn page_token(&self, user: &str) -> (String, String) {
        let token = self.long_token(user).await;
        let answer = self
            .get(&format!("/v26.0/me/accounts?fields=access_token,instagram_business_account&access_token={token}"))
            .await;
        let page = answer.json()["data"][0].clone();
        (
            page["access_token"].as_str().unwrap().to_owned(),
            page["instagram_business_account"]["id"].as_str().unwrap_or_default().to_owned(),
        )
    }

    pub(crate) async fn debug(&self, token: &str) -> Value {
        let answer = self
            .get(&format!("/v26.0/debug_token?input_token={token}&access_token=123456789012345%7Csandbox-secret"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["data"].clone()
    }

    /// Consents as a person without a click and returns where the dialog goes.
    pub(crate) async fn consent(&self, more: &str) -> url::Url {
        let redirect: String = url::form_urlencoded::byte_serialize(REDIRECT.as_bytes()).collect();
        let answer = self
            .get(&format!(
                "/v26.0/dialog/oauth?client_id=123456789012345&redirect_uri={redirect}&state=s%26t\
                 &scope=instagram_basic,pages_show_list,pages_read_engagement&{more}"
            ))
            .await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        answer.header("location").parse().unwrap()
    }

    /// Exchanges a code.
    pub(crate) async fn exchange(&self, code: &str, redirect: &str) -> Answer {
        self.form(
            "/v26.0/oauth/access_token",
            &[
                ("client_id", "123456789012345"),
                ("client_secret", "sandbox-secret"),
                ("redirect_uri", redirect),
                ("code", code),
            ],
        )
        .await
    }
}

/// Returns a parameter of an address.
pub(crate) fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

#[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
fn client() -> Client {
    // The client wants a provider even for plain HTTP; another test may have set it.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

async fn read(response: Response) -> reqwest::Result<Answer> {
    Ok(Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        bytes: response.bytes().await?.to_vec(),
    })
}
