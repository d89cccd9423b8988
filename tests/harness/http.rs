//! The tests' HTTP client: follows nothing, keeps nothing.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::Value;

use super::contract;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The problem's code.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// What an element of a page says of itself, such as `data-code`.
    pub(crate) fn attribute(&self, name: &str) -> String {
        let start = format!("{name}=\"");
        self.text.split(&start).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Http(Client, Option<Journal>);

/// Everything that was answered, each with the address that was asked.
pub(crate) type Journal = Arc<Mutex<Vec<(String, String)>>>;

impl Http {
    #[expect(clippy::disallowed_methods, reason = "the tests' one client")]
    pub(crate) fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        Self(client.expect("a client"), None)
    }

    /// Writes down every answer, headers and body.
    pub(crate) fn with_journal(mut self, journal: &Journal) -> Self {
        self.1 = Some(journal.clone());
        self
    }

    fn note(&self, url: &str, answer: &Answer) {
        if let Some(journal) = &self.1 {
            let text = format!("{:?}\n{}", answer.headers, answer.text);
            journal.lock().unwrap_or_else(PoisonError::into_inner).push((url.to_owned(), text));
        }
    }

    /// Sends a request; `None` if the connection broke.
    #[expect(clippy::disallowed_methods, reason = "the tests' one send")]
    pub(crate) async fn try_send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Option<Answer> {
        let mut request = self.0.request(method.clone(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let answer = Answer { status, headers, text: answer.text().await.ok()? };
        contract::check(&method, url, &answer);
        self.note(url, &answer);
        Some(answer)
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        self.try_send(method, url, headers, body).await.unwrap_or_else(|| panic!("no answer from {url}"))
    }

    /// Sends a body that is no JSON.
    #[expect(clippy::disallowed_methods, reason = "the tests' one send")]
    pub(crate) async fn send_text(&self, method: Method, url: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = self.0.request(method.clone(), url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let answer = Answer { status, headers, text: answer.text().await.expect("a body") };
        contract::check(&method, url, &answer);
        self.note(url, &answer);
        answer
    }

    pub(crate) async fn get(&self, url: &str) -> Answer {
        self.send(Method::GET, url, &[], None).await
    }

    pub(crate) async fn post(&self, url: &str) -> Answer {
        self.send(Method::POST, url, &[], None).await
    }

    pub(crate) async fn post_json(&self, url: &str, body: &Value) -> Answer {
        self.send(Method::POST, url, &[], Some(body)).await
    }

    pub(crate) async fn put_json(&self, url: &str, body: &Value) -> Answer {
        self.send(Method::PUT, url, &[], Some(body)).await
    }
}
