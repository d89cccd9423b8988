//! What a verdict says, in plain words: for the owner where the owner can act, else for the operator.

use super::evidence::{Evidence, Failure};
use super::verdict::{Verdict, Word};
use crate::feed_body::rfc3339;
use crate::graph::WhoActs;

/// The verdict that a word stands for, in the light of the evidence.
pub(super) fn verdict(word: Word, evidence: &Evidence) -> Verdict {
    let failure = evidence.refusals().next().unwrap_or(&evidence.doubt);
    let (who_acts, next_step) = next_step(word, evidence);
    Verdict {
        word,
        summary: summary(word, evidence),
        ruled_out: ruled_out(evidence),
        remains: remains(word, evidence),
        next_step,
        who_acts,
        code: failure.code.or(evidence.doubt.code),
        subcode: failure.subcode.or(evidence.doubt.subcode.filter(|_| failure.code == evidence.doubt.code)),
        fbtrace_id: failure.fbtrace_id.clone().or_else(|| evidence.doubt.fbtrace_id.clone()),
    }
}

fn summary(word: Word, evidence: &Evidence) -> String {
    let others = evidence.others.failing;
    match word {
        Word::TokenDead => format!("{}{}", death(subcode(evidence)), unconfirmed(evidence)),
        Word::ScopeWithdrawn => format!("A permission was withdrawn: {}.", missing(evidence)),
        Word::PageNotGranted => "The Facebook Page, or its Instagram account, was not ticked when access was granted.".into(),
        Word::PageUnlinked => match evidence.pages.answer().and_then(|pages| pages.elsewhere.as_ref()) {
            Some(page) => format!("The Instagram account was moved to another Facebook Page: {page}."),
            None => "The Instagram account is not linked to its Facebook Page any more.".into(),
        },
        Word::RoleLost => "The person who connected the account has no role on its Facebook Page any more.".into(),
        Word::AccountGone => "The Instagram account was deleted or suspended: its Page still names it, Meta does not show it.".into(),
        Word::AccountRestricted => "Instagram has restricted the account, and waits for its owner in the Instagram app.".into(),
        Word::WrongApp => "The access token was made for another Meta app than this service's.".into(),
        Word::WrongPerson => "The access token is another person's, or another Page's, than the one that was connected.".into(),
        Word::WrongAccount => "The Facebook Page carries another Instagram account than the one that is configured.".into(),
        Word::AccountChanged => "The Instagram account is not a professional one any more.".into(),
        Word::AccountNotAllowed => "The Meta app may not read this account: it has Standard Access, and the account has no role on it.".into(),
        Word::AppBlocked => "Meta does not let this service's app in: it is blocked, or its id or secret is not accepted.".into(),
        Word::LoginConfiguration => format!(
            "Meta refuses {} alike, which have nothing else in common: it is Meta's side, or the app's login configuration.",
            accounts(others)
        ),
        Word::MetaSide if evidence.only_direct_reads_fail() => {
            "Meta refuses single posts, though it reads the account and lists its posts: it is Meta's side.".into()
        }
        Word::MetaSide if evidence.others.are_many() => {
            format!("Meta refuses {} alike: it is Meta's side, or the app as a whole.", accounts(others))
        }
        Word::MetaSide => "Meta contradicts itself: it refuses the token, and calls it valid.".into(),
        Word::DataAccessExpired => {
            "Access to the account's data has ended: it lasts 90 days from the person's last visit. The token is valid still.".into()
        }
        Word::LimitInDisguise => "A limit of Meta's is reached, which it told as something else.".into(),
        Word::Healthy => "Everything answers now: it has passed.".into(),
        Word::Unknown => "Meta refuses this account, and nothing that can be looked at says why.".into(),
    }
}

