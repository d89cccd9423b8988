//! Batches of calls, in the shapes in which clients send them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::Stand;

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn post(stand: &Stand, token: &str, batch: &Value) -> Value {
    let body = json!({ "access_token": token, "batch": batch, "include_headers": false });
    stand.post("/v24.0/", body).await.json()
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order_however_it_is_sent() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let batch = json!([
        { "method": "GET", "relative_url": "me/?fields=name" },
        { "method": "get", "relative_url": format!("/v24.0/{account}/media?limit=1&fields=id%2Cmedia_type") },
        { "method": "GET", "relative_url": "me?fields=shoe_size" },
        { "method": "POST", "relative_url": "me", "body": "method=get&fields=id" },
    ])
    .to_string();
    let form = format!("access_token={token}&batch={}", encoded(&batch));
    let files = format!("--xy\r\nContent-Disposition: form-data; name=\"batch\"\r\n\r\n{batch}\r\n--xy--\r\n");
    let with_token = format!("/v24.0/?access_token={token}");
    for (path, kind, body) in [
        ("/v24.0/", "application/x-www-form-urlencoded", form.clone()),
        ("/", "", form.clone()),
        ("/v24.0", "", form),
        (
            &with_token,
            "application/json",
            json!({ "batch": serde_json::from_str::<Value>(&batch).unwrap() }).to_string(),
        ),
        (&with_token, "application/json", json!({ "batch": batch }).to_string()),
        (&with_token, "multipart/form-data; boundary=xy", files),
        (&format!("/v24.0/me?access_token={token}&batch={}", encoded(&batch)), "", String::new()),
    ] {
        let headers = [("content-type", kind)];
        let headers = if kind.is_empty() { &headers[..0] } else { &headers[..] };
        let answer = stand.send(Method::POST, path, headers, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let answers = answer.json();
        let codes: Vec<_> = answers.as_array().unwrap().iter().map(|answer| answer["code"].as_i64()).collect();
        assert_eq!(codes, [Some(200), Some(200), Some(400), Some(200)], "{path} {kind}");
        assert_eq!(self::body(&answers[0])["name"], "POWR");
        assert!(self::body(&answers[1])["paging"]["next"].as_str().unwrap().contains(&account));
        assert_eq!(self::body(&answers[2])["error"]["code"], 100);
        let names = answers[0]["headers"].as_array().unwrap().iter().map(|header| header["name"].as_str());
        assert!(names.flatten().any(|name| name == "facebook-api-version"));
    }
}

#[tokio::test]
async fn fifty_are_answered_and_one_more_is_refused() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    let batch = |count: usize| Value::from(vec![json!({ "method": "GET", "relative_url": "me" }); count]);

    assert_eq!(post(&stand, &token, &batch(50)).await.as_array().unwrap().len(), 50);

    let refused = post(&stand, &token, &batch(51)).await;
    assert_eq!(refused["error"]["type"], "GraphBatchException");
    assert!(refused["error"]["message"].as_str().unwrap().contains("Maximum batch size is 50"), "{refused}");
    for wrong in [json!("[1"), json!({}), json!([1])] {
        assert_eq!(post(&stand, &token, &wrong).await["error"]["type"], "GraphBatchException", "{wrong}");
    }
}

#[tokio::test]
async fn each_call_is_recorded_counted_and_hit_by_faults_as_if_it_had_come_alone() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let (other_token, other) = stand.page_token("natgeo").await;
    let batch = json!([
        { "method": "GET", "relative_url": format!("{account}/media?limit=1") },
        { "method": "GET", "relative_url": format!("{other}?fields=username&access_token={other_token}") },
        { "method": "GET", "relative_url": other },
    ]);
    let fault = json!({ "match": { "path_contains": "/media" }, "drop": true, "times": 1 });
    stand.call(Method::PUT, "/_sandbox/faults/lost", Some(fault)).await;
    stand.call(Method::DELETE, "/_sandbox/calls", None).await;

    let answers = post(&stand, &token, &batch).await;

    assert_eq!(answers[0], Value::Null, "as after a time-out at Meta");
    assert_eq!(body(&answers[1])["username"], "natgeo", "with a token of its own");
    assert_eq!(body(&answers[2])["error"]["code"], 100, "the batch's token does not see it");
    assert!(answers[1].get("headers").is_none());
    let calls = stand.get("/_sandbox/calls").await.json();
    let calls: Vec<_> = calls.as_array().unwrap().iter().collect();
    let paths: Vec<_> = calls.iter().map(|call| call["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        ["/v24.0/", &format!("/v24.0/{account}/media"), &format!("/v24.0/{other}"), &format!("/v24.0/{other}")]
    );
    assert_eq!((&calls[1]["ig_user_id"], &calls[1]["status"]), (&json!(account), &Value::Null));
    assert_eq!((&calls[2]["status"], &calls[3]["status"]), (&json!(200), &json!(400)));
    assert!(calls[2]["grant"].as_str().unwrap().starts_with("natgeo@"));
    let usage = stand.get("/_sandbox/usage").await.json();
    let used = usage.as_array().unwrap().iter().find(|entry| entry["ig_user_id"] == other).unwrap();
    assert_eq!(used["calls"], 2);
}

#[tokio::test]
async fn a_call_may_use_what_an_earlier_one_has_answered() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let first = json!({ "method": "GET", "name": "list", "relative_url": format!("{account}/media?limit=3") });
    let mut shown = first.clone();
    shown["omit_response_on_success"] = json!(false);
    let second = json!({ "method": "GET", "relative_url": "?ids={result=list:$.data.*.id}&fields=media_type" });
    let third = json!({ "method": "GET", "relative_url": "{result=list:$.data[0].id}?fields=id" });

    let answers = post(&stand, &token, &json!([first, second, third])).await;
    assert_eq!(answers[0], Value::Null, "what others use is left out");
    let ids = body(&answers[1]);
    assert_eq!(ids.as_object().unwrap().len(), 3, "{ids}");
    assert!(ids.get(body(&answers[2])["id"].as_str().unwrap()).is_some());
    assert_eq!(post(&stand, &token, &json!([shown, second])).await[0]["code"], 200);

    let broken = json!({ "method": "GET", "name": "list", "relative_url": "1/media" });
    let answers = post(&stand, &token, &json!([broken, second])).await;
    assert_eq!((&answers[0]["code"], &answers[1]), (&json!(400), &Value::Null), "what failed is told");
    let unknown = post(&stand, &token, &json!([second, first])).await;
    assert_eq!(unknown["error"]["type"], "GraphBatchException", "{unknown}");
}
