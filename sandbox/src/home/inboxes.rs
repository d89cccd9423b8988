//! The part of the page that shows what came in: mails, messages to Slack, posts on X. The script fills it.

use std::fmt::Write;

use crate::html::escape;
use crate::state::Shared;
use crate::x::people;

/// Shows the frames.
pub(super) fn show(body: &mut String, shared: &Shared) {
    let smtp = shared.smtp_url.get().map_or("no port was given", String::as_str);
    let accounts: Vec<_> =
        people::named().map(|person| format!("<a href=\"/x/{0}\">@{0}</a>", person.username)).collect();
    // Writing to a string cannot fail.
    let _ = write!(
        body,
        "<section aria-labelledby=\"in-title\"><h2 id=\"in-title\">Came in</h2>\
         <h3>Mail</h3><p class=\"note\">Taken at <code>{}</code>.</p><ul class=\"inbox card\" id=\"mails\">\
         <li class=\"note\">None yet.</li></ul>\
         <h3>Slack</h3><p class=\"note\">Taken at <code>{}/slack/services/T/B/secret</code>.</p>\
         <ul class=\"inbox card\" id=\"alerts\"><li class=\"note\">None yet.</li></ul>\
         <h3>X</h3><p class=\"note\">The accounts: {}.</p>\
         <ul class=\"inbox card\" id=\"posts\"><li class=\"note\">None yet.</li></ul></section>",
        escape(smtp),
        escape(shared.base()),
        accounts.join(", ")
    );
}
