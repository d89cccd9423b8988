//! The part of the page that shows mails and messages to Slack.

use std::fmt::Write;

use crate::html::escape;
use crate::state::Shared;

/// How many of each the page shows, newest first.
const SHOWN: usize = 5;

/// Shows where they come in, how that is broken, and the newest.
pub(super) fn show(body: &mut String, shared: &Shared) {
    let base = escape(shared.base());
    let smtp = shared.smtp_url.get().map_or("no port was given", String::as_str);
    let _ = write!(
        body,
        "<h2>Mail and Slack</h2><p>Mail is taken at <code>{}</code>, messages at \
         <code>{base}/slack/services/T/B/secret</code>.</p>\
         <pre>curl {base}/_sandbox/mails\n\
         curl {base}/_sandbox/alerts\n\
         curl -X PUT {base}/_sandbox/faults/grey -d '{{\"match\":{{\"path_contains\":\"/smtp/rcpt\"}},\n  \
         \"answer\":{{\"status\":451,\"body\":\"try again later\"}},\"times\":1}}'\n\
         curl -X PUT {base}/_sandbox/faults/lost -d '{{\"match\":{{\"path_contains\":\"/smtp/message\"}},\n  \
         \"drop\":true,\"applied\":true}}'\n\
         curl -X PUT {base}/_sandbox/faults/archived -d '{{\"match\":{{\"service\":\"slack\"}},\n  \
         \"answer\":{{\"status\":410,\"body\":\"channel_is_archived\"}}}}'</pre>",
        escape(smtp)
    );
    let (mails, alerts) = (shared.mails.list(), shared.alerts.list());
    if mails.is_empty() && alerts.is_empty() {
        body.push_str("<p class=\"note\">Nothing has come in yet.</p>");
        return;
    }
    body.push_str("<table><tr><th>At</th><th>Came in</th></tr>");
    for mail in mails.iter().rev().take(SHOWN) {
        row(body, &mail.at, &format!("Mail to {}: {}", mail.to.join(", "), mail.subject));
    }
    for alert in alerts.iter().rev().take(SHOWN) {
        row(body, &alert.at, &format!("Slack: {}", alert.text));
    }
    body.push_str("</table>");
}

fn row(body: &mut String, at: &str, text: &str) {
    let _ = write!(body, "<tr><td>{}</td><td>{}</td></tr>", escape(at), escape(text));
}
