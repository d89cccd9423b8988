//! What an incident is called, and what it means as long as nobody has looked into it: for the operator.

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::{self, Kind, Scope};

use crate::graph::Class;

/// What does not work.
pub(super) const fn fails(kind: Kind) -> &'static str {
    match kind {
        Kind::Feeds => "feeds of accounts cannot be read",
        Kind::Hashtags => "hashtags cannot be read",
        Kind::Exchange => "accounts cannot be connected",
        Kind::Outlet => "feeds cannot be read from the legacy outlet",
        Kind::XAccess => "the access to X is not kept, nothing can be posted there",
        Kind::XPosts => "nothing is posted to X",
    }
}

/// What works again.
pub(super) const fn works(kind: Kind) -> &'static str {
    match kind {
        Kind::Feeds => "feeds of accounts are read again",
        Kind::Hashtags => "hashtags are read again",
        Kind::Exchange => "accounts are connected again",
        Kind::Outlet => "feeds are read from the legacy outlet again",
        Kind::XAccess => "the access to X is kept again",
        Kind::XPosts => "X takes posts again",
    }
}

/// What Meta answered, such as `permission_lost, code 10`.
pub(super) fn refusal(incident: &incident::Model) -> String {
    let number =
        |name: &str, number: Option<i64>| number.map(|number| format!(", {name} {number}")).unwrap_or_default();
    format!("{}{}{}", incident.class, number("code", incident.code), number("subcode", incident.subcode))
}

/// Whether somebody looks into it; what else is as clear as it gets.
pub(super) fn is_looked_into(incident: &incident::Model) -> bool {
    let clear = [Class::Transient, Class::RateLimited, Class::BadRequest, Class::NotFound];
    clear.iter().all(|class| incident.class != class.as_str())
}

/// What a class means, and the one next step, where there is no verdict.
pub(super) fn unexplained(incident: &incident::Model) -> (&'static str, &'static str) {
    let is_everybodys = incident.scope == Scope::App;
    let is = |class: Class| incident.class == class.as_str();
    if incident.kind.is_of_x() {
        return of_x(incident);
    }
    if incident.kind == Kind::Outlet {
        (
            "The legacy outlet cannot be reached, fails, or answers nonsense; feeds of connected accounts go on.",
            "Look at the outlet, and whether OUTLET_URL is right; it goes on by itself.",
        )
    } else if is(Class::Transient) {
        ("Meta cannot be reached, or fails.", "Look at Meta's status page; nothing is to be done here.")
    } else if is(Class::RateLimited) {
        ("Our app's limit is used up.", "Look at the usage in Meta's dashboard; it goes on by itself.")
    } else if is(Class::AppMisconfigured) {
        ("Meta refuses our app.", "Look at the app's alerts and required actions in Meta's dashboard.")
    } else if is(Class::BadRequest) {
        ("Meta does not understand what we ask.", "Tell who maintains this service, with the incident's code.")
    } else if is_everybodys {
        (
            "Unrelated accounts are refused alike: Meta's side, or our app's configuration there.",
            "Look at the app's alerts in Meta's dashboard, and at Meta's status page.",
        )
    } else if is(Class::TokenDead) {
        ("Meta says that the account's access has ended.", "Its owner has to connect the account again.")
    } else {
        ("Meta refuses this account.", "Look at the account with `GET /v1/installs/{id}`.")
    }
}

/// The same of what is X's.
fn of_x(incident: &incident::Model) -> (&'static str, &'static str) {
    let is = |class: Class| incident.class == class.as_str();
    if is(Class::TokenDead) {
        (
            "X refuses the account's tokens, twice and for good, and they are deleted.",
            "Somebody has to connect the account again, with `/x/connect`; its cross-posts then go on.",
        )
    } else if is(Class::AppMisconfigured) && incident.kind == Kind::XPosts {
        ("The prepaid credits of our app at X are used up, or X blocks it.", "Buy credits in X's developer console.")
    } else if is(Class::AppMisconfigured) {
        ("X refuses our app.", "Look at X_CLIENT_ID and X_CLIENT_SECRET, and at the app in X's developer console.")
    } else if is(Class::Transient) {
        ("X cannot be reached, or fails.", "Look at X's status page; it goes on by itself.")
    } else if is(Class::RateLimited) {
        ("X's limit is used up.", "Look at the usage in X's developer console; it goes on by itself.")
    } else if is(Class::PermissionLost) {
        ("X lets the account post nothing.", "Its owner has to look at it on X: it may be locked or suspended.")
    } else {
        ("X does not take what we ask.", "Tell who maintains this service, with the incident's code.")
    }
}

/// A time as people write it.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long something lasts, in its two largest units.
pub(super) fn duration(length: TimeDelta) -> String {
    let minutes = length.num_minutes().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// A number with its noun.
pub(super) fn number(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_two_units() {
        for (minutes, told) in [
            (-5, "less than a minute"),
            (0, "less than a minute"),
            (7, "7 min"),
            (60, "1 h 0 min"),
            (1_439, "23 h 59 min"),
            (1_440, "1 d 0 h"),
            (10_090, "7 d 0 h"),
        ] {
            assert_eq!(duration(TimeDelta::minutes(minutes)), told);
        }
    }
}
