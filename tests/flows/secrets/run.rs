//! A run that is watched: what it is given that is secret, and everything that it leaves behind.

use std::os::unix::fs::PermissionsExt;
use std::sync::PoisonError;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entities::seal::Keyring;
use entities::{Db, install, is_id};
use hmac::{Hmac, Mac};
use reqwest::Method;
use sea_orm::EntityTrait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::process::Command;

use crate::harness::http::Journal;
use crate::harness::leaks::{BEGINNINGS, Secrets, files_below};
use crate::harness::{Answer, Http, Service, token};

const META_SECRET: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// Nobody listens there, so that every message fails and the log says so.
const WEBHOOK: &str = "http://127.0.0.1:9/services/T0A1B2C3D/B4E5F6071/8a9b0c1d2e3f";
const MAIL_SERVER: &str = "smtp://feeds:9f8e7d6c5b4a@127.0.0.1:9";

/// A run in which everything happens, and what it must not give away.
pub(super) struct Run {
    pub service: Service,
    journal: Journal,
    secrets: Secrets,
    api_key: String,
    /// How many host tokens were signed: no two of them are the same.
    signed: u64,
    /// What a browser is given and nobody else may see: the dialog's state and the cookie.
    browser_secrets: Secrets,
}

impl Run {
    pub(super) async fn start() -> Self {
        let journal = Journal::default();
        let env = [
            ("RUST_LOG", "trace"),
            ("AUTH", "signed"),
            ("APP_TOKEN_SECRET", token::SECRET),
            ("META_APP_ID", "123456789012345"),
            ("META_APP_SECRET", META_SECRET),
            ("SLACK_WEBHOOK_URL", WEBHOOK),
            ("SMTP_URL", MAIL_SERVER),
            ("MAIL_FROM", "feeds@example.com"),
            ("OPERATOR_EMAIL", "ops@example.com"),
        ];
        let service = Service::start_with(&env, Http::new().with_journal(&journal)).await;
        let mut secrets = Secrets::of_the_stand_ins();
        secrets.add("the Meta app's secret", META_SECRET);
        secrets.add("the X client's secret", sandbox::DEFAULT_X_CLIENT_SECRET);
        secrets.add("Slack's webhook", WEBHOOK.rsplit('/').next().expect("a secret"));
        secrets.add("the mail server's password", "9f8e7d6c5b4a");
        let keyring = keyring_of(&service);
        let (_, key) = keyring.split_once(':').expect("a key");
        secrets.add("a key of the key ring", key);
        secrets.add("a key of the key ring", BASE64_STANDARD.decode(key).expect("a key's bytes"));
        secrets.add("the secret shared with the host platform", token::SECRET);
        let api_key = new_api_key(&service).await;
        secrets.add("an API key", &api_key);
        secrets.add("an API key", api_key.rsplit('_').next().expect("a secret"));
        Self { service, journal, secrets, api_key, signed: 0, browser_secrets: Secrets::default() }
    }

    pub(super) fn api_key(&self) -> String {
        self.api_key.clone()
    }

