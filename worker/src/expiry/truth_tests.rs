//! What is known of an end by each of Meta's answers.

use chrono::{DateTime, TimeDelta, Utc};
use entities::StringList;
use entities::install::{KnownEnd, Model, Status};

use super::{has_expired, known_end};
use crate::graph::TokenInfo;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn in_days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

/// An install as it was connected.
fn install(token: Option<i64>, data_access: Option<i64>, is_estimate: bool) -> Model {
    Model {
        id: "i".into(),
        instagram_account: "a".into(),
        instagram_business_account_id: "1".into(),
        page_id: "2".into(),
        page_name: "P".into(),
        facebook_user_id: None,
        user_token: None,
        user_token_expires_at: None,
        page_token: None,
        token_expires_at: token.map(in_days),
        data_access_expires_at: data_access.map(in_days),
        ends_estimated: is_estimate,
        checked_at: now(),
        killed: None,
        killed_at: None,
        scopes: StringList::default(),
        profile: None,
        profile_read_at: None,
        status: Status::Active,
        generation: 1,
        first_verify_email_sent_at: None,
        second_verify_email_sent_at: None,
        created_at: now(),
        updated_at: now(),
    }
}

fn answer(is_valid: bool, more: &str) -> TokenInfo {
    serde_json::from_str(&format!(r#"{{"app_id":"1","is_valid":{is_valid}{more}}}"#)).unwrap()
}

fn known(token: Option<i64>, data_access: Option<i64>, is_estimate: bool) -> KnownEnd {
    KnownEnd { token: token.map(in_days), data_access: data_access.map(in_days), is_estimate }
}

#[test]
fn what_meta_tells_is_a_fact_and_what_it_does_not_tell_an_estimate() {
    let ends = |days| format!(r#","expires_at":{}"#, in_days(days).timestamp());
    let access = |days| format!(r#","data_access_expires_at":{}"#, in_days(days).timestamp());
    for (old, says, end) in [
        (install(None, Some(5), false), r#","expires_at":0"#.to_owned() + &access(80), known(None, Some(80), false)),
        (install(Some(60), None, true), ends(40) + &access(90), known(Some(40), Some(90), false)),
        // Nothing is told: what was known stands, or it is estimated.
        (install(Some(40), Some(30), false), String::new(), known(Some(40), Some(30), false)),
        (install(Some(40), None, true), String::new(), known(Some(40), None, true)),
        (install(None, None, false), String::new(), known(Some(60), None, true)),
        (install(None, Some(30), false), String::new(), known(None, Some(30), false)),
        // It lives beyond what was estimated: it has not ended.
        (install(Some(-1), None, true), String::new(), known(Some(1), None, true)),
        (
            install(None, Some(30), false),
            r#","data_access_expires_at":0,"expires_at":0"#.to_owned(),
            known(None, None, false),
        ),
    ] {
        assert_eq!(known_end(&answer(true, &says), &old, now()), end, "{says}");
    }
}

#[test]
fn a_token_whose_time_is_over_was_not_killed() {
    let code = |subcode| format!(r#","error":{{"code":190,"message":"m","subcode":{subcode}}}"#);
    let past = format!(r#","expires_at":{}"#, in_days(-1).timestamp());
    for (old, says, is_over) in [
        (install(Some(40), None, false), code(463), true),
        (install(None, None, false), code(460) + &past, true),
        (install(Some(-1), None, false), code(0), true),
        (install(Some(-1), None, true), code(460), false),
        (install(None, Some(5), false), code(460), false),
        (install(Some(40), None, false), String::new(), false),
    ] {
        let info = answer(false, &says);
        assert_eq!(has_expired(&info, &old, now()), is_over, "{says}");
        if is_over {
            assert!(known_end(&info, &old, now()).token.is_some_and(|end| end <= now()), "{says}");
        }
    }
}
