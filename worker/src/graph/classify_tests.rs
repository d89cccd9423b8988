//! A case per row of the table, and the bodies in `fixtures/`.

use reqwest::header::WWW_AUTHENTICATE;

use super::*;

fn class(status: u16, body: &str) -> Class {
    classify("media", status, &HeaderMap::new(), body.as_bytes()).class()
}

/// A code as the Graph sends it, with a text that decides nothing, as a localised one would.
fn numbers(code: i64, subcode: Option<i64>) -> Error {
    let mut error = serde_json::json!({ "message": "Noe gikk galt", "type": "OAuthException", "code": code });
    if let Some(subcode) = subcode {
        error["error_subcode"] = subcode.into();
    }
    let body = serde_json::json!({ "error": error }).to_string();
    classify("media", 400, &HeaderMap::new(), body.as_bytes())
}

fn says(code: i64, message: &str) -> Class {
    let body = serde_json::json!({ "error": { "message": message, "code": code } }).to_string();
    class(400, &body)
}

#[test]
fn numbers_decide_whatever_the_text() {
    for (code, subcode, expected) in [
        (-1, Some(2_207_001), Transient),
        (-1, Some(2_207_032), Transient),
        (-1, Some(2_207_053), Transient),
        (-2, Some(2_207_003), Transient),
        (-2, Some(2_207_020), Transient),
        (1, None, Transient),
        (1, Some(99), Transient),
        (1, Some(2_207_057), BadRequest),
        (2, None, Transient),
        (3, None, AppMisconfigured),
        (3, Some(2_228_054), AppMisconfigured),
        (9, Some(2_207_042), Class::RateLimited),
        (10, None, PermissionLost),
        (24, Some(2_207_024), NotFound),
        (21, None, NotFound),
        (24, Some(2_207_006), NotFound),
        (24, Some(2_207_008), NotFound),
        (25, Some(2_207_050), PermissionLost),
        (100, None, BadRequest),
        (100, Some(33), Ambiguous),
        (100, Some(2_108_006), BadRequest),
        (100, Some(2_207_023), BadRequest),
        (100, Some(2_207_013), NotFound),
        (101, None, AppMisconfigured),
        (102, None, TokenDead),
        (102, Some(463), TokenDead),
        (102, Some(492), PermissionLost),
        (104, None, AppMisconfigured),
        (105, None, BadRequest),
        (110, Some(2_207_013), NotFound),
        (190, None, TokenDead),
        (190, Some(458), TokenDead),
        (190, Some(459), TokenDead),
        (190, Some(460), TokenDead),
        (190, Some(463), TokenDead),
        (190, Some(464), TokenDead),
        (190, Some(467), TokenDead),
        (190, Some(483), TokenDead),
        (190, Some(492), PermissionLost),
        (194, None, BadRequest),
        (200, None, PermissionLost),
        (283, None, PermissionLost),
        (299, None, PermissionLost),
        (352, Some(2_207_026), BadRequest),
        (368, Some(1_404_082), BadRequest),
        (506, None, BadRequest),
        (803, None, NotFound),
        (1705, None, BadRequest),
        (2500, None, BadRequest),
        (2635, None, AppMisconfigured),
        (9004, Some(2_207_052), BadRequest),
        (9007, Some(2_207_027), Transient),
        (36000, Some(2_207_004), BadRequest),
        (36001, Some(2_207_005), BadRequest),
        (36003, Some(2_207_009), BadRequest),
        (36004, Some(2_207_010), BadRequest),
        (987_654, None, Ambiguous),
    ] {
        let error = numbers(code, subcode);
        assert_eq!(error.class(), expected, "{code}/{subcode:?}");
        assert_eq!(error.details().code, Some(code));
        assert_eq!(error.details().subcode, subcode);
    }
}

#[test]
fn a_limit_says_whom_it_limits() {
    for (code, subcode, expected) in [
        (4, None, Scope::App),
        (4, Some(2_207_051), Scope::Account),
        (17, None, Scope::User),
        (17, Some(2_446_079), Scope::User),
        (18, None, Scope::Hashtag),
        (32, None, Scope::Page),
        (341, None, Scope::App),
        (368, None, Scope::Account),
        (368, Some(1_390_008), Scope::Account),
        (368, Some(4_854_002), Scope::Account),
        (613, Some(1996), Scope::User),
        (80000, Some(2_446_079), Scope::Account),
        (80001, None, Scope::Page),
        (80003, None, Scope::Account),
        (80004, Some(2_446_079), Scope::Account),
        (80005, None, Scope::Account),
        (80002, None, Scope::Account),
        (80006, None, Scope::Page),
        (80008, None, Scope::Account),
        (80009, None, Scope::Account),
        (80014, None, Scope::Account),
    ] {
        match numbers(code, subcode) {
            Error::RateLimited { scope, .. } => assert_eq!(scope, expected, "{code}"),
            other => panic!("{code}: {other}"),
        }
    }
}

