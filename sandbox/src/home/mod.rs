//! The page at `/`: what the sandbox is, who lives in it, what was called, what came in, and how to break it.

mod outboxes;
mod x;

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use crate::cdn;
use crate::hashtags::{ALLOWED, BANNED, QUIET_PREFIX};
use crate::html::{escape, page};
use crate::people::PEOPLE;
use crate::state::Shared;

/// How many calls the page shows.
const CALLS_SHOWN: usize = 20;

/// Shows the page.
pub(crate) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let mut body = String::from("<main><header><span class=\"mark\">f</span><h1>Sandbox</h1></header>");
    let _ = write!(
        body,
        "<p>A stand-in for Meta's Graph API and its login dialog, for X, for Slack's webhooks and for a mail server. It keeps its \
         own people, posts, mails and clock; nothing leaves this machine. App <code>{}</code>. Its time is \
         <time>{}</time>, {} s ahead of the system's.</p>",
        escape(&shared.config.app_id),
        shared.clock.now_text(),
        shared.clock.offset_ms() / 1000
    );
    people(&mut body, &shared);
    snippets(&mut body, &shared);
    outboxes::show(&mut body, &shared);
    x::show(&mut body, &shared);
    calls(&mut body, &shared);
    body.push_str("</main>");
    let page = page("Sandbox", &body);
    ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

fn people(body: &mut String, shared: &Shared) {
    body.push_str("<h2>People</h2><div class=\"users\">");
    for person in &PEOPLE {
        let picture = cdn::inline_avatar(shared, person.user);
        let accounts: Vec<_> =
            person.accounts().map(|account| format!("@{} {}", account.username, account.id)).collect();
        let _ = write!(
            body,
            "<article class=\"user\"><img src=\"{picture}\" alt=\"\" width=\"48\" height=\"48\"><div>\
             <b>{}</b><small>{}</small><small>{}</small></div></article>",
            person.user,
            escape(person.about),
            accounts.join(" · ")
        );
    }
    body.push_str("</div>");
}

fn snippets(body: &mut String, shared: &Shared) {
    let base = escape(shared.base());
    let _ = write!(
        body,
        "<h2>The door of tests</h2>\
         <pre>curl {base}/_sandbox/users\n\
         curl -X PATCH {base}/_sandbox/users/powr_io -d '{{\"state\":\"password_changed\"}}'\n\
         curl {base}/_sandbox/tokens -d '{{\"user\":\"powr_io\"}}'\n\
         curl {base}/_sandbox/media -d '{{\"user\":\"powr_io\",\"media_type\":\"IMAGE\",\"caption\":\"hello\"}}'\n\
         curl {base}/_sandbox/callbacks -d '{{\"user\":\"powr_io\",\"url\":\"http://127.0.0.1:3000/meta/data-deletion\"}}'\n\
         curl {base}/_sandbox/clock -d '{{\"advance_s\":86400}}'\n\
         curl {base}/_sandbox/calls?path_contains=/media</pre>\
         <p>Faults: an answer, a wait, or the end of the connection, for the calls that match \
         (<code>service</code>, <code>path_contains</code>, <code>ig_user_id</code>).</p>\
         <pre>curl -X PUT {base}/_sandbox/faults/busy -d '{{\"match\":{{\"path_contains\":\"/media\"}},\n  \
         \"answer\":{{\"status\":400,\"body\":\"{{\\\"error\\\":{{\\\"code\\\":4}}}}\"}},\"times\":2}}'\n\
         curl -X PUT {base}/_sandbox/faults/slow -d '{{\"match\":{{\"service\":\"graph\"}},\"hang_ms\":5000}}'\n\
         curl -X PUT {base}/_sandbox/faults/gone -d '{{\"match\":{{}},\"drop\":true}}'\n\
         curl -X DELETE {base}/_sandbox/faults/gone</pre>"
    );
    let _ = write!(
        body,
        "<h2>Hashtags</h2><p>Every account may ask for {ALLOWED} different ones in 7 days. Each has public posts of \
         strangers, and those of the people here whose captions carry it. Names that begin with \
         <code>{QUIET_PREFIX}</code> are quiet: strangers have posted nothing with them for a day. \
         Unknown or banned: {}. Without the feature Public Content Access none can be searched.</p>\
         <pre>curl '{base}/v26.0/ig_hashtag_search?user_id=17841405822304914&amp;q=food&amp;access_token=…'\n\
         curl '{base}/v26.0/1784…/recent_media?user_id=17841405822304914&amp;fields=caption&amp;access_token=…'\n\
         curl '{base}/v26.0/17841405822304914/recently_searched_hashtags?access_token=…'\n\
         curl -X PATCH {base}/_sandbox/users/powr_io -d '{{\"public_content_access\":false}}'</pre>",
        BANNED.map(|name| format!("<code>{name}</code>")).join(", ")
    );
    let faults = shared.faults.list();
    if !faults.is_empty() {
        let names: Vec<_> = faults.iter().map(|(name, _)| escape(name)).collect();
        let _ = write!(body, "<p class=\"bad\">Faults that are on: {}</p>", names.join(", "));
    }
}

fn calls(body: &mut String, shared: &Shared) {
    body.push_str("<h2>Last calls</h2>");
    let calls = shared.calls.list("");
    if calls.is_empty() {
        body.push_str("<p class=\"note\">None yet.</p>");
        return;
    }
    body.push_str("<table><tr><th>At</th><th>Call</th><th>Answer</th></tr>");
    for call in calls.iter().rev().take(CALLS_SHOWN) {
        let (class, status) = match call.status {
            None => ("note", "waiting".to_owned()),
            Some(status) if status < 400 => ("good", status.to_string()),
            Some(status) => ("bad", status.to_string()),
        };
        let _ = write!(
            body,
            "<tr><td>{}</td><td><code>{} {}</code></td><td class=\"{class}\">{status}</td></tr>",
            escape(&call.at),
            escape(&call.method),
            escape(&call.path)
        );
    }
    body.push_str("</table>");
}