    pub(super) async fn mint(&mut self, user: &str) -> String {
        let token = self.service.stand_ins.mint(user).await;
        assert!(token.starts_with(BEGINNINGS[0]), "{token}");
        self.secrets.add("a minted token", &token);
        token
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let by_key = format!("Bearer {}", self.api_key);
        let mut headers = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            headers.push(("authorization", &by_key));
        }
        self.service.http.send(method, &format!("{}{path}", self.service.url), &headers, body).await
    }

    /// Signs a token for the shop, as the host platform does.
    pub(super) fn host_token(&mut self) -> String {
        self.signed += 1;
        let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        let token = token::sign(&json!({"app": "shop", "user": "owner", "exp": now + 60 + self.signed}));
        self.secrets.add("a host token", &token);
        token
    }

    /// Brings a token for an app and waits for the run's end.
    pub(super) async fn exchange(&mut self, user: &str, app_id: &str) -> Value {
        let token = self.mint(user).await;
        self.exchange_of("token", &token, app_id).await
    }

    pub(super) async fn exchange_of(&mut self, kind: &str, credential: &str, app_id: &str) -> Value {
        let path = format!("/instagram/oauth?{kind}={credential}&appId={app_id}&user=owner&app_type=socialFeed");
        let by_host = format!("Bearer {}", self.host_token());
        let taken = self.ask(Method::POST, &path, &[("authorization", &by_host)], None).await;
        assert_eq!(taken.status, 202, "{}", taken.text);
        self.service.end_of(taken.json()["job_id"].as_str().expect("an id")).await
    }

    /// Goes to the dialog as a browser does; returns where Meta sends it back to, and its cookie.
    pub(super) async fn consent(&mut self, user: &str) -> (String, String) {
        let path = format!("/connect?app_id=shop&user=owner&auth={}", self.host_token());
        let dialog = self.ask(Method::GET, &path, &[], None).await;
        let cookie = dialog.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        self.browser_secrets.add("the dialog's cookie", cookie.split_once('=').expect("a value").1);
        let consent = self.service.http.get(&format!("{}&_user={user}", dialog.header("location"))).await;
        let back = consent.header("location").split('#').next().expect("an address").to_owned();
        self.browser_secrets.add("the dialog's state", parameter(&back, "state"));
        self.secrets.add("a code of the dialog", parameter(&back, "code"));
        (back, cookie)
    }

    pub(super) async fn come_back(&self, address: &str, cookie: &str) -> Answer {
        self.service.http.send(Method::GET, address, &[("cookie", cookie)], None).await
    }

    pub(super) async fn fault(&self, path: &str, mut fault: Value) {
        fault["times"] = json!(1);
        self.service.stand_ins.fault("leaky", json!({"path_contains": path}), fault).await;
    }

    /// What nobody may see.
    pub(super) fn keep(&mut self, name: &str, secret: &str) {
        self.secrets.add(name, secret);
    }

    /// What a browser is given, and nobody else may see.
    pub(super) fn keep_from_all_but_the_browser(&mut self, name: &str, secret: &str) {
        self.browser_secrets.add(name, secret);
    }

    /// The rows, and what opens them.
    pub(super) async fn rows(&self) -> (Keyring, Db) {
        let keyring = Keyring::parse(&keyring_of(&self.service).into()).expect("a key ring");
        let path = self.service.data().join("feedkeeper.db");
        (keyring, Db::connect(&format!("sqlite://{}", path.display())).await.expect("a database"))
    }

    /// Opens the tokens that lie sealed in the rows, and learns them, with the proofs that went along with them.
    pub(super) async fn learn_the_tokens_at_rest(&mut self) {
        let (keyring, db) = self.rows().await;
        let installs = install::Entity::find().all(&db.read).await.expect("read");
        assert!(!installs.is_empty());
        for install in installs {
            for (place, sealed) in [
                (install::USER_TOKEN.place(&install.id), &install.user_token),
                (install::PAGE_TOKEN.place(&install.id), &install.page_token),
            ] {
                let token = keyring.open(place, sealed.as_ref().expect("a token")).expect("it opens");
                let token = token.expose_secret();
                assert!(BEGINNINGS.iter().any(|beginning| token.starts_with(beginning)), "{token}");
                let mut mac = Hmac::<Sha256>::new_from_slice(META_SECRET.as_bytes()).expect("a key");
                mac.update(token.as_bytes());
                self.secrets.add("a token at rest", token);
                self.secrets.add("an appsecret_proof", format!("{:x}", mac.finalize().into_bytes()));
            }
        }
    }

    /// Notes an answer that came by another way than the client's.
    pub(super) fn note(&self, request: &str, answer: &[u8]) {
        let entry = (format!("{} {request}", self.service.url), String::from_utf8_lossy(answer).into_owned());
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Everything that the service has said or kept, by its name.
    fn traces(&self) -> Vec<(String, Vec<u8>)> {
        let files = files_below(self.service.data(), &["sandbox", "keyring"]);
        let mut traces: Vec<_> = files
            .into_iter()
            .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file of the service")))
            .collect();
        let answers = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = answers.iter().filter(|(url, _)| url.starts_with(&self.service.url));
        traces.extend(ours.map(|(url, answer)| (format!("the answer of {url}"), answer.clone().into_bytes())));
        traces
    }

    /// The ids of all runs that were answered: each is the proof of whoever asks for it.
    fn run_ids(&self) -> Secrets {
        let mut ids = Secrets::default();
        let answers = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = 0;
        for (_, answer) in answers.iter() {
            for behind in ["\"job_id\":\"", "data-job=\""] {
                for id in answer.split(behind).skip(1).filter_map(|rest| rest.get(..32)).filter(|id| is_id(id)) {
                    ids.add("a run's id", id);
                    found += 1;
                }
            }
        }
        assert!(found > 20, "runs were answered: {found}");
        ids
    }

    /// Whoever made the folder, and for whom it is open: what the service writes into it is its owner's alone.
    pub(super) fn assert_files_are_the_owners(&self) {
        let files = files_below(self.service.data(), &["log", "stdout"]);
        assert!(files.iter().any(|path| path.ends_with("feedkeeper.db")) && files.len() > 3, "{files:?}");
        for path in files {
            let mode = path.metadata().expect("a file").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
        }
    }

    pub(super) fn assert_nothing_leaked(&self) {
        let (traces, run_ids) = (self.traces(), self.run_ids());
        for file in ["/log", "/stdout", "/feedkeeper.db", "/queue.db"] {
            assert!(traces.iter().any(|(name, _)| name.ends_with(file)), "{file} is searched");
        }
        let mut leaks = Vec::new();
        for (name, text) in traces {
            let mut found = self.secrets.found_in(&text);
            if !name.starts_with("the answer") {
                found.extend(self.browser_secrets.found_in(&text));
            }
            if name.ends_with("/log") || name.ends_with("/stdout") {
                found.extend(run_ids.found_in(&text));
            }
            leaks.extend(found.into_iter().map(|(secret, at)| {
                let before = String::from_utf8_lossy(&text[at.saturating_sub(200)..at]).into_owned();
                format!("{name} holds {secret} behind {before:?}")
            }));
        }
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}

pub(super) fn parameter(address: &str, name: &str) -> String {
    let url = url::Url::parse(address).expect("an address");
    let value = url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    value.unwrap_or_else(|| panic!("{address} has no {name}"))
}

/// Makes an operator's key beside the running service.
async fn new_api_key(service: &Service) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
    let made = command.args(["api-keys", "create", "watcher"]).env_clear().env("DATA_DIR", service.data()).output();
    let made = made.await.expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).expect("a key").trim().to_owned()
}

fn keyring_of(service: &Service) -> String {
    let text = std::fs::read_to_string(service.data().join("keyring")).expect("a key ring");
    text.trim().to_owned()
}
