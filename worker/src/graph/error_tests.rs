//! An error as people and logs read it.

use super::*;

#[test]
fn an_error_reads_as_one_line_with_the_numbers_first() {
    let error = Error::TokenDead(Box::new(Details {
        call: "media",
        status: Some(400),
        code: Some(190),
        subcode: Some(463),
        fbtrace_id: Some("Axyz".into()),
        message: "Session has expired".into(),
        ..Details::default()
    }));
    assert_eq!(
        error.to_string(),
        "graph media: token dead [status 400, code 190/463, trace Axyz]: Session has expired"
    );
}

#[test]
fn a_parser_s_complaint_keeps_its_place_and_not_the_body() {
    let complaint = serde_json::from_str::<u8>("\"EAAsecret\"").unwrap_err();
    let error = Error::unparsable("media", 200, &complaint);
    assert_eq!(error.class(), Class::Transient);
    assert_eq!(error.details().message, "malformed answer: of another shape at line 1 column 11");
}
