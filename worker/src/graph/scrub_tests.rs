//! What is taken out of Meta's texts, in every dress in which a secret was seen or may come; and what stays.

use super::*;

/// Texts with `SECRET` where a secret stands: whatever the secret is, it is taken out.
const DRESSES: [&str; 33] = [
    "https://graph.facebook.com/v26.0/1/media?access_token=SECRET&limit=25",
    "https://graph.facebook.com/v26.0/1/media?limit=25&appsecret_proof=SECRET",
    "oauth/access_token?client_secret=SECRET&redirect_uri=https%3A%2F%2Fx%2F&code=x1",
    "oauth/access_token?code=SECRET#_=_",
    "next=https%3A%2F%2Fgraph.facebook.com%2F1%2Fmedia%3Faccess_token%3DSECRET%26limit%3D25",
    "https%253A%252F%252Fx%252F%253Faccess_token%253DSECRET%2526limit%253D25",
    r#"{"access_token":"SECRET","token_type":"bearer"}"#,
    r#"{"access_token" : "SECRET"}"#,
    r#"{\"access_token\":\"SECRET\"}"#,
    r#"{\\\"access_token\\\":\\\"SECRET\\\"}"#,
    r"{\u0022access_token\u0022:\u0022SECRET\u0022}",
    r#"{"paging":{"next":"https:\/\/graph.facebook.com\/me?access_token=SECRET"}}"#,
    r#"{"code":"SECRET"}"#,
    r#"{"accessToken":"SECRET"}"#,
    "{'client_secret': 'SECRET'}",
    "page_access_token=SECRET",
    "access_token: SECRET",
    "Malformed access token SECRET",
    "Malformed access token: \"SECRET\"",
    "Malformed access token SECRET, try again.",
    "Authorization: Bearer SECRET",
    "authorization: OAuth SECRET",
    "Authorization: Basic SECRET",
    "header \"Bearer SECRET\"",
    "<a href=\"https://x/?a=1&amp;access_token=SECRET\">",
    "<input name=\"access_token\" value=1>access_token=SECRET<br>",
    "oauth_token=SECRET",
    "oauth_token_secret=SECRET&oauth_verifier=v",
    "oauth_verifier=SECRET",
    "code_verifier=SECRET",
    "fb_exchange_token=SECRET",
    "input_token=SECRET",
    "signed_request=SECRET",
];

#[test]
fn a_secret_is_removed_in_every_dress() {
    let long = "EAABsJsWAejSOZWr9MkP".repeat(8);
    for dress in DRESSES {
        for secret in ["abc", "s3cr-t.x_y", "123456789012345|sandbox-secret", "123456789012345%7Cj4nd", &long] {
            let clean = scrub(&dress.replace("SECRET", secret));
            assert!(!clean.contains(secret) && clean.contains(MASK), "{dress} with {secret}: {clean}");
        }
    }
}

#[test]
fn a_token_is_removed_wherever_it_stands() {
    for token in [
        "EAABsJsWAejSOZWr9",
        "token.EAABsJsWAejSOZWr9",
        "IGQVJabcdef12",
        "IGAAabcdef12",
        "THQWJabcdef",
        "119945718862211|j4ndjJJ88RItGA4",
        "119945718862211%7Cj4ndjJJ88RItGA4",
        // A code of the dialog, an app secret, X's forms, base64 with its own signs.
        "AQBx7-aQ2kLm9_pRsTuVwXyZ0123456789abcdef",
        "d41d8cd98f00b204e9800998ecf8427e",
        "bWRWa3gzdnk3WHRGU1o0bmRRcTJ5VUxWX1lZTDdJSUtmaWcxbTVxdEFXcW5tOjE",
        "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3DEUifiRBkKG5E2XzMDjRfl76ZC9Ub0wnz4XsNiRVBChTYbJcE3F",
        "1234567890-AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh",
        "mF9/abQ2k+Lm9pRs/TuVwXyZ0123/456789abcdEf==",
    ] {
        for text in ["SECRET", "see SECRET.", "('SECRET')", "<SECRET>", "a,SECRET;b", "x\u{ad}SECRET"] {
            let clean = scrub(&text.replace("SECRET", token));
            // No eight characters of it in a row.
            let left = (0..token.len() - 8).find(|start| clean.contains(&token[*start..start + 8]));
            assert_eq!(left, None, "{text} with {token}: {clean}");
        }
    }
}

#[test]
fn a_link_loses_its_secrets_and_keeps_its_path() {
    assert_eq!(
        scrub("https://graph.facebook.com/v2.8/1/accounts?access_token=119945718862211%7Cj4nd&limit=25"),
        "https://graph.facebook.com/v2.8/1/accounts?access_token=[removed]&limit=25"
    );
    assert_eq!(scrub(r#"{"access_token":"short","code":"AQB"}"#), r#"{"access_token":"[removed]","code":"[removed]"}"#);
    assert_eq!(scrub("Malformed access token EAABsJsWAejSOZWr9."), "Malformed access token [removed].");
}

#[test]
fn ordinary_sentences_stay_whole() {
    for text in [
        "(#10) Application does not have permission for this action",
        "Error validating access token: Session has expired on Friday, 20-Nov-26 10:00:00 PST.",
        "Error validating access token: The session has been invalidated because the user changed their password.",
        "Unsupported get request. Object with ID '17841405793187218' does not exist",
        "(#100) Tried accessing nonexisting field (alt_text) on node type (IGMedia)",
        "requires instagram_manage_comments_and_a_very_long_permission",
        "Invalid OAuth access token - Cannot parse access token",
        "API calls from the server require an appsecret_proof argument",
        "error code=190, subcode: 463; code: 190",
        "See https://developers.facebook.com/docs/graph-api/guides/error-handling for owner@example.com",
        "相机/照片 – ja",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_text_without_end_is_cut_between_characters() {
    let clean = scrub(&"é ".repeat(5_000));
    assert_eq!(clean.chars().count(), LONGEST + 1);
    assert_eq!(scrub("a\nb"), "a b");
    assert_eq!(scrub("100% %zz \\u12 %"), "100% %zz \\u12 %");
}

#[test]
fn of_a_text_of_megabytes_only_the_beginning_is_read() {
    let (long, half) = (8 * 1024 * 1024, MOST_READ / 2);
    for (text, clean) in [
        ("a/".repeat(long / 2), "a/".repeat(LONGEST / 2) + "…"),
        ("a1B/".repeat(long / 4), format!("{MASK}…")),
        ("%25".repeat(long / 3) + "41", format!("{MASK}…")),
        ("EAAB".repeat(half / 4) + " " + &"x".repeat(long), format!("{MASK} {MASK}…")),
        (" ".repeat(MOST_READ - 5) + "EAABsJsWAejSOZWr9", " ".repeat(LONGEST) + "…"),
        ("EAAB".repeat(MOST_READ / 4 - 1) + " x=abcdef", format!("{MASK} x={MASK}…")),
    ] {
        assert_eq!(scrub(&text), clean, "{}…", &text[..20]);
    }
}

#[test]
fn a_credential_in_the_wrong_field_is_known_and_a_name_is_none() {
    for credential in [&*format!("EAA{}", "b7".repeat(60)), &format!("AQ{}", "x-_7".repeat(30)), "12345678|s"] {
        assert!(is_credential(credential), "{credential}");
    }
    for name in
        ["w1", "EAA", "AQ-team", "0f8fad5b-d9cb-469f-a165-70867728950e", "EAA Ltd., the company of a long name ok"]
    {
        assert!(!is_credential(name), "{name}");
    }
}
