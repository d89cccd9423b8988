//! The page at `/`: what the sandbox is, who lives in it, how to break it, what is called as it comes, and how to do all of
//! it by hand.

mod by_hand;
mod faults;
mod inboxes;
mod live;
mod people;

use std::fmt::Write;

use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use crate::html::{escape, page_with};
use crate::state::Shared;

pub(crate) use live::snapshot;

/// The page's own script and style, which the door serves.
pub(crate) const SCRIPT: &str = include_str!("../../assets/home.js");
/// See [`SCRIPT`].
pub(crate) const STYLE: &str = include_str!("../../assets/home.css");

/// The page's script acts for whoever looks at it, so nothing foreign may run in it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// How far the clock can be moved with a click: what the button says, and seconds.
const JUMPS: [(&str, u32); 4] = [("1 hour", 3_600), ("1 day", 86_400), ("10 days", 864_000), ("60 days", 5_184_000)];

/// Tells whether a call wants this page: the Graph has its own business at `/`.
pub(crate) fn is_asked(method: &Method, uri: &Uri) -> bool {
    let is_read = method == Method::GET || method == Method::HEAD;
    is_read && uri.path() == "/" && uri.query().unwrap_or_default().is_empty()
}

/// Shows the page.
pub(crate) fn show(shared: &Shared) -> Response {
    let mut body = String::from("<main class=\"home\">");
    top(&mut body, shared);
    body.push_str("<div class=\"columns\">");
    faults::show(&mut body);
    body.push_str("<div class=\"right\">");
    live::show(&mut body, shared);
    inboxes::show(&mut body, shared);
    body.push_str("</div>");
    people::show(&mut body, shared);
    body.push_str("</div>");
    by_hand::show(&mut body, shared);
    body.push_str("</main><p class=\"toast\" role=\"status\" hidden></p>");
    let head = "<link rel=\"stylesheet\" href=\"/_sandbox/home.css\"><script src=\"/_sandbox/home.js\" defer></script>";
    let headers =
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store")), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, Html(page_with("Sandbox", head, &body))).into_response()
}

/// What this is, and its clock.
fn top(body: &mut String, shared: &Shared) {
    let jumps =
        JUMPS.map(|(label, seconds)| format!("<button type=\"button\" data-advance=\"{seconds}\">+{label}</button>"));
    // Writing to a string cannot fail.
    let _ = write!(
        body,
        "<header class=\"top\"><span class=\"mark\" aria-hidden=\"true\">f</span><div><h1>Sandbox</h1>\
         <p>Stand-ins for Meta, X, Slack, a mail server and the outlet. They keep their own people, posts and clock; \
         nothing leaves this machine.</p></div></header>\
         <noscript><p class=\"card\">The buttons and the live list need JavaScript. Everything can be done by hand too: \
         see the end of this page.</p></noscript>\
         <section class=\"clock card\" aria-labelledby=\"clock-title\"><div><h2 id=\"clock-title\">Its time</h2>\
         <p><time id=\"now\">{}</time> <span id=\"ahead\" class=\"note\"></span></p></div>\
         <div class=\"buttons\" role=\"group\" aria-label=\"Move the clock ahead\">{}</div></section>",
        escape(&shared.clock.now_text()),
        jumps.concat()
    );
}
