//! Slack's webhooks: what they take, and how they refuse.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::Stand;

const HOOK: &str = "/slack/services/T1/B1/secret";

async fn alerts(stand: &Stand) -> Value {
    stand.get("/_sandbox/alerts").await.json()
}

#[tokio::test]
async fn a_message_is_taken_and_listed_as_people_read_it() {
    let stand = Stand::start().await;

    let answer = stand.post(HOOK, json!({ "text": "a &lt; b &amp;amp; c", "mrkdwn": false })).await;
    let form = stand.form(HOOK, &[("payload", "{\"text\":\"by form\"}")]).await;

    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    assert_eq!((form.status, form.text().as_str()), (200, "ok"));
    let alerts = alerts(&stand).await;
    assert_eq!((&alerts[0]["text"], &alerts[0]["webhook"]), (&json!("a < b &amp; c"), &json!("T1/B1/secret")));
    assert_eq!((&alerts[0]["payload"]["mrkdwn"], &alerts[1]["text"]), (&json!(false), &json!("by form")));
    let call = &stand.get("/_sandbox/calls?path_contains=/slack").await.json()[0];
    assert_eq!((&call["service"], &call["status"]), (&json!("slack"), &json!(200)));
}

#[tokio::test]
async fn a_refusal_is_one_word() {
    let stand = Stand::start().await;
    let many: Vec<Value> = (0..101).map(|number| json!({ "text": number })).collect();
    for (path, body, refusal) in [
        ("/slack/services/T1/B1", json!({ "text": "x" }), (404, "no_service")),
        (HOOK, json!(["x"]), (400, "invalid_payload")),
        (HOOK, json!({ "text": " " }), (400, "no_text")),
        (HOOK, json!({ "text": "x", "attachments": many }), (400, "too_many_attachments")),
    ] {
        let answer = stand.post(path, body).await;
        assert_eq!((answer.status, answer.text().as_str()), refusal, "{path}");
    }
    assert_eq!(alerts(&stand).await, json!([]));
}

#[tokio::test]
async fn a_fault_answers_instead_and_the_rest_outlives_a_crash() {
    let stand = Stand::start().await;
    let fault = json!({
        "match": { "service": "slack" },
        "answer": { "status": 429, "headers": { "retry-after": "30" }, "body": "rate_limited" },
        "times": 1,
    });
    stand.call(Method::PUT, "/_sandbox/faults/busy", Some(fault)).await;

    let refused = stand.post(HOOK, json!({ "text": "first" })).await;
    let taken = stand.post(HOOK, json!({ "text": "second" })).await;
    let stand = stand.crash().await;

    assert_eq!((refused.status, refused.header("retry-after"), taken.status), (429, "30", 200));
    let kept = alerts(&stand).await;
    assert_eq!((kept.as_array().unwrap().len(), &kept[0]["text"]), (1, &json!("second")));
    stand.call(Method::DELETE, "/_sandbox/alerts", None).await;
    assert_eq!(alerts(&stand).await, json!([]));
}
