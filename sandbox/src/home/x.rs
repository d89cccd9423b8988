//! The part of the page that shows X: its accounts, how it is changed, and the newest posts.

use std::fmt::Write;

use crate::html::escape;
use crate::state::Shared;
use crate::x::people;

/// How many posts the page shows, newest first.
const SHOWN: usize = 5;

/// Shows it.
pub(super) fn show(body: &mut String, shared: &Shared) {
    let base = escape(shared.base());
    let accounts: Vec<_> =
        people::named().map(|person| format!("<a href=\"/x/{0}\">@{0}</a>", person.username)).collect();
    // Writing to a string cannot fail.
    let _ = write!(
        body,
        "<h2>X</h2><p>Its API is at <code>{base}/x/2</code>, its consent page at <code>{base}/x/i/oauth2/authorize</code>, \
         for the app <code>{}</code>. Who has an account: {}, and <code>crowd_0</code>, <code>crowd_1</code>, \u{2026} \
         A code lives 30 s, an access token 2 h; a refresh token that comes twice ends its family.</p>\
         <pre>curl {base}/_sandbox/posts\n\
         curl {base}/_sandbox/x/families\n\
         curl -X PATCH {base}/_sandbox/x -d '{{\"credits\":1000,\"duplicates\":\"text\"}}'\n\
         curl -X PATCH {base}/_sandbox/x/users/powr_io -d '{{\"state\":\"locked\",\"posts_allowed\":3}}'\n\
         curl -X PUT {base}/_sandbox/faults/late -d '{{\"match\":{{\"path_contains\":\"/x/2/tweets\",\"method\":\"POST\"}},\n  \
         \"drop\":true,\"applied\":true,\"times\":1}}'</pre>",
        escape(&shared.config.x_client_id),
        accounts.join(", ")
    );
    let posts = shared.x.visible();
    if posts.is_empty() {
        body.push_str("<p class=\"note\">Nothing has been posted yet.</p>");
        return;
    }
    body.push_str("<table><tr><th>At</th><th>Post</th></tr>");
    for post in posts.iter().rev().take(SHOWN) {
        let _ = write!(
            body,
            "<tr><td>{}</td><td><a href=\"/x/{1}#{2}\">@{1}</a>: {3}</td></tr>",
            escape(&post.at),
            post.username,
            post.id,
            escape(&post.text)
        );
    }
    body.push_str("</table>");
}
