//! Who acts on a failure, and what they do: by its numbers where those say more than the class.

use crate::failure::advice;
use crate::graph::{Class, Error, WhoActs};

use WhoActs::{Developer, Nobody, Operator, Owner};

/// Returns who acts, and the one next step.
pub(super) fn of(error: &Error) -> (WhoActs, &'static str) {
    let details = error.details();
    let subcode = details.subcode.unwrap_or(0);
    let by_number = details.code.and_then(|code| numbered(error, code, subcode));
    by_number.unwrap_or_else(|| classed(error))
}

/// What the numbers say beyond the class.
fn numbered(error: &Error, code: i64, subcode: i64) -> Option<(WhoActs, &'static str)> {
    Some(match (error.class(), code, subcode) {
        (Class::TokenDead, ..) => (Owner, dead(subcode)),
        (Class::PermissionLost, 190 | 102, _) => (
            Owner,
            "Ask an admin of the Facebook Page to give the person's role back; connecting again as the same person fails alike.",
        ),
        (Class::PermissionLost, 25, _) => {
            (Owner, "Open the Instagram app, and do what it asks for: the account is restricted.")
        }
        (Class::PermissionLost, 10, _) => (
            Owner,
            "Look at the diagnosis first: if a permission was withdrawn, connect again with everything ticked; if many accounts \
             are told this, it is Meta's side or the app (App Review, Facebook Login for Business).",
        ),
        (Class::RateLimited, 368, _) | (Class::RateLimited, 4, 2_207_051) => {
            (Operator, "Stop: Meta takes it for abuse. Look at the app's dashboard, and try again a day later.")
        }
        (Class::RateLimited, 18, _) => (
            Nobody,
            "Wait: an account may ask for 30 hashtags in 7 days. Another connected account can serve meanwhile.",
        ),
        (Class::RateLimited, 9, _) => (Nobody, "Wait a day: the account's daily limit is reached."),
        (Class::AppMisconfigured, 200, _) => (
            Operator,
            "The whole app is blocked: open its dashboard at developers.facebook.com, and look for alerts and a Data Use Checkup.",
        ),
        (Class::AppMisconfigured, 2635 | 12 | 11, _) => {
            (Operator, "Set GRAPH_VERSION to a version that Meta still serves.")
        }
        (Class::AppMisconfigured, 1 | 101 | 104, _) => {
            (Operator, "Compare META_APP_ID and META_APP_SECRET with the app's dashboard.")
        }
        (Class::AppMisconfigured, 190, _) => {
            (Operator, "Meta has deleted the app, or does not know it: check META_APP_ID.")
        }
        (Class::NotFound, 24, _) => (Owner, "Check the hashtag's spelling; one that Instagram hides cannot be shown."),
        (Class::NotFound, 110, _) => {
            (Owner, "Check the account's name: it does not exist, or is no professional account.")
        }
        (Class::BadRequest, 1, _) if error.is_too_much_data() => {
            (Developer, "Ask for less: halve the page or leave fields out, then try again.")
        }
        (Class::BadRequest, 100, 36_007 | 36_009) => {
            (Owner, "Click Connect again: a code serves once, and not for long.")
        }
        (Class::BadRequest, 100, 2_108_006) => {
            (Nobody, "Leave this post out: it is older than the professional account.")
        }
        (Class::Ambiguous, 100, 33) => (
            Operator,
            "Look at the diagnosis: this text has five causes (wrong id, another token, Page unlinked, Page not ticked, account gone), \
             and a limit may hide behind it.",
        ),
        _ => return None,
    })
}

/// How the owner of a dead token comes back.
const fn dead(subcode: i64) -> &'static str {
    match subcode {
        458 => "The person removed the app: connect the account again, if that was not meant.",
        459 => "Log in to www.facebook.com and follow the instructions there, then connect the account again.",
        460 => "The password was changed, or the session ended for safety: connect the account again.",
        463 => "The token's time is over: connect the account again.",
        464 => "Confirm the Facebook account at www.facebook.com, then connect the Instagram account again.",
        483 => "Log in to www.facebook.com and answer what it asks, then connect the account again.",
        _ => "Connect the account again, once debug_token and a second call agree.",
    }
}

fn classed(error: &Error) -> (WhoActs, &'static str) {
    let class = error.class();
    match class {
        Class::BadRequest if says(error, "redirect_uri") => {
            (Operator, "Register the redirect URI in the app's dashboard, letter by letter as PUBLIC_URL makes it.")
        }
        Class::BadRequest if says(error, "code") && error.details().code.is_none() => {
            (Owner, "Click Connect again: a code serves once, and not for long.")
        }
        Class::BadRequest => (Developer, "The request is wrong, and must not be repeated unchanged."),
        Class::AppMisconfigured if error.is_account_not_allowed() => (
            Operator,
            "The app has Standard Access: ask Meta for Advanced Access, or add the account as a tester of the app.",
        ),
        Class::Transient | Class::RateLimited => (Nobody, advice(class)),
        Class::TokenDead | Class::PermissionLost | Class::NotFound => (Owner, advice(class)),
        Class::AppMisconfigured => {
            (Operator, "Open the app's dashboard at developers.facebook.com, and compare its settings.")
        }
        Class::Ambiguous => (Operator, "Nothing yet: a diagnosis tells what is behind it."),
    }
}

fn says(error: &Error, fragment: &str) -> bool {
    error.details().message.to_ascii_lowercase().contains(fragment)
}
