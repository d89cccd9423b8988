//! A case per cause, and what is said of each.

use chrono::DateTime;

use super::super::evidence::Listed;
use super::super::others::Others;
use super::*;

const ACCOUNT: &str = "17841405822304914";

fn refused(class: Class, code: i64, subcode: Option<i64>) -> Failure {
    Failure { class, code: Some(code), subcode, fbtrace_id: Some("Atrace".into()), scope: None, not_allowed: false }
}

fn doubted() -> Failure {
    refused(Class::Ambiguous, 100, Some(33))
}

/// All that can be in order is, and Meta refuses every read with `failure`.
fn refusing(failure: &Failure) -> Evidence {
    Evidence {
        at: DateTime::UNIX_EPOCH + TimeDelta::minutes(5),
        doubt: failure.clone(),
        doubted_at: DateTime::UNIX_EPOCH,
        account_id: ACCOUNT.into(),
        token: Asked::Answered(Token {
            is_ours: true,
            is_theirs: Some(true),
            is_valid: true,
            why: None,
            expires_at: None,
            data_access_expires_at: Some(DateTime::UNIX_EPOCH + TimeDelta::days(30)),
            missing_scopes: Vec::new(),
            page_granted: Some(true),
            account_granted: Some(true),
        }),
        pages: Asked::Answered(Pages {
            page: Some(Listed { has_token: true, account_id: Some(ACCOUNT.into()) }),
            elsewhere: None,
        }),
        account: Asked::Refused(failure.clone()),
        list: Asked::Refused(failure.clone()),
        direct: Asked::Refused(failure.clone()),
        percent: Some(12.0),
        others: Others { failing: 0, all: 199, ..Others::default() },
    }
}

fn with_token(failure: &Failure, change: impl FnOnce(&mut Token)) -> Evidence {
    let mut evidence = refusing(failure);
    if let Asked::Answered(token) = &mut evidence.token {
        change(token);
    }
    evidence
}

fn with_pages(failure: &Failure, page: Option<(bool, Option<&str>)>, elsewhere: Option<&str>) -> Evidence {
    let page = page.map(|(has_token, account)| Listed { has_token, account_id: account.map(Into::into) });
    let pages = Asked::Answered(Pages { page, elsewhere: elsewhere.map(Into::into) });
    Evidence { pages, ..refusing(failure) }
}

fn dead(subcode: Option<i64>) -> Evidence {
    let failure = refused(Class::TokenDead, 190, subcode);
    with_token(&failure, |token| {
        token.is_valid = false;
        token.why = Some(failure.clone());
    })
}

fn answering() -> Evidence {
    let (account, list, direct) = (Asked::Answered(()), Asked::Answered(()), Asked::Answered(()));
    Evidence { account, list, direct, ..refusing(&doubted()) }
}

#[test]
fn the_five_causes_of_100_33_are_told_apart() {
    let doubt = doubted();
    for (cause, evidence, expected) in [
        ("a wrong id is configured", with_pages(&doubt, Some((true, Some("17"))), None), Word::WrongAccount),
        ("another app's token", with_token(&doubt, |token| token.is_ours = false), Word::WrongApp),
        ("another person's token", with_token(&doubt, |token| token.is_theirs = Some(false)), Word::WrongPerson),
        ("the Page is unlinked", with_pages(&doubt, Some((true, None)), None), Word::PageUnlinked),
        ("the account has moved", with_pages(&doubt, Some((true, None)), Some("Other")), Word::PageUnlinked),
        ("the Page was not ticked", with_pages_unticked(&doubt), Word::PageNotGranted),
        ("the account is gone", refusing(&doubt), Word::AccountGone),
    ] {
        assert_eq!(verdict(&evidence).word, expected, "{cause}");
    }
}

fn with_pages_unticked(doubt: &Failure) -> Evidence {
    let unticked = with_token(doubt, |token| token.page_granted = Some(false));
    Evidence { pages: Asked::Answered(Pages::default()), ..unticked }
}

