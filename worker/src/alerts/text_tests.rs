//! What the operator reads.

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::{self, Kind, Scope};
use serde_json::json;

use super::text::{NAMED, Told, closing, digest, gathered, opening};

/// Seconds after an hour on a Sunday.
pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
}

/// Everybody's incident, just begun.
pub(super) fn incident() -> incident::Model {
    incident::Model {
        id: "0123456789abcdef0123456789abcdef".into(),
        open_key: None,
        class: "permission_lost".into(),
        scope: Scope::App,
        kind: Kind::Feeds,
        everybody_waits: true,
        install_id: None,
        x_account_id: None,
        code: Some(10),
        subcode: None,
        fbtrace_id: Some("AbC1-dEf_2".into()),
        failures: 200,
        verdict: None,
        opened_at: at(0),
        last_seen_at: at(0),
        closed_at: None,
        joined_id: None,
        next_probe_at: Some(at(300)),
        probes: 0,
        told_opened_at: None,
        told_closed_at: None,
        updated_at: at(0),
    }
}

fn verdict() -> serde_json::Value {
    json!({
        "word": "login_configuration",
        "summary": "Meta's side, or our app's login configuration.",
        "ruled_out": ["the token is valid", "all scopes are granted"],
        "remains": ["Facebook Login for Business"],
        "next_step": "Look at the alert in Meta's dashboard. access_token=EAAhunter2hunter2",
        "who_acts": "operator",
        "code": 10, "subcode": null, "fbtrace_id": null,
    })
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}")).collect()
}

fn everybodys() -> Told {
    let incident = incident::Model { verdict: Some(verdict()), ..incident() };
    Told { incident, installs: 200, accounts: names("account", NAMED), apps: names("app", 187), have_ended: false }
}

fn accounts() -> Told {
    let incident = incident::Model { scope: Scope::Account, kind: Kind::Hashtags, next_probe_at: None, ..incident() };
    Told { incident, installs: 1, accounts: vec!["powr_io".into()], apps: vec!["w1".into()], have_ended: false }
}

#[test]
fn a_beginning_says_what_since_when_whom_why_and_the_next_step() {
    let alert = opening(&everybodys());

    assert_eq!(alert.subject, "200 accounts: feeds of accounts cannot be read (permission_lost, code 10)");
    for part in [
        "Since 2026-11-22 10:00 UTC; 200 accounts (@account0, ",
        "@account9 and 190 more); 187 apps: app0, ",
        "app9 and 177 more.\n",
        "Verdict: Meta's side, or our app's login configuration.\n",
        "Ruled out:\n• the token is valid\n• all scopes are granted\n",
        "It can still be:\n• Facebook Login for Business\n",
        "Next step (you): Look at the alert in Meta's dashboard.",
        "owners get no mail",
        "Incident 0123456789abcdef0123456789abcdef, fbtrace_id AbC1-dEf_2",
    ] {
        assert!(alert.text.contains(part), "{part}: {}", alert.text);
    }
    assert!(!alert.text.contains("hunter2") && !alert.text.contains("app10"), "{}", alert.text);
}

#[test]
fn without_a_verdict_the_class_says_what_to_do() {
    let alert = opening(&accounts());

    assert_eq!(alert.subject, "@powr_io: hashtags cannot be read (permission_lost, code 10)");
    assert!(alert.text.contains("Verdict: none yet. Meta refuses this account.\nNext step: Look at"), "{}", alert.text);
    assert!(!alert.text.contains("Meanwhile"), "nothing is paused: {}", alert.text);
}

#[test]
fn what_nobody_looks_into_is_not_promised_a_verdict() {
    for (class, means) in [("transient", "Meta cannot be reached"), ("rate_limited", "Our app's limit is used up")] {
        let mut told = accounts();
        told.incident.class = class.to_owned();
        let text = opening(&told).text;
        assert!(text.contains(&format!("Verdict: {means}")), "{text}");
    }
}

#[test]
fn what_nobody_uses_or_nobody_has_is_said_so() {
    let nobodys = Told { installs: 0, accounts: vec![], apps: vec![], ..everybodys() };
    assert!(opening(&nobodys).text.contains("no connected account is concerned"));
    let unused = Told { apps: vec![], ..accounts() };
    assert!(opening(&unused).text.contains("1 account (@powr_io); no app uses them"));
}

#[test]
fn an_end_says_how_long_it_lasted() {
    let mut told = everybodys();
    told.incident.closed_at = Some(at(7 * 86_400 + 600));

    let alert = closing(&told, at(8 * 86_400));

    assert_eq!(alert.subject, "Over after 7 d 0 h: feeds of accounts are read again");
    assert!(alert.text.contains("From 2026-11-22 10:00 UTC to 2026-11-29 10:10 UTC; 200 accounts"), "{}", alert.text);
    assert!(alert.text.contains("permission_lost, code 10; 200 calls failed"), "{}", alert.text);
}

#[test]
fn where_the_connection_has_ended_nothing_is_said_to_be_read_again() {
    let told = Told { have_ended: true, ..accounts() };

    let alert = closing(&told, at(600));

    assert_eq!(alert.subject, "Over after 10 min: @powr_io: what it met is not connected any more");
    assert!(!alert.text.contains("catch up") && alert.text.contains("connects again"), "{}", alert.text);
}

#[test]
fn what_nobody_meets_any_more_is_not_said_to_work() {
    let incident = incident::Model { closed_at: Some(at(86_400)), ..accounts().incident };

    let alert = closing(&Told { incident, ..accounts() }, at(90_000));

    assert_eq!(alert.subject, "Over after 1 d 0 h: @powr_io: nobody has met it for a day");
    assert!(!alert.text.contains("catch up") && alert.text.contains("you hear of it anew"), "{}", alert.text);
}

#[test]
fn a_reminder_has_a_line_for_each_and_counts_the_rest() {
    let alert = digest(&[everybodys(), accounts()], 3, at(86_400));

    assert_eq!(alert.subject, "Still open: 5 incidents");
    assert_eq!(alert.text.lines().count(), 3, "{}", alert.text);
    assert!(alert.text.contains("for 1 d 0 h;") && alert.text.contains("… and 3 more"), "{}", alert.text);
    let many = gathered(false, &[accounts(), accounts()], 10, at(0));
    assert_eq!(many.subject, "12 incidents of single accounts began");
    assert_ne!(many.name, gathered(true, &[accounts(), accounts()], 10, at(0)).name);
}

#[test]
fn what_others_named_is_cut_short_and_stays_on_its_line() {
    let mut told = accounts();
    told.apps = vec![format!("evil\nIncident over{}", "x".repeat(100))];
    told.incident.fbtrace_id = Some("EAA hunter2".into());

    let alert = opening(&told);

    assert!(alert.text.contains("evil Incident over") && alert.text.contains("x…"), "{}", alert.text);
    assert!(!alert.text.contains("hunter2") && !alert.text.contains(&"x".repeat(60)), "{}", alert.text);
}

/// To be looked at by people, too: `cargo test -p worker alerts -- --nocapture`.
#[test]
fn they_are_readable() {
    for alert in [opening(&everybodys()), closing(&everybodys(), at(600)), digest(&[accounts()], 0, at(9_000))] {
        assert!(!alert.subject.contains('\n') && alert.subject.len() < 200);
        println!("{}\n{}\n", alert.subject, alert.text);
    }
}
