//! What a call writes to the log: its path, status, code and usage, and never a secret.

use super::stand_in::{Reply, StandIn};
use crate::kept_log::Log;

#[tokio::test]
async fn the_log_tells_the_call_and_no_secret() {
    let (log, _kept) = Log::keep();
    let refused = include_str!("fixtures/100_36009_code_used.json");
    let meta = StandIn::start([
        Reply::new(400, refused).header("x-app-usage", r#"{"call_count":28}"#),
        Reply::ok(r#"{"access_token":"EAAgranted"}"#),
        Reply::ok(r#"{"data":{"is_valid":true}}"#),
        Reply::ok(r#"{"data":[]}"#),
    ])
    .await;
    let token = "EAAsecretToken".into();
    meta.graph.exchange_code(&"AQBsecretCode".into(), "https://x/").await.unwrap_err();
    meta.graph.extend(&token).await.unwrap();
    meta.graph.debug_token(&token).await.unwrap();
    meta.graph.accounts(&token).await.unwrap();

    let text = log.text();
    for told in ["path=oauth/access_token", "status=400", "code=100", "usage_percent=28", "duration_ms="] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    for secret in ["EAA", "AQB", "sandbox-secret", "appsecret_proof"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
