//! `feedkeeper explain`: what one answer of Meta means, with no key, no configuration and no network.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Said, run};

/// Has a body explained that lies in a file.
async fn explain(body: &[u8], options: &[&str]) -> Said {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("body");
    std::fs::write(&file, body).expect("written");
    let path = file.to_str().expect("a path");
    let said = run(folder.path(), &[&["explain"], options, &[path]].concat()).await;
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left behind");
    said
}

fn printed(said: &Said) -> Value {
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    serde_json::from_str(&said.out).expect("one object")
}

#[tokio::test]
async fn an_answer_is_explained_in_the_words_of_the_contract() {
    let body =
        br#"{"error":{"message":"Malformed access token EAABsJsWAejSOZWr9MkP","code":"80002","fbtrace_id":"A"}}"#;
    let usage = r#"X-Business-Use-Case-Usage: {"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":19}]}"#;

    let said = explain(body, &["--status", "400", "--header", usage]).await;

    let advice = printed(&said)["advice"].clone();
    assert_eq!(
        printed(&said),
        json!({
            "class": "rate_limited",
            "code": 80002,
            "subcode": null,
            "scope": "account",
            "retry_after_s": 19 * 60,
            "who_acts": "nobody",
            "advice": advice,
        })
    );
    assert!(advice.as_str().is_some_and(|advice| !advice.is_empty()) && !said.out.contains("EAA"));
}

#[tokio::test]
async fn whatever_stands_in_the_file_is_an_answer() {
    for (body, options, class) in [
        (&b""[..], &[][..], "transient"),
        (b"<!DOCTYPE html><title>Sorry</title>", &["--status", "502"], "transient"),
        (b"<html>slow down", &["--status", "429"], "rate_limited"),
        (br#"{"error":{"message":"Session has exp"#, &["--status", "400"], "transient"),
        (b"\xff\xfe\x00", &[], "transient"),
        (b"\xef\xbb\xbf{\"error\":{\"code\":190}}", &[], "token_dead"),
        (br#"{"error":{"code":190,"error_subcode":492}}"#, &["--status", "401"], "permission_lost"),
        (br#"{"error":{"code":100,"error_subcode":33}}"#, &[], "ambiguous"),
        (br#"[null,{"code":400,"body":"{\"error\":{\"code\":803}}"}]"#, &["--status", "200"], "not_found"),
        (
            b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 400 \r\nretry-after: 30\r\n\r\n{\"error\":{\"code\":4}}",
            &[],
            "rate_limited",
        ),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", &[], "transient"),
    ] {
        let said = explain(body, options).await;
        assert_eq!(printed(&said)["class"], class, "{}: {}", String::from_utf8_lossy(body), said.out);
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_ends_with_2_and_is_named() {
    let folder = TempDir::new().expect("a folder");
    let missing = run(folder.path(), &["explain", "/nowhere/body.json"]).await;
    assert_eq!((missing.code, missing.out.as_str()), (Some(2), ""));
    assert!(missing.err.contains("/nowhere/body.json"), "{}", missing.err);

    let header = explain(b"{}", &["--header", "no colon"]).await;
    assert_eq!(header.code, Some(2));
    assert!(header.err.contains("a name, a colon and a value"), "{}", header.err);
}