#[test]
fn what_else_it_can_be_has_its_word() {
    let withdrawn = refused(Class::PermissionLost, 10, None);
    let limited = refused(Class::RateLimited, 80_002, None);
    let blocked = refused(Class::AppMisconfigured, 200, None);
    let personal = with_pages(&withdrawn, Some((true, None)), None);
    let not_allowed = Failure { not_allowed: true, ..refused(Class::AppMisconfigured, 100, None) };
    for (expected, evidence) in [
        (Word::Healthy, answering()),
        (Word::LimitInDisguise, Evidence { percent: Some(97.0), ..answering() }),
        (Word::LimitInDisguise, Evidence { percent: Some(97.0), ..refusing(&doubted()) }),
        (Word::LimitInDisguise, refusing(&limited)),
        (Word::ScopeWithdrawn, with_token(&withdrawn, |token| token.missing_scopes = vec!["instagram_basic".into()])),
        (
            Word::DataAccessExpired,
            with_token(&withdrawn, |token| token.data_access_expires_at = Some(DateTime::UNIX_EPOCH)),
        ),
        (Word::RoleLost, refusing(&refused(Class::PermissionLost, 190, Some(492)))),
        (Word::RoleLost, with_pages(&withdrawn, None, None)),
        (Word::RoleLost, with_pages(&withdrawn, Some((false, Some(ACCOUNT))), None)),
        (Word::AccountChanged, personal),
        (Word::AccountRestricted, refusing(&refused(Class::PermissionLost, 25, Some(2_207_050)))),
        (Word::AccountNotAllowed, refusing(&not_allowed)),
        (Word::AppBlocked, refusing(&blocked)),
        (Word::AppBlocked, Evidence { token: Asked::Refused(blocked.clone()), ..refusing(&withdrawn) }),
        (Word::MetaSide, Evidence { direct: Asked::Refused(doubted()), ..answering() }),
        (Word::MetaSide, refusing(&refused(Class::TokenDead, 190, None))),
        (Word::Unknown, refusing(&withdrawn)),
        (Word::Unknown, Evidence { pages: Asked::No, ..refusing(&doubted()) }),
    ] {
        let verdict = verdict(&evidence);
        assert_eq!(verdict.word, expected, "{evidence:?}");
        assert!(!verdict.summary.is_empty() && !verdict.next_step.is_empty(), "{expected:?}");
    }
}

#[test]
fn a_token_is_dead_when_two_say_so_some_minutes_later_and_few_others_fail() {
    let confirmed = dead(Some(460));
    assert_eq!(verdict(&confirmed).word, Word::TokenDead);
    assert!(confirmed.is_death_confirmed());
    assert!(verdict(&confirmed).summary.contains("password"), "{}", verdict(&confirmed).summary);

    let early = Evidence { at: DateTime::UNIX_EPOCH + TimeDelta::minutes(3), ..dead(None) };
    assert!(!early.is_death_confirmed(), "not yet");
    assert!(verdict(&early).summary.contains("asked again"));

    let alive = refusing(&refused(Class::TokenDead, 190, None));
    assert!(!alive.is_death_confirmed(), "debug_token calls it valid");
    assert!(!Evidence { account: Asked::Answered(()), ..answering() }.is_death_confirmed(), "it reads");
    let unasked = Evidence { token: Asked::No, ..dead(None) };
    assert!(!unasked.is_death_confirmed(), "one witness");

    let wave = Evidence { others: Others { failing: 4_999, all: 4_999, ..Others::default() }, ..dead(Some(460)) };
    assert!(!wave.is_death_confirmed(), "everybody's");
    assert_eq!((verdict(&wave).word, verdict(&wave).who_acts), (Word::MetaSide, WhoActs::Operator));
}

#[test]
fn each_death_says_its_reason_and_its_way_back() {
    for (subcode, says, step) in [
        (Some(458), "removed the app", "Connect"),
        (Some(459), "see the person", "www.facebook.com"),
        (Some(460), "password", "Connect"),
        (Some(463), "time is over", "Connect"),
        (Some(464), "not confirmed", "Confirm"),
        (Some(467), "invalidated", "Connect"),
        (Some(483), "agree", "www.facebook.com"),
        (None, "does not say why", "Connect"),
    ] {
        let verdict = verdict(&dead(subcode));
        assert!(verdict.summary.contains(says), "{subcode:?}: {}", verdict.summary);
        assert!(verdict.next_step.contains(step), "{subcode:?}: {}", verdict.next_step);
        assert_eq!((verdict.who_acts, verdict.subcode), (WhoActs::Owner, subcode));
    }
}

