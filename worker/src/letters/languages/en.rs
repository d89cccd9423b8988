//! English.

use chrono::{DateTime, Utc};
use entities::install::Killed;

use super::{Facts, Language, Stage, Words};

pub(super) const LANGUAGE: Language = Language { tag: "en", words, more, date };

fn words(stage: Stage, facts: &Facts) -> Words {
    let Facts { account, page, .. } = facts;
    let about = if facts.is_estimate { "about " } else { "" };
    let end = facts.ends_at.map(|end| format!("{about}{}", date(end)));
    let (subject, preview, heading, story, sites, button) = match stage {
        Stage::Expiring => {
            let (days, end) = (days(facts.days_left()), end.unwrap_or_else(|| "soon".to_owned()));
            (
                format!("@{account}: please renew your Instagram connection within {days}"),
                format!("Two clicks keep new posts coming. Until {end} nothing changes."),
                format!("@{account} needs a fresh yes"),
                vec![format!(
                    "Now and then Facebook asks whether a website may go on showing an account's posts. For @{account} \
                     that day is {end}: {days} from now. Until then nothing changes."
                )],
                "After that day, new posts no longer appear on:",
                "Renew the connection",
            )
        }
        Stage::Expired => (
            format!("@{account}: your Instagram connection has ended"),
            "Two clicks bring new posts back to your site.".to_owned(),
            format!("@{account} is no longer connected"),
            vec![format!(
                "Facebook's permission to show the posts of @{account} ended{}. The posts that your site has stay where \
                 they are.",
                end.map(|end| format!(" on {end}")).unwrap_or_default()
            )],
            "New posts no longer appear on:",
            "Connect again",
        ),
        Stage::Killed(why) => (
            format!("@{account}: Facebook has ended your Instagram connection"),
            format!("{} Here is what brings new posts back.", short(why)),
            format!("@{account} was disconnected early"),
            [reason(why, account, page)]
                .into_iter()
                .chain(first(why))
                .chain(["The posts that your site has stay where they are.".to_owned()])
                .collect(),
            "New posts no longer appear on:",
            "Connect again",
        ),
    };
    let how = format!(
        "This leads to Facebook. Use the profile that manages the Page \u{201c}{page}\u{201d}, and leave \
         everything ticked. We only read: we never post, and never see your password."
    );
    Words {
        subject,
        preview,
        heading,
        story,
        sites: sites.to_owned(),
        button: button.to_owned(),
        how: vec![how],
        end: vec![
            format!(
                "The link works once, for @{account} alone, until {}. After that, connect again from your site's \
                 settings.",
                date(facts.link_ends_at)
            ),
            "You get this mail because your address is the one that was given for these sites.".to_owned(),
        ],
    }
}

fn short(why: Killed) -> &'static str {
    match why {
        Killed::Password => "Your Facebook password was changed.",
        Killed::AppRemoved => "The permission was removed on Facebook.",
        Killed::Checkpoint => "Facebook wants you to log in first.",
        Killed::RoleLost => "The role on the Page is gone.",
        Killed::Invalidated => "Facebook does not say why.",
    }
}

fn reason(why: Killed, account: &str, page: &str) -> String {
    match why {
        Killed::Password => "The password of the Facebook profile behind this connection was changed, or Facebook \
                                 logged it out everywhere. Facebook then ends every connection: nothing is wrong with \
                                 your account."
            .to_owned(),
        Killed::AppRemoved => format!(
            "The permission to show the posts of @{account} was removed in Facebook's settings. If that was meant to be, \
             there is nothing to do."
        ),
        Killed::Checkpoint => {
            "Facebook wants to be sure that it is you: the profile behind this connection has to log in \
                            on Facebook before anything else works."
                .to_owned()
        }
        Killed::RoleLost => format!(
            "The Facebook profile behind this connection may no longer manage the Page \u{201c}{page}\u{201d}. Somebody \
             who manages it can give the role back, or open the link instead."
        ),
        Killed::Invalidated => "Facebook ended the connection before its time, and does not say why.".to_owned(),
    }
}

/// What has to be done before the button helps.
fn first(why: Killed) -> Option<String> {
    (why == Killed::Checkpoint)
        .then(|| "First log in on facebook.com and do what it asks there. Only then connect again below.".to_owned())
}

fn more(sites: usize) -> String {
    if sites == 1 { "and one more".to_owned() } else { format!("and {sites} more") }
}

fn days(number: i64) -> String {
    if number == 1 { "one day".to_owned() } else { format!("{number} days") }
}

fn date(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}
