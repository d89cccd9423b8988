//! Bodies as they come through proxies, batches, clients and logs.

use super::*;

fn code(body: impl AsRef<[u8]>) -> Option<i64> {
    find(body.as_ref()).and_then(|found| found.code)
}

const WHOLE: &str = r#"{"error":{"message":"m","type":"OAuthException","code":190,"error_subcode":460}}"#;

#[test]
fn what_stands_around_the_json_does_not_hide_it() {
    for body in [
        format!("\u{feff}{WHOLE}"),
        format!("\r\n  {WHOLE}\r\n0\r\n\r\n"),
        format!("for (;;);{WHOLE}"),
        format!("/**/ callback({WHOLE});"),
        format!("{WHOLE}<!-- cache miss -->"),
        format!("Warning: something {{odd}} in line 7\n{WHOLE}"),
        format!("Params: {{}}\n  Status: 400\n  Response:\n {WHOLE}"),
        format!("{{\"data\":[]}}\n{WHOLE}\n"),
        format!("<html><body><pre style=\"x\">{}</pre></body></html>", WHOLE.replace('"', "&quot;")),
    ] {
        assert_eq!(code(&body), Some(190), "{body}");
    }
}

#[test]
fn other_charsets_are_read() {
    let little: Vec<u8> = WHOLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = [0xfeff].into_iter().chain(WHOLE.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let latin = [br#"{"error":{"message":"La sesi"#.as_slice(), &[0xf3], br#"n ha caducado","code":190}}"#].concat();
    for body in [little, big, latin] {
        assert_eq!(code(&body), Some(190));
    }
}

#[test]
fn an_element_of_a_batch_has_its_own_status_and_headers() {
    let inner = WHOLE.replace('"', "\\\"");
    let usage = r#"{"name":"X-App-Usage","value":"{\"call_count\":99}"}"#;
    let element = format!(r#"{{"code":400,"headers":[{usage}],"body":"{inner}"}}"#);
    for body in [element.clone(), format!(r#"[null,{{"code":200,"body":"{{\"id\":\"1\"}}"}},{element}]"#)] {
        let found = find(body.as_bytes()).expect("an error");
        assert_eq!((found.code, found.subcode, found.status), (Some(190), Some(460), Some(400)), "{body}");
        assert_eq!(found.headers.len(), 1, "{body}");
    }
    assert!(find(br#"[{"code":200,"body":"{\"id\":\"1\"}"},null]"#).is_none(), "all is well");
    assert_eq!(find(br#"[{"code":503,"body":"<html>"}]"#).and_then(|found| found.status), Some(503));
}

#[test]
fn an_error_lies_deeper_in_what_others_hand_on() {
    let escaped = WHOLE.replace('"', "\\\"");
    for body in [
        format!("\"{escaped}\""),
        format!("[{WHOLE}]"),
        format!(r#"{{"error":"{escaped}"}}"#),
        format!(r#"{{"error":{{"code":400,"message":"{escaped}"}}}}"#),
        format!(r#"{{"error":{WHOLE}}}"#),
        format!(r#"{{"message":"Request failed with status code 400","status":400,"response":{{"data":{WHOLE}}}}}"#),
        format!(r#"{{"17841405822304914":{WHOLE}}}"#),
        r#"{"errors":[{"message":"m","code":190}]}"#.to_owned(),
        r#"{"data":{"error":{"code":190,"message":"m","subcode":460},"is_valid":false}}"#.to_owned(),
    ] {
        assert_eq!(code(&body), Some(190), "{body}");
    }
}

#[test]
fn an_address_of_the_dialog_says_why_it_was_left() {
    let body = "https://feeds.example/users/oauth?error=access_denied&error_code=200&error_reason=user_denied\
        &error_description=Permissions+error&state=x#_=_";
    let found = find(body.as_bytes()).expect("an error");
    assert_eq!((found.code, found.message.as_deref()), (Some(200), Some("Permissions error")));
    assert!(find(b"access_token=abc&expires=5").is_none());
}

#[test]
fn a_sentence_may_be_all_there_is() {
    assert_eq!(code("(#4) Application request limit reached"), Some(4));
    assert_eq!(code("Too many requests"), None);
    assert_eq!(code(r#"{"error":{"message":"(#4) Application request limit reached","co"#), None, "cut off");
}

#[test]
fn no_depth_and_no_length_hurts() {
    assert!(find("[".repeat(100_000).as_bytes()).is_none());
    assert!(find("{\"a\":".repeat(100_000).as_bytes()).is_none());
    assert!(find(format!("x{}", "{".repeat(1_000_000)).as_bytes()).is_none());
}