/// Why a token is dead, by Meta's subcode.
fn death(subcode: Option<i64>) -> &'static str {
    match subcode {
        Some(458) => "The access token is dead: the person removed the app in Facebook's settings.",
        Some(459) => "The access token is dead: Facebook wants to see the person first (a security check).",
        Some(460) => {
            "The access token is dead: the person changed the password, or Facebook ended the session for safety."
        }
        Some(463) => "The access token is dead: its time is over.",
        Some(464) => "The access token is dead: the person's Facebook account is not confirmed.",
        Some(467) => "The access token is dead: it was invalidated (the person signed out or withdrew it).",
        Some(483) => "The access token is dead: Facebook asks the person to agree to something first.",
        _ => "The access token is dead; Meta does not say why.",
    }
}

fn unconfirmed(evidence: &Evidence) -> &'static str {
    if evidence.is_death_confirmed() { "" } else { " It is asked again before it is believed." }
}

fn next_step(word: Word, evidence: &Evidence) -> (WhoActs, String) {
    let (who, step) = match word {
        Word::TokenDead => (WhoActs::Owner, way_back(subcode(evidence))),
        Word::ScopeWithdrawn => (WhoActs::Owner, "Connect the account again, and leave every permission ticked."),
        Word::PageNotGranted => {
            (WhoActs::Owner, "Connect the account again, and tick the Facebook Page and its Instagram account.")
        }
        Word::PageUnlinked => (
            WhoActs::Owner,
            "Link the Instagram account to its Facebook Page again (Page settings, Linked accounts), then connect it again.",
        ),
        Word::RoleLost => (
            WhoActs::Owner,
            "Ask an admin of the Facebook Page to give you your role back, or have an admin connect the account.",
        ),
        Word::AccountGone => (
            WhoActs::Owner,
            "Open the account in the Instagram app: if it is suspended, appeal there. Connecting again does not help.",
        ),
        Word::AccountRestricted => (WhoActs::Owner, "Open the Instagram app, and do what it asks for."),
        Word::WrongApp => (
            WhoActs::Operator,
            "Check META_APP_ID and META_APP_SECRET; after a change of app, every account is connected again.",
        ),
        Word::WrongPerson => {
            (WhoActs::Owner, "Connect the account again, as a person with a role on its Facebook Page.")
        }
        Word::WrongAccount => {
            (WhoActs::Owner, "Connect the account again: the one that the Page carries now is taken.")
        }
        Word::AccountChanged => (
            WhoActs::Owner,
            "Switch the account back to a professional one (business or creator), link it to its Page, and connect it again.",
        ),
        Word::AccountNotAllowed => {
            (WhoActs::Operator, "Ask Meta for Advanced Access (App Review), or add the account as a tester of the app.")
        }
        Word::AppBlocked => (
            WhoActs::Operator,
            "Open the app's dashboard at developers.facebook.com: look for alerts, a Data Use Checkup, and compare id and secret.",
        ),
        Word::LoginConfiguration => (
            WhoActs::Operator,
            "Open the app's dashboard: look for alerts about Facebook Login for Business, and compare FB_LOGIN_CONFIG_ID with \
             the configuration (config_id) there. If both are in order, report it to Meta with the fbtrace_id.",
        ),
        Word::MetaSide if evidence.others.are_many() => (
            WhoActs::Operator,
            "Look at Meta's status page and at the app's dashboard; ask no owner to connect again before it is over.",
        ),
        Word::MetaSide => {
            (WhoActs::Nobody, "Nothing: it is tried again. If it lasts, report it to Meta with the fbtrace_id.")
        }
        Word::DataAccessExpired => (WhoActs::Owner, "Connect the account again: a visit renews it for 90 days."),
        Word::LimitInDisguise => (WhoActs::Nobody, "Nothing: it goes on by itself when the limit ends."),
        Word::Healthy => (WhoActs::Nobody, "Nothing: the feed is fetched again."),
        Word::Unknown => (
            WhoActs::Operator,
            "Open the app's dashboard and look for alerts (Facebook Login for Business, config_id); then look whether the account \
             is there in the Instagram app. Do not ask the owner to connect again before.",
        ),
    };
    (who, step.to_owned())
}

/// How the owner of a dead token comes back.
const fn way_back(subcode: Option<i64>) -> &'static str {
    match subcode {
        Some(459) => "Log in to www.facebook.com and follow the instructions there, then connect the account again.",
        Some(464) => "Confirm your account at www.facebook.com, then connect the Instagram account again.",
        Some(483) => "Log in to www.facebook.com and answer what it asks, then connect the account again.",
        _ => "Connect the account again; nothing else helps.",
    }
}

