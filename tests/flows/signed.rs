//! A host platform that signs, before the real binary: an account is connected, and nothing of a proof is written down.

use std::path::Path;

use reqwest::Method;
use serde_json::json;
use tokio::process::Command;

use crate::harness::token::{SECRET, sign};
use crate::harness::{Http, Service};

/// Runs `feedkeeper api-keys …` beside the service; returns whether it succeeded, its stdout and its stderr.
async fn api_keys(folder: &Path, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
    let output = command.arg("api-keys").args(arguments).env_clear().env("DATA_DIR", folder).output().await;
    let output = output.expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn token() -> String {
    let since = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    sign(&json!({"app": "w1", "user": "owner", "exp": since + 120}))
}

#[tokio::test]
async fn a_host_that_signs_connects_an_account_and_reads_its_settings() {
    let env = [("AUTH", "signed"), ("APP_TOKEN_SECRET", SECRET), ("RUST_LOG", "trace")];
    let service = Service::start_with(&env, Http::new()).await;
    let (url, http) = (&service.url, &service.http);
    let ticket = token();
    let bearer = format!("Bearer {ticket}");
    let proof = [("authorization", bearer.as_str())];
    let connect = format!("{url}/connect?app_id=w1&user=owner");

    let unproven = http.get(&connect).await;
    let sent = http.get(&format!("{connect}&auth={ticket}")).await;
    let cookie = sent.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let back = http.get(&format!("{}&_user=powr_io", sent.header("location"))).await;
    let back = back.header("location").split('#').next().expect("an address").to_owned();
    let page = http.send(Method::GET, &back, &[("cookie", &cookie)], None).await;
    let run = service.end_of(&page.attribute("data-job")).await;
    let body = json!({"user": "owner", "feeds": ["#food"]});
    let put = http.send(Method::PUT, &format!("{url}/v1/apps/w1"), &proof, Some(&body)).await;
    let settings = format!("{url}/instagram?app_id=w1&username_or_hashtag=@powr_io&is_settings=true");
    let closed = http.get(&settings).await;
    let settings = http.send(Method::GET, &settings, &proof, None).await;
    let demo = (http.get(url).await.status, service.ask("demo", "powr_io").await.code());

    assert_eq!((unproven.status, sent.status, closed.status), (401, 302, 401));
    assert_eq!((run["state"].as_str(), put.status), (Some("done"), 200), "{run}");
    assert_eq!(settings.json()["settings"]["accounts"][0]["instagram_account"], "powr_io");
    assert_eq!(demo, (404, "app_unknown".to_owned()), "no demo where callers have to prove who they are");

    let (made, key, told) = api_keys(service.data(), &["create", "billing"]).await;
    let key = key.trim().to_owned();
    let by_key = format!("Bearer {key}");
    let installs = async || {
        let url = format!("{url}/v1/installs");
        http.send(Method::GET, &url, &[("authorization", &by_key)], None).await
    };
    let seen = installs().await;
    let id = key.split('_').nth(1).expect("an id");
    let (_, listed, _) = api_keys(service.data(), &["list"]).await;
    let (revoked, _, _) = api_keys(service.data(), &["revoke", id]).await;
    let refused = installs().await;

    assert!(made && told.contains("shown once"), "{told}");
    assert_eq!((seen.status, seen.json()["data"].as_array().map(Vec::len)), (200, Some(1)));
    assert!(listed.contains(id) && listed.contains("billing") && listed.contains("used in the hour of 2"), "{listed}");
    assert_eq!((revoked, refused.status, refused.code().as_str()), (true, 401, "key_revoked"));
    for bad in [["create", " "], ["create", "a\nb"], ["revoke", "nobody"]] {
        assert!(!api_keys(service.data(), &bad).await.0, "{bad:?}");
    }

    let secrets = [SECRET, ticket.rsplit('.').next().expect("a signature"), key.rsplit('_').next().expect("a secret")];
    let cookie = cookie.rsplit('.').next().expect("a cookie's seal");
    for file in ["log", "feedkeeper.db", "feedkeeper.db-wal", "queue.db", "queue.db-wal"] {
        let bytes = std::fs::read(service.data().join(file)).expect("a file of the service");
        for secret in secrets.into_iter().chain([cookie]) {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{file} holds {secret}");
        }
        assert!(!listed.contains(secrets[2]));
    }
    assert_eq!(service.stop().await, Some(0));
}

#[tokio::test]
async fn without_a_long_secret_nothing_starts() {
    for (env, says) in [
        (vec![("AUTH", "signed")], "AUTH=signed needs APP_TOKEN_SECRET"),
        (vec![("AUTH", "signed"), ("APP_TOKEN_SECRET", "short")], "APP_TOKEN_SECRET has 5 bytes"),
        (vec![("HOST", "0.0.0.0")], "HOST has to be loopback"),
    ] {
        let folder = tempfile::TempDir::new().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
        command
            .arg("dev")
            .env_clear()
            .env("DATA_DIR", folder.path())
            .env("PORT", "0")
            .env("SANDBOX_PORT", "0")
            .envs(env);

        let output = command.kill_on_drop(true).output().await.expect("it runs");

        assert!(!output.status.success() && output.stdout.is_empty());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(says), "{said}");
    }
}
