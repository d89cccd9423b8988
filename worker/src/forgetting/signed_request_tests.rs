//! What is Meta's, and what is not.

use super::*;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};

const SECRET: &str = "an app's secret";
const PERSON: &str = r#"{"user_id":"218471","algorithm":"HMAC-SHA256","issued_at":1700000000}"#;

fn signature(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A request as Meta writes it.
fn signed(secret: &str, payload: &str) -> String {
    let payload = BASE64_URL_SAFE_NO_PAD.encode(payload);
    format!("{}.{payload}", BASE64_URL_SAFE_NO_PAD.encode(signature(secret, &payload)))
}

fn open(text: &str) -> Result<Option<(Kind, String)>, Rejected> {
    let opened = SignedRequest::open(&SECRET.into(), text)?;
    Ok(opened.subject.map(|subject| (subject.kind, subject.id)))
}

#[test]
fn what_meta_signed_says_whom_it_is_about() {
    let person = |id: &str| Some((Kind::Person, id.to_owned()));
    for (payload, subject) in [
        (PERSON, person("218471")),
        (r#"{"algorithm":"HMAC-SHA256","user_id":17841405793187218}"#, person("17841405793187218")),
        (r#"{"algorithm":"hmac-sha256","user_id":"1"}"#, person("1")),
        (r#"{"algorithm":"HMAC-SHA256","user_id":0,"profile_id":"42"}"#, Some((Kind::Page, "42".to_owned()))),
        (r#"{"algorithm":"HMAC-SHA256","0":"payload"}"#, None),
        (r#"{"algorithm":"HMAC-SHA256","user_id":"0"}"#, None),
        (r#"{"algorithm":"HMAC-SHA256","user_id":"1' OR 1=1"}"#, None),
        (r#"{"algorithm":"HMAC-SHA256","user_id":1.5}"#, None),
    ] {
        assert_eq!(open(&signed(SECRET, payload)), Ok(subject), "{payload}");
    }
}

#[test]
fn it_says_when_meta_has_said_it() {
    for (payload, at) in [
        (PERSON.to_owned(), Some(1_700_000_000)),
        (PERSON.replace("1700000000", "\"soon\""), None),
        (PERSON.replace("1700000000", "9223372036854775807"), None),
        (r#"{"user_id":"1","algorithm":"HMAC-SHA256"}"#.to_owned(), None),
    ] {
        let opened = SignedRequest::open(&SECRET.into(), &signed(SECRET, &payload)).expect("Meta's");
        assert_eq!(opened.issued_at.map(|at| at.timestamp()), at, "{payload}");
    }
}

#[test]
fn every_way_to_write_base64_is_read_and_the_signature_is_of_what_stands_there() {
    let payload = "{ \"algorithm\": \"HMAC-SHA256\",\n \"user_id\": \"218471\" }";
    let padded = BASE64_URL_SAFE.encode(payload);
    assert!(padded.ends_with('='));
    let standard = BASE64_STANDARD.encode(signature(SECRET, &padded));
    assert!(standard.contains(['+', '/']), "{standard}");

    assert_eq!(open(&format!("{standard}.{padded}")), Ok(Some((Kind::Person, "218471".to_owned()))));
    assert_eq!(open(&format!("{standard}.{}", padded.trim_end_matches('='))), Err(Rejected::Signature));
}

#[test]
fn what_is_not_metas_is_refused() {
    let right = signed(SECRET, PERSON);
    let (signature, payload) = right.split_once('.').expect("two parts");
    let other = BASE64_URL_SAFE_NO_PAD.encode(PERSON.replace("218471", "218472"));
    // As long as one of another algorithm.
    let short = BASE64_URL_SAFE_NO_PAD.encode(&self::signature(SECRET, payload)[..20]);
    let unsigned = r#"{"algorithm":"none","user_id":"218471"}"#;
    for (text, why) in [
        (String::new(), Rejected::Shape),
        (".".into(), Rejected::Shape),
        ("invalid_signed_request".into(), Rejected::Shape),
        (format!(".{payload}"), Rejected::Shape),
        (format!("{signature}."), Rejected::Shape),
        (format!("{signature}.{payload}.{payload}"), Rejected::Shape),
        (format!("no base64.{payload}"), Rejected::Shape),
        (format!("{}.{payload}", &signature[..22]), Rejected::Signature),
        (format!("{signature}.{other}"), Rejected::Signature),
        (format!("{short}.{payload}"), Rejected::Signature),
        (signed("another secret", PERSON), Rejected::Signature),
        (signed("", PERSON), Rejected::Signature),
        (signed(SECRET, unsigned), Rejected::Payload),
        (signed(SECRET, r#"{"user_id":"218471"}"#), Rejected::Payload),
        (signed(SECRET, "<xml/>"), Rejected::Payload),
        (signed(SECRET, "[]"), Rejected::Payload),
    ] {
        assert_eq!(open(&text), Err(why), "{text}");
    }
    assert_eq!(SignedRequest::open(&"".into(), &signed("", PERSON)), Err(Rejected::Signature));
}