/// `(#10) Application does not have permission for this action`, and everything that can be looked at is in order.
#[test]
fn many_accounts_point_to_meta_or_the_login_configuration_and_one_cannot_tell() {
    let withdrawn = refused(Class::PermissionLost, 10, None);
    let many =
        verdict(&Evidence { others: Others { failing: 199, all: 199, ..Others::default() }, ..refusing(&withdrawn) });
    assert_eq!((many.word, many.who_acts), (Word::LoginConfiguration, WhoActs::Operator));
    assert!(many.summary.contains("Meta's side") && many.summary.contains("login configuration"), "{}", many.summary);
    assert!(many.next_step.contains("config_id"), "{}", many.next_step);
    assert_eq!((many.code, many.fbtrace_id.as_deref()), (Some(10), Some("Atrace")));

    let alone = verdict(&Evidence { others: Others::default(), ..refusing(&withdrawn) });
    assert_eq!((alone.word, alone.who_acts), (Word::Unknown, WhoActs::Operator));
    for not in ["dead token", "permission", "Page", "data access"] {
        assert!(alone.ruled_out.iter().any(|text| text.contains(not)), "{not}: {:?}", alone.ruled_out);
    }
    for left in ["Meta's side", "config_id", "one account cannot tell the app from Meta"] {
        assert!(alone.remains.iter().any(|text| text.contains(left)), "{left}: {:?}", alone.remains);
    }
}

/// Of two accounts one has one other, which is not many; but incidents know that it is everybody's.
#[test]
fn what_is_everybody_s_is_judged_for_everybody_however_few_they_are() {
    let withdrawn = refused(Class::PermissionLost, 10, None);
    let others = Others { failing: 1, all: 1, is_everybodys: true };
    let two = verdict(&Evidence { others, ..refusing(&withdrawn) });
    assert_eq!((two.word, two.who_acts), (Word::LoginConfiguration, WhoActs::Operator));
    assert!(two.summary.starts_with("Meta refuses 2 unrelated accounts alike"), "{}", two.summary);
    assert!(!two.remains.iter().any(|text| text.to_lowercase().contains("one account cannot")), "{:?}", two.remains);
}

#[test]
fn what_only_an_owner_could_mend_is_not_what_all_have() {
    let withdrawn = refused(Class::PermissionLost, 10, None);
    let doubt = doubted();
    let unlinked = with_pages(&withdrawn, None, None);
    for (own, expected, evidence) in [
        (Word::RoleLost, Word::LoginConfiguration, unlinked),
        (Word::AccountGone, Word::MetaSide, refusing(&doubt)),
        (Word::Healthy, Word::MetaSide, answering()),
        (Word::AppBlocked, Word::AppBlocked, refusing(&refused(Class::AppMisconfigured, 200, None))),
    ] {
        let all = verdict_for_all(&evidence);
        assert_eq!((verdict(&evidence).word, all.word), (own, expected));
        assert_ne!(all.who_acts, WhoActs::Owner);
    }
}

#[test]
fn a_refusal_of_everything_does_not_make_the_token_another_app_s() {
    let evidence = Evidence { token: Asked::Refused(doubted()), pages: Asked::No, ..refusing(&doubted()) };
    assert_eq!(verdict(&evidence).word, Word::Unknown);
    let foreign = Failure { subcode: None, ..doubted() };
    assert_eq!(verdict(&Evidence { token: Asked::Refused(foreign), ..evidence }).word, Word::WrongApp);
}

#[test]
fn a_wave_of_absent_accounts_is_meta_s_and_deletes_nobody() {
    let wave = Evidence { others: Others { failing: 40, all: 199, ..Others::default() }, ..refusing(&doubted()) };
    assert_eq!(verdict(&wave).word, Word::MetaSide);
}

#[test]
fn a_verdict_is_kept_as_it_is() {
    let kept = serde_json::to_value(refusing(&doubted())).unwrap();
    let read: Evidence = serde_json::from_value(kept).unwrap();
    assert_eq!(read, refusing(&doubted()));
    let word = serde_json::to_value(verdict(&read)).unwrap();
    assert_eq!((&word["word"], &word["who_acts"]), (&"account_gone".into(), &"owner".into()));
}
