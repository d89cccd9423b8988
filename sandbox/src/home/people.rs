//! The part of the page that explains who lives here, and lets things happen to them.

use std::fmt::Write;

use crate::cdn;
use crate::html::escape;
use crate::people::{PEOPLE, Person};
use crate::state::Shared;

/// What can happen to a person: the door's word, and what it means.
const STATES: [(&str, &str); 12] = [
    ("ok", "Nothing: all is well"),
    ("password_changed", "Password changed · 190/460"),
    ("app_removed", "App removed · 190/458"),
    ("checkpoint", "Must log in first · 190/459"),
    ("page_role_lost", "Page role lost · 190/492"),
    ("page_not_granted", "Page unticked · 100/33"),
    ("page_unlinked", "Page unlinked · 100/33"),
    ("personal", "Personal account now · 10"),
    ("restricted", "Restricted · 25"),
    ("suspended", "Suspended · 100/33"),
    ("deleted", "Account deleted · 100/33"),
    ("other_app", "Tokens of another app · 100/33"),
];

/// Shows everybody.
pub(super) fn show(body: &mut String, shared: &Shared) {
    body.push_str(
        "<section aria-labelledby=\"people-title\"><h2 id=\"people-title\">People</h2>\
         <p class=\"note\">Each is a Facebook user with Pages and Instagram accounts. A login dialog offers all of them; \
         <code>&amp;_user=NAME</code> in its address consents without a click. Beside them there are \
         <code>crowd_0</code> to <code>crowd_19999</code>, all alike.</p><div class=\"users\">",
    );
    for person in &PEOPLE {
        card(body, shared, person);
    }
    body.push_str("</div></section>");
}

fn card(body: &mut String, shared: &Shared, person: &Person) {
    let (user, name) = (person.user, escape(person.name));
    // Writing to a string cannot fail.
    let _ = write!(
        body,
        "<article class=\"user\" data-user=\"{user}\"><img src=\"{}\" alt=\"\" width=\"48\" height=\"48\">\
         <div><h3>{user}</h3><p class=\"note\">{name}: {}</p><ul class=\"owns\">",
        cdn::inline_avatar(shared, user),
        escape(person.about)
    );
    for page in person.pages {
        let account = page.account.as_ref().map_or("no Instagram account".to_owned(), |account| {
            format!("<b>@{}</b> <code>{}</code>", account.username, account.id)
        });
        let _ = write!(body, "<li>{}: {account}</li>", escape(page.name));
    }
    body.push_str("</ul>");
    let mut options = String::new();
    for (state, about) in STATES {
        let _ = write!(options, "<option value=\"{state}\">{}</option>", escape(about));
    }
    let post = person.accounts().next().map_or("", |_| "<button type=\"button\" data-post>Post a picture</button>");
    let _ = write!(
        body,
        "<p class=\"changed\" hidden></p><label class=\"state\"><span>What has happened</span>\
         <select data-state autocomplete=\"off\">{options}</select></label>\
         <div class=\"buttons\">{post}<button type=\"button\" data-token>Copy a token</button></div></div></article>"
    );
}
