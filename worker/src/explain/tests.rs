//! What is printed for the answers that people paste.

use super::*;

fn explain(status: Option<u16>, body: &str) -> Explanation {
    Explanation::of(status, &HeaderMap::new(), body.as_bytes())
}

#[test]
fn a_success_is_no_error_and_an_empty_answer_is_none() {
    for body in [r#"{"data":[]}"#, r#"{"success":true}"#, r#"[{"code":200,"body":"{}"}]"#, "access_token=t&expires=5"] {
        assert_eq!(explain(Some(200), body).class, None, "{body}");
        assert_eq!(explain(None, body).class, None, "{body}");
    }
    for body in ["", "  ", "<html>", r#"{"data":["#] {
        assert_eq!(explain(Some(200), body).class, Some(Class::Transient), "{body}");
    }
    assert_eq!(explain(Some(502), "{}").class, Some(Class::Transient));
    let inspected = r#"{"data":{"error":{"code":190,"message":"m","subcode":463},"is_valid":false}}"#;
    let explained = explain(Some(200), inspected);
    assert_eq!((explained.class, explained.subcode), (Some(Class::TokenDead), Some(463)));
    assert_eq!(explain(Some(200), r#"{"data":{"is_valid":false}}"#).class, Some(Class::TokenDead));
}

#[test]
fn who_acts_is_said_of_each() {
    for (code, subcode, who) in [
        (2, 0, WhoActs::Nobody),
        (80_002, 0, WhoActs::Nobody),
        (368, 0, WhoActs::Operator),
        (190, 460, WhoActs::Owner),
        (190, 492, WhoActs::Owner),
        (10, 0, WhoActs::Owner),
        (3, 0, WhoActs::Operator),
        (24, 2_207_024, WhoActs::Owner),
        (100, 0, WhoActs::Developer),
        (100, 36_009, WhoActs::Owner),
        (100, 33, WhoActs::Operator),
        (987_654, 0, WhoActs::Operator),
    ] {
        let explained = explain(None, &format!(r#"{{"error":{{"code":{code},"error_subcode":{subcode}}}}}"#));
        assert_eq!(explained.who_acts, who, "{code}/{subcode}");
        assert!(!explained.advice.is_empty());
    }
}

#[test]
fn a_wait_is_told_however_it_is_said() {
    let wait = |status, pairs: &[(&'static str, &'static str)], body: &str| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        Explanation::of(Some(status), &headers, body.as_bytes()).retry_after_s
    };
    let limit = r#"{"error":{"code":80002}}"#;
    let usage = r#"{"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":19}]}"#;
    assert_eq!(wait(400, &[("x-business-use-case-usage", usage)], limit), Some(19 * 60));
    assert_eq!(wait(400, &[], limit), None);
    assert_eq!(wait(429, &[("retry-after", "30")], ""), Some(30));
    assert_eq!(wait(503, &[("retry-after", "120")], "<html>"), Some(120));
    let dates = [("date", "Sat, 21 Nov 2026 10:00:00 GMT"), ("retry-after", "Sat, 21 Nov 2026 10:02:00 GMT")];
    assert_eq!(wait(429, &dates, ""), Some(120));
    assert_eq!(wait(400, &[("retry-after", "30")], r#"{"error":{"code":190}}"#), None);
    let element = r#"[{"code":400,"headers":[{"name":"Retry-After","value":"7"}],"body":"{\"error\":{\"code\":4}}"}]"#;
    assert_eq!(wait(200, &[], element), Some(7));
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let words = explain(None, r#"{"error":"An error occurred!"}"#);
    assert_eq!((words.class, words.code, words.scope), (Some(Class::Transient), None, Scope::None));
    assert_eq!(explain(Some(400), r#"{"error":"An error occurred!"}"#).class, Some(Class::BadRequest));
}

#[test]
fn it_is_printed_in_the_words_of_the_contract() {
    let printed = serde_json::to_value(explain(None, r#"{"error":{"code":4,"message":"EAAsecretsecret"}}"#)).unwrap();
    assert_eq!(
        (&printed["class"], &printed["scope"], &printed["who_acts"]),
        (&"rate_limited".into(), &"app".into(), &"nobody".into())
    );
    let keys: Vec<_> = printed.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["advice", "class", "code", "retry_after_s", "scope", "subcode", "who_acts"]);
    assert!(!printed.to_string().contains("EAA"));
}