/// What it is not, by what was seen.
fn ruled_out(evidence: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(token) = evidence.token.answer().filter(|token| token.is_valid) {
        if token.is_ours {
            out.push("A dead token: debug_token calls it valid, and made for this app.".to_owned());
        }
        if token.missing_scopes.is_empty() {
            out.push("A withdrawn permission: all that are needed are granted.".to_owned());
        }
        if let Some(end) = token.data_access_expires_at.filter(|end| *end > evidence.at) {
            out.push(format!("The end of data access: it lasts until {}.", rfc3339(end)));
        }
    }
    let page = evidence.pages.answer().and_then(|pages| pages.page.as_ref());
    if page.is_some_and(|page| page.has_token && page.account_id.as_ref() == Some(&evidence.account_id)) {
        out.push(
            "The Page: it is shared with the app, the person has a role there, and it carries the account.".to_owned(),
        );
    }
    for (read, what) in [
        (&evidence.account, "The account itself: it is read."),
        (&evidence.list, "Lists of posts: they are read."),
        (&evidence.direct, "Single posts: they are read."),
    ] {
        if read.is_answered() {
            out.push(what.to_owned());
        }
    }
    if let Some(percent) = evidence.percent.filter(|percent| *percent < 80.0) {
        out.push(format!("A limit: {percent:.0} % of the account's allowance is used."));
    }
    if evidence.others.all > 0 && evidence.others.failing == 0 {
        out.push(format!("Meta as a whole: none of {} others fails like this.", evidence.others.all));
    }
    out
}

/// What it can still be.
fn remains(word: Word, evidence: &Evidence) -> Vec<String> {
    let mut left: Vec<&str> = match word {
        Word::Unknown => vec![
            "Meta's side.",
            "The app's login configuration: Facebook Login for Business, its config_id.",
            "This account: suspended, restricted, or not professional any more.",
        ],
        Word::LoginConfiguration => {
            vec!["Meta's side.", "The app's login configuration: Facebook Login for Business, its config_id."]
        }
        Word::MetaSide if evidence.others.are_many() => {
            vec!["Meta's side.", "The app as a whole: restricted, its secret reset, its login configuration changed."]
        }
        Word::AccountGone => vec!["The account was deleted.", "The account was suspended."],
        Word::PageNotGranted if page_is_unknown(evidence) => {
            vec![
                "The Page was not ticked.",
                "The person has lost the role there.",
                "It belongs to a business portfolio: business_management.",
            ]
        }
        Word::PageUnlinked => vec!["It was unlinked.", "It was turned into a personal account.", "It was deleted."],
        _ => Vec::new(),
    };
    if word == Word::Unknown && evidence.others.all == 0 {
        left.push("There is no other account to compare with: one account cannot tell the app from Meta.");
    } else if word == Word::Unknown {
        left.push("One account cannot tell the app from Meta.");
    }
    if word == Word::Unknown && evidence.pages.answer().is_none() {
        left.push("The link between Page and account: the list of Pages could not be read.");
    }
    left.into_iter().map(str::to_owned).collect()
}

/// This account and so many others.
fn accounts(others: u64) -> String {
    match others {
        0 => "all accounts that were tried".to_owned(),
        others => format!("{} unrelated accounts", others + 1),
    }
}

fn page_is_unknown(evidence: &Evidence) -> bool {
    evidence.token.answer().is_some_and(|token| token.page_granted.is_none())
}

fn missing(evidence: &Evidence) -> String {
    evidence.token.answer().map(|token| token.missing_scopes.join(", ")).unwrap_or_default()
}

/// Why the token is dead: `debug_token` knows best.
pub(super) fn subcode(evidence: &Evidence) -> Option<i64> {
    let why = evidence.token.answer().and_then(|token| token.why.as_ref());
    let of = |failure: &Failure| failure.subcode;
    why.and_then(of).or_else(|| evidence.refusals().find_map(of)).or(evidence.doubt.subcode)
}