#[test]
fn the_wait_is_the_one_that_meta_names_and_never_less_than_a_quota_s() {
    let mut headers = HeaderMap::new();
    let usage = r#"{"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":19}]}"#;
    headers.insert("x-business-use-case-usage", HeaderValue::from_static(usage));
    let wait = |code: i64| {
        let body = format!(r#"{{"error":{{"code":{code}}}}}"#);
        classify("media", 403, &headers, body.as_bytes()).retry_after()
    };
    assert_eq!(wait(80002), Some(Duration::from_mins(19)));
    assert_eq!(wait(18), Some(DAY * 7));
    assert_eq!(numbers(80002, None).retry_after(), None);
}

#[test]
fn a_status_does_not_move_a_known_code() {
    for status in [200, 400, 401, 403, 404, 429, 500, 503] {
        assert_eq!(class(status, r#"{"error":{"code":190}}"#), TokenDead, "{status}");
        assert_eq!(class(status, r#"{"error":{"code":613,"is_transient":false}}"#), Class::RateLimited);
    }
}

#[test]
fn transient_is_believed_when_true_and_ignored_when_false() {
    assert_eq!(class(400, r#"{"error":{"code":100,"is_transient":true}}"#), Transient);
    assert_eq!(class(400, r#"{"error":{"code":4,"is_transient":true}}"#), Class::RateLimited);
    assert_eq!(class(400, r#"{"error":{"code":190,"is_transient":true}}"#), TokenDead);
    assert_eq!(class(500, r#"{"error":{"code":1,"is_transient":false}}"#), Transient);
    // A named cause that lasts: a wrong argument under code 1.
    let lasting = r#"{"error":{"code":1,"error_subcode":1965014,"is_transient":false}}"#;
    assert_eq!(class(400, lasting), BadRequest);
}

#[test]
fn fragments_refine_four_codes_only() {
    for (code, message, expected) in [
        (1, "Please reduce the amount of data you're asking for, then retry", BadRequest),
        (1, "Error validating client secret.", AppMisconfigured),
        (100, "Unsupported request - method type: get", AppMisconfigured),
        (100, "(#100) X requires either app secret proof or an app token", AppMisconfigured),
        (100, "Invalid appsecret_proof provided in the API argument", AppMisconfigured),
        (100, "The App_id in the input_token did not match the Viewing App", AppMisconfigured),
        (100, "Unsupported get request.", NotFound),
        (100, "This endpoint requires the 'pages_read_engagement' permission", PermissionLost),
        (100, "Object with ID '2' does not exist, cannot be loaded due to missing permissions", NotFound),
        (190, "Error validating application. Application has been deleted.", AppMisconfigured),
        (200, "API access blocked.", AppMisconfigured),
        (200, "API access disrupted. Go to the App Dashboard", AppMisconfigured),
        (200, "API access deactivated.", AppMisconfigured),
        (10, "API access blocked.", PermissionLost),
        (2, "Error validating client secret.", Transient),
    ] {
        assert_eq!(says(code, message), expected, "{code}: {message}");
    }
}

#[test]
fn a_body_without_a_code_is_judged_by_what_there_is() {
    for (status, body, expected) in [
        (500, r#"{"error":"An error occurred!"}"#, Transient),
        (400, r#"{"error":"An error occurred!"}"#, BadRequest),
        (400, r#"{"error":{"message":"Error validating access token: x"}}"#, TokenDead),
        (403, r#"{"error":{"message":"no"}}"#, Ambiguous),
        (404, r#"{"error":{"message":"no"}}"#, NotFound),
        (429, r#"{"error":{"message":"no"}}"#, Class::RateLimited),
        (
            400,
            r#"{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found"}"#,
            BadRequest,
        ),
        (
            400,
            r#"{"meta":{"error_type":"OAuthRateLimitException","code":429,"error_message":"x"}}"#,
            Class::RateLimited,
        ),
        (500, r#"{"error":{"code":987654}}"#, Transient),
        (400, r#"{"error":{"code":429,"message":"Too Many Requests"}}"#, Class::RateLimited),
        (200, r#"{"error":{"code":503,"message":"upstream"}}"#, Transient),
        (400, r#"{"error":{"message":"(#32) Page request limit reached"}}"#, Class::RateLimited),
        (400, r#"{"error":{"message":"x","code":"190"}}"#, TokenDead),
        (400, r#"{"error":"invalid_client"}"#, AppMisconfigured),
        (400, r#"{"error":"invalid_grant","error_description":"Code was already redeemed"}"#, BadRequest),
        (401, r#"{"error":"invalid_token"}"#, TokenDead),
        (
            400,
            r#"{"meta":{"error_type":"OAuthAccessTokenException","code":400,"error_message":"The access_token provided is invalid."}}"#,
            TokenDead,
        ),
        (
            400,
            r#"{"error_type":"OAuthException","code":400,"error_message":"Insufficient Developer Role"}"#,
            AppMisconfigured,
        ),
        (
            400,
            r#"{"error":{"message":"Too many requests in batch message. Maximum batch size is 50","type":"GraphBatchException"}}"#,
            BadRequest,
        ),
        (200, r#"[null,{"code":400,"body":"{\"error\":{\"code\":190}}"}]"#, TokenDead),
        (0, r#"{"error":"An error occurred!"}"#, Transient),
        (0, r#"{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found"}"#, BadRequest),
    ] {
        assert_eq!(class(status, body), expected, "{status} {body}");
    }
}

#[test]
fn the_challenge_header_speaks_where_no_code_does() {
    let mut headers = HeaderMap::new();
    let challenge = r#"OAuth "Facebook Platform" "invalid_token" "Sesjonen er utløpt""#;
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_bytes(challenge.as_bytes()).unwrap());
    let error = classify("media", 400, &headers, br#"{"error":{"message":"Sesjonen"}}"#);
    assert_eq!(error.class(), TokenDead);
    assert_eq!(classify("media", 401, &headers, b"").class(), TokenDead, "no body at all");
    assert_eq!(classify("media", 502, &headers, b"<html>").class(), Transient, "a gateway's page");
}

#[test]
fn what_is_no_body_of_meta_s_is_nobody_s_fault() {
    for (status, body) in [
        (502, "<html><title>Bad Gateway</title></html>"),
        (400, "<!DOCTYPE html>Sorry, something went wrong."),
        (500, ""),
        (400, r#"{"error":{"message":"Session has exp"#),
        (302, ""),
        (503, "{}"),
    ] {
        assert_eq!(class(status, body), Transient, "{status} {body}");
    }
    assert_eq!(class(429, "slow down"), Class::RateLimited);
}

#[test]
fn bodies_as_they_come() {
    for (name, status, body, expected) in [
        ("expired session", 400, include_str!("fixtures/190_463_expired.json"), TokenDead),
        ("role lost", 400, include_str!("fixtures/190_492_role_lost.json"), PermissionLost),
        ("account's limit", 403, include_str!("fixtures/80002_account_limit.json"), Class::RateLimited),
        ("standard access", 400, include_str!("fixtures/100_account_not_allowed.json"), AppMisconfigured),
        ("withdrawn", 400, include_str!("fixtures/10_withdrawn.json"), PermissionLost),
        ("real doubt", 400, include_str!("fixtures/100_33_doubt.json"), Ambiguous),
        ("used code", 400, include_str!("fixtures/100_36009_code_used.json"), BadRequest),
        ("down", 500, include_str!("fixtures/2_down.json"), Transient),
        ("flat", 400, include_str!("fixtures/flat_code_not_found.json"), BadRequest),
        ("cut off", 400, include_str!("fixtures/cut_off.txt"), Transient),
        ("gateway", 502, include_str!("fixtures/gateway.html"), Transient),
    ] {
        assert_eq!(class(status, body), expected, "{name}");
    }
}

#[test]
fn a_refused_code_and_a_forbidden_account_are_told_apart_from_other_100s() {
    let used = include_bytes!("fixtures/100_36009_code_used.json");
    let headers = HeaderMap::new();
    assert!(classify("exchange_code", 400, &headers, used).is_code_refused());
    assert!(!classify("media", 400, &headers, used).is_code_refused());
    let forbidden = include_bytes!("fixtures/100_account_not_allowed.json");
    assert!(classify("ig_user", 400, &headers, forbidden).is_account_not_allowed());
    assert!(!classify("ig_user", 400, &headers, used).is_account_not_allowed());
}

#[test]
fn a_dead_token_of_debug_token_is_our_own() {
    let body = br#"{"error":{"message":"Invalid OAuth access token signature.","code":190}}"#;
    let error = classify("debug_token", 400, &HeaderMap::new(), body);
    assert_eq!(error.class(), AppMisconfigured);
}

#[test]
fn a_token_in_meta_s_text_does_not_get_through() {
    let body = br#"{"error":{"message":"Malformed access token EAABsJsWAejSOZWr9MkP","code":190}}"#;
    let error = classify("media", 400, &HeaderMap::new(), body);
    assert!(!format!("{error} {error:?}").contains("EAAB"));
}
