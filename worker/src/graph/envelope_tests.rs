//! What an envelope says, whatever it is written in.

use super::*;

fn read(body: &str) -> Envelope {
    Envelope::read(body.as_bytes()).unwrap()
}

#[test]
fn the_graph_s_own_envelope_is_read_whole() {
    let envelope = read(
        r#"{"error":{"message":"m","type":"OAuthException","code":-1,"error_subcode":2207001,"is_transient":true,"fbtrace_id":"A"}}"#,
    );
    assert_eq!(envelope.code, Some(-1));
    assert_eq!(envelope.subcode, Some(2_207_001));
    assert!(envelope.is_transient && !envelope.is_lasting);
    assert_eq!(envelope.fbtrace_id.as_deref(), Some("A"));
    assert_eq!(envelope.status, None);
}

#[test]
fn the_token_endpoints_flat_forms_are_read() {
    for body in [
        r#"{"error_type":"OAuthException","code":400,"error_message":"m"}"#,
        r#"{"meta":{"error_type":"OAuthException","code":400,"error_message":"m"}}"#,
    ] {
        let envelope = read(body);
        assert_eq!((envelope.code, envelope.status), (None, Some(400)), "{body}");
        assert_eq!(envelope.message.as_deref(), Some("m"), "{body}");
    }
}

#[test]
fn a_flat_code_that_is_no_status_is_the_graph_s() {
    let envelope = read(r#"{"message":"m","type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"A"}"#);
    assert_eq!((envelope.code, envelope.subcode, envelope.status), (Some(190), Some(463), None));
    assert_eq!(read(r#"{"error_code":190,"error_msg":"m","request_args":[]}"#).code, Some(190));
}

#[test]
fn an_error_that_is_a_text_is_read() {
    assert_eq!(read(r#"{"error":"oh no"}"#).message.as_deref(), Some("oh no"));
    let described = read(r#"{"error":"invalid_grant","error_description":"used"}"#);
    assert_eq!((described.message.as_deref(), described.kind.as_deref()), (Some("used"), Some("invalid_grant")));
}

#[test]
fn a_number_is_read_however_it_is_written() {
    for code in ["190", "\"190\"", "190.0", "\" 190 \"", "\"(#190)\""] {
        assert_eq!(read(&format!(r#"{{"error":{{"code":{code}}}}}"#)).code, Some(190), "{code}");
    }
    assert_eq!(read(r#"{"error":{"message":"(#80002) There have been too many calls"}}"#).code, Some(80_002));
    assert_eq!(read(r#"{"error":{"code":"ERR_BAD_REQUEST","message":"m"}}"#).code, None);
}

#[test]
fn what_has_no_envelope_gives_none() {
    for body in ["", "<html></html>", r#"{"error":{"mess"#, "[]", "{}", "\"x\"", "null", "{\"data\":[]}"] {
        assert!(Envelope::read(body.as_bytes()).is_none(), "{body}");
    }
}

#[test]
fn a_success_is_not_taken_for_an_error() {
    for body in [
        r#"{"data":{"error":{"code":190},"is_valid":false}}"#,
        r#"{"error":null,"data":[]}"#,
        r#"{"error":false}"#,
        "access_token=1",
    ] {
        assert!(!is_error(body.as_bytes()), "{body}");
    }
    assert!(is_error(br#"{"error":{"code":803}}"#));
    assert!(is_error(b"\xef\xbb\xbf{\"error\":{\"code\":803}}"));
}
