//! The part of the page for developers: where everything is, how a client is pointed at it, and the door's routes.

use std::fmt::Write;

use crate::door;
use crate::hashtags::{ALLOWED, BANNED, QUIET_PREFIX};
use crate::html::escape;
use crate::state::Shared;

/// Shows it.
pub(super) fn show(body: &mut String, shared: &Shared) {
    body.push_str("<section class=\"hand\" aria-labelledby=\"hand-title\"><h2 id=\"hand-title\">By hand</h2>");
    addresses(body, shared);
    clients(body, shared);
    routes(body);
    snippets(body, shared);
    hashtags(body, shared);
    body.push_str("</section>");
}

fn addresses(body: &mut String, shared: &Shared) {
    let base = escape(shared.base());
    let config = &shared.config;
    let rows = [
        (
            "Graph API",
            format!("{base}/v26.0/…"),
            "every version that is alive at Meta; older ones are answered by the oldest",
        ),
        ("Login dialog", format!("{base}/v26.0/dialog/oauth"), "and oauth/access_token beside it"),
        ("X", format!("{base}/x/2/…"), "its consent page is at /x/i/oauth2/authorize"),
        ("Slack", format!("{base}/slack/services/…"), "incoming webhooks"),
        ("Outlet", format!("{base}/outlet/NAME"), "the legacy source; it knows every name"),
        ("Meta app", escape(&config.app_id), "its secret is sandbox-secret, unless another was configured"),
        ("X app", escape(&config.x_client_id), "its secret is sandbox-x-secret, unless another was configured"),
    ];
    body.push_str("<h3>Addresses</h3><table class=\"card\"><tbody>");
    for (name, address, about) in rows {
        // Writing to a string cannot fail.
        let _ =
            write!(body, "<tr><th scope=\"row\">{name}</th><td><code>{address}</code><small>{about}</small></td></tr>");
    }
    body.push_str("</tbody></table>");
}

fn clients(body: &mut String, shared: &Shared) {
    let base = escape(shared.base());
    let _ = write!(
        body,
        "<h3>Meta's own SDKs</h3><p>They have one address to change; everything else is theirs.</p>\
         <pre tabindex=\"0\" aria-label=\"The SDK for Python\"># Python: facebook-business\n\
         from facebook_business.session import FacebookSession\n\
         FacebookSession.GRAPH = \"{base}\"</pre>\
         <pre tabindex=\"0\" aria-label=\"The SDK for Node\">// Node: facebook-nodejs-business-sdk\n\
         const {{ FacebookAdsApi }} = require(\"facebook-nodejs-business-sdk\");\n\
         Object.defineProperty(FacebookAdsApi, \"GRAPH\", {{ get: () =&gt; \"{base}\" }});</pre>"
    );
}

fn routes(body: &mut String) {
    body.push_str(
        "<h3>The door of tests</h3><p>Lists are bare arrays, bodies are JSON. Nothing here is recorded, or can fail by a \
         fault.</p><table class=\"card routes\"><tbody>",
    );
    for (method, path, does) in door::told() {
        let _ = write!(
            body,
            "<tr><th scope=\"row\"><code>{method} /_sandbox{path}</code></th><td>{}</td></tr>",
            escape(does)
        );
    }
    body.push_str("</tbody></table>");
}

fn snippets(body: &mut String, shared: &Shared) {
    let base = escape(shared.base());
    let _ = write!(
        body,
        "<h3>For example</h3><pre tabindex=\"0\" aria-label=\"Commands\">\
         curl {base}/_sandbox/users\n\
         curl -X PATCH {base}/_sandbox/users/powr_io -d '{{\"state\":\"password_changed\"}}'\n\
         curl {base}/_sandbox/tokens -d '{{\"user\":\"powr_io\"}}'\n\
         curl {base}/_sandbox/media -d '{{\"user\":\"powr_io\",\"media_type\":\"IMAGE\",\"caption\":\"hello\"}}'\n\
         curl {base}/_sandbox/callbacks -d '{{\"user\":\"powr_io\",\"url\":\"http://127.0.0.1:3000/meta/data-deletion\"}}'\n\
         curl {base}/_sandbox/clock -d '{{\"advance_s\":86400}}'\n\
         curl {base}/_sandbox/calls?path_contains=/media\n\
         curl -X PATCH {base}/_sandbox/x -d '{{\"credits\":1000,\"duplicates\":\"text\"}}'\n\
         curl -X PATCH {base}/_sandbox/x/users/powr_io -d '{{\"state\":\"locked\",\"posts_allowed\":3}}'</pre>\
         <p>A fault is an answer, a wait, or the end of the connection, for the calls that match (<code>service</code>, \
         <code>path_contains</code>, <code>method</code>, <code>ig_user_id</code>, <code>x_user_id</code>); with \
         <code>applied</code> the call has happened all the same.</p>\
         <pre tabindex=\"0\" aria-label=\"Faults\">\
         curl -X PUT {base}/_sandbox/faults/busy -d '{{\"match\":{{\"path_contains\":\"/media\"}},\n  \
         \"answer\":{{\"status\":400,\"body\":\"{{\\\"error\\\":{{\\\"code\\\":4}}}}\"}},\"times\":2}}'\n\
         curl -X PUT {base}/_sandbox/faults/slow -d '{{\"match\":{{\"service\":\"graph\"}},\"hang_ms\":5000}}'\n\
         curl -X PUT {base}/_sandbox/faults/gone -d '{{\"match\":{{}},\"drop\":true}}'\n\
         curl -X DELETE {base}/_sandbox/faults/gone</pre>"
    );
}

fn hashtags(body: &mut String, shared: &Shared) {
    let base = escape(shared.base());
    let _ = write!(
        body,
        "<h3>Hashtags</h3><p>Every account may ask for {ALLOWED} different ones in 7 days. Each has public posts of \
         strangers, and those of the people here whose captions carry it. Names that begin with \
         <code>{QUIET_PREFIX}</code> are quiet: strangers have posted nothing with them for a day. \
         Unknown or banned: {}. Without the feature Public Content Access none can be searched.</p>\
         <pre tabindex=\"0\" aria-label=\"Hashtags\">\
         curl '{base}/v26.0/ig_hashtag_search?user_id=17841405822304914&amp;q=food&amp;access_token=…'\n\
         curl '{base}/v26.0/1784…/recent_media?user_id=17841405822304914&amp;fields=caption&amp;access_token=…'\n\
         curl -X PATCH {base}/_sandbox/users/powr_io -d '{{\"public_content_access\":false}}'</pre>",
        BANNED.map(|name| format!("<code>{name}</code>")).join(", ")
    );
}
