//! The stand-ins' own door, in words.

use std::path::Path;

use reqwest::Method;
use sandbox::{OnClock, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Http, within_reason};

#[derive(Clone, Debug)]
pub(crate) struct StandIns {
    pub url: String,
    pub http: Http,
}

impl StandIns {
    /// Serves stand-ins in this process until `stop`.
    pub(crate) async fn serve(folder: &Path, on_clock: OnClock, stop: &CancellationToken) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let sandbox = Sandbox::open(sandbox::Config::new(folder)).expect("a sandbox").on_clock(on_clock);
        let mail_listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        tokio::spawn(sandbox.clone().serve_mail(mail_listener, stop.clone().cancelled_owned()));
        tokio::spawn(sandbox.serve(listener, stop.clone().cancelled_owned()));
        Self { url, http: Http::new() }
    }

    fn door(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.url)
    }

    /// A short-lived token, as Meta's login button hands it to a page.
    pub(crate) async fn mint(&self, user: &str) -> String {
        self.consent(user).await.0
    }

    /// The same, and by what the record of calls names that consent.
    pub(crate) async fn consent(&self, user: &str) -> (String, String) {
        let answer = self.http.post_json(&self.door("tokens"), &json!({"user": user})).await;
        let given = answer.json();
        let text = |name: &str| given[name].as_str().map(str::to_owned);
        text("access_token").zip(text("grant")).unwrap_or_else(|| panic!("no token for {user}: {}", answer.text))
    }

    /// A code, as the dialog gives it to a person who agrees.
    pub(crate) async fn code(&self, user: &str, redirect_uri: &str) -> String {
        let consent = format!(
            "{}/v26.0/dialog/oauth?client_id={}&redirect_uri={redirect_uri}&state=s&response_type=code&_user={user}\
             &scope=instagram_basic,pages_show_list,pages_read_engagement",
            self.url,
            sandbox::DEFAULT_APP_ID,
        );
        let back: url::Url = self.http.get(&consent).await.header("location").parse().expect("back to us");
        back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned()
    }

    /// Uses a code up, as a call whose answer nobody heard would have.
    pub(crate) async fn use_up(&self, code: &str, redirect_uri: &str) {
        let (id, secret) = (sandbox::DEFAULT_APP_ID, sandbox::DEFAULT_APP_SECRET);
        let query = format!("client_id={id}&client_secret={secret}&redirect_uri={redirect_uri}&code={code}");
        let used = self.http.get(&format!("{}/v26.0/oauth/access_token?{query}", self.url)).await;
        assert_eq!(used.status, 200, "{}", used.text);
    }

    pub(crate) async fn patch(&self, user: &str, change: Value) {
        let answer = self.http.send(Method::PATCH, &self.door(&format!("users/{user}")), &[], Some(&change)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// What is used of each account's allowance that was called.
    pub(crate) async fn usage(&self) -> Vec<Value> {
        self.http.get(&self.door("usage")).await.json().as_array().cloned().expect("a list of accounts")
    }

    /// Publishes a picture.
    pub(crate) async fn post(&self, user: &str, caption: &str) {
        let post = json!({"user": user, "media_type": "IMAGE", "caption": caption});
        let posted = self.http.post_json(&self.door("media"), &post).await;
        assert_eq!(posted.status, 200, "{}", posted.text);
    }

    /// The Instagram account's id of a user of the stand-ins.
    pub(crate) async fn account_id(&self, user: &str) -> String {
        let users = self.http.get(&self.door("users")).await.json();
        let found = users.as_array().and_then(|users| users.iter().find(|each| each["user"] == user).cloned());
        found.expect("a known user")["ig_user_id"].as_str().expect("an account").to_owned()
    }

    /// The calls whose path contains a text, oldest first.
    pub(crate) async fn calls(&self, path_contains: &str) -> Vec<Value> {
        let url = self.door(&format!("calls?path_contains={path_contains}"));
        self.http.get(&url).await.json().as_array().cloned().expect("a list of calls")
    }

    pub(crate) async fn forget_calls(&self) {
        let forgotten = self.http.send(Method::DELETE, &self.door("calls"), &[], None).await;
        assert!((200..300).contains(&forgotten.status), "{}", forgotten.text);
    }

    /// Waits until a matching call has arrived, answered or not.
    pub(crate) async fn wait_for_call(&self, path_contains: &str) {
        self.wait_for_calls(path_contains, 1).await;
    }

    /// Waits until so many have.
    pub(crate) async fn wait_for_calls(&self, path_contains: &str, number: usize) {
        within_reason(async {
            while self.calls(path_contains).await.len() < number {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// The address of their webhook.
    pub(crate) fn webhook(&self) -> String {
        format!("{}/slack/services/T1/B1/hunter2", self.url)
    }

    /// The address of their mail server.
    pub(crate) async fn smtp(&self) -> String {
        within_reason(async {
            loop {
                if let Some(url) = self.http.get(&self.door("smtp")).await.json()["url"].as_str() {
                    return url.to_owned();
                }
            }
        })
        .await
    }

    /// The mails that were taken, oldest first.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        self.http.get(&self.door("mails")).await.json().as_array().cloned().expect("a list of mails")
    }

    /// What was said to Slack, oldest first.
    pub(crate) async fn alerts(&self) -> Vec<String> {
        let alerts = self.http.get(&self.door("alerts")).await.json();
        let text = |alert: &Value| alert["text"].as_str().expect("a text").to_owned();
        alerts.as_array().expect("a list of messages").iter().map(text).collect()
    }

    /// Makes matching calls fail: `answer` is one of `{"answer": …}`, `{"hang_ms": …}`, `{"drop": true}`.
    pub(crate) async fn fault(&self, name: &str, matching: Value, mut answer: Value) {
        answer["match"] = matching;
        let set = self.http.put_json(&self.door(&format!("faults/{name}")), &answer).await;
        assert!((200..300).contains(&set.status), "{}", set.text);
    }

    pub(crate) async fn mend(&self, name: &str) {
        let mended = self.http.send(Method::DELETE, &self.door(&format!("faults/{name}")), &[], None).await;
        assert!((200..300).contains(&mended.status), "{}", mended.text);
    }

    /// Moves the time; the answer comes when what falls due has run.
    pub(crate) async fn advance(&self, seconds: i64) {
        let moved = self.http.post_json(&self.door("clock"), &json!({"advance_s": seconds})).await;
        assert_eq!(moved.status, 200, "{}", moved.text);
    }
}

/// A fault's answer in Meta's envelope.
pub(crate) fn graph_error(status: u16, code: i64, subcode: Option<i64>) -> Value {
    let mut error = json!({"message": "said by a test", "type": "OAuthException", "code": code, "fbtrace_id": "Atest"});
    if let Some(subcode) = subcode {
        error["error_subcode"] = json!(subcode);
    }
    let headers = json!({"content-type": "application/json"});
    json!({"answer": {"status": status, "headers": headers, "body": json!({"error": error}).to_string()}})
}
