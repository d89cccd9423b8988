//! The part of the page that breaks things with a click: the faults that people ask for most, ready to be put.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::html::escape;
use crate::people::PEOPLE;

/// A fault behind a button.
struct Preset {
    name: &'static str,
    label: &'static str,
    about: &'static str,
    fault: Value,
}

/// Builds one: its name is the fault's at the door.
fn preset(name: &'static str, label: &'static str, about: &'static str, fault: Value) -> Preset {
    Preset { name, label, about, fault }
}

fn error(code: i32, subcode: Option<i32>, kind: &str, message: &str) -> String {
    let mut error = json!({ "message": message, "type": kind, "code": code, "fbtrace_id": "AsandboxFaultByClick" });
    if let Some(subcode) = subcode {
        error["error_subcode"] = subcode.into();
    }
    json!({ "error": error }).to_string()
}

fn meta() -> Vec<Preset> {
    let (all, media) = (json!({ "service": "graph" }), json!({ "service": "graph", "path_contains": "/media" }));
    let refused = |status: u16, body: String| json!({ "status": status, "body": body });
    let oauth = "OAuthException";
    let used = json!({ "call_count": 100, "total_time": 60, "total_cputime": 40 }).to_string();
    let down = error(2, None, oauth, "An unexpected error has occurred. Please retry your request later.");
    let blocked = error(200, None, oauth, "API access blocked.");
    let limit = error(4, None, oauth, "(#4) Application request limit reached");
    let account = error(80_002, None, oauth, "(#80002) There have been too many calls to this Instagram account.");
    let heavy = error(1, None, oauth, "Please reduce the amount of data you're asking for, then retry your request");
    let denied = error(10, None, oauth, "(#10) Application does not have permission for this action");
    let gone = error(100, Some(33), "GraphMethodException", "Unsupported get request.");
    let dead = error(190, Some(460), oauth, "Error validating access token: The session has been invalidated.");
    vec![
        preset("down", "Down", "500, code 2", json!({ "match": all, "answer": refused(500, down) })),
        preset("slow", "Slow", "5 s before each answer", json!({ "match": all, "hang_ms": 5_000 })),
        preset("silent", "No answer", "the connection ends", json!({ "match": all, "drop": true })),
        preset(
            "html",
            "Web page",
            "502 and HTML",
            json!({ "match": all, "answer": {
                "status": 502, "headers": { "content-type": "text/html" }, "body": "<html><h1>Bad gateway</h1></html>",
            } }),
        ),
        preset(
            "cut",
            "Half an answer",
            "cut in its middle",
            json!({ "match": media, "answer": {
                "status": 200, "headers": { "content-length": "4096" }, "body": "{\"data\":[{\"id\":\"1791",
            } }),
        ),
        preset(
            "app-limit",
            "App limit",
            "code 4, usage 100 %",
            json!({ "match": all, "answer": { "status": 400, "headers": { "x-app-usage": used }, "body": limit } }),
        ),
        preset(
            "account-limit",
            "Account limit",
            "code 80002",
            json!({ "match": media, "answer": refused(400, account) }),
        ),
        preset("heavy", "Too much asked", "code 1", json!({ "match": media, "answer": refused(500, heavy) })),
        preset("denied", "Permission lost", "code 10", json!({ "match": media, "answer": refused(400, denied) })),
        preset("gone", "Not there", "code 100/33", json!({ "match": media, "answer": refused(400, gone) })),
        preset("dead", "Token dead", "code 190/460", json!({ "match": media, "answer": refused(400, dead) })),
        preset("blocked", "App blocked", "code 200", json!({ "match": all, "answer": refused(400, blocked) })),
        preset(
            "code-lost",
            "Login answer lost",
            "the code is used, nobody hears of it",
            json!({ "match": { "service": "graph", "path_contains": "oauth/access_token" }, "drop": true, "applied": true }),
        ),
    ]
}

fn others() -> Vec<Preset> {
    let on = |service: &str| json!({ "service": service });
    let posting = json!({ "service": "x", "path_contains": "/2/tweets", "method": "POST" });
    let answer = |status: u16, body: &str| json!({ "status": status, "body": body });
    let step = |path: &str| json!({ "path_contains": path });
    vec![
        preset("pictures", "Pictures expired", "403", json!({ "match": on("cdn"), "answer": answer(403, "") })),
        preset("pictures-slow", "Pictures slow", "10 s", json!({ "match": on("cdn"), "hang_ms": 10_000 })),
        preset("outlet-down", "Outlet down", "503", json!({ "match": on("outlet"), "answer": answer(503, "") })),
        preset("x-down", "X down", "503", json!({ "match": on("x"), "answer": answer(503, "") })),
        preset(
            "x-limit",
            "X limit",
            "429",
            json!({ "match": posting, "answer": {
                "status": 429, "headers": { "x-rate-limit-remaining": "0" }, "body": "{\"title\":\"Too Many Requests\"}",
            } }),
        ),
        preset(
            "x-money",
            "X wants money",
            "402",
            json!({ "match": posting, "answer": answer(402, "{\"title\":\"CreditsDepleted\"}") }),
        ),
        preset(
            "x-lost",
            "Post's answer lost",
            "it is posted, nobody hears of it",
            json!({ "match": posting, "drop": true, "applied": true }),
        ),
        preset(
            "slack-gone",
            "Slack archived",
            "410",
            json!({ "match": on("slack"), "answer": answer(410, "channel_is_archived") }),
        ),
        preset(
            "mail-later",
            "Mail: later",
            "451 at RCPT",
            json!({ "match": step("/smtp/rcpt"), "answer": answer(451, "try again later") }),
        ),
        preset(
            "mail-lost",
            "Mail's answer lost",
            "it is taken, nobody hears of it",
            json!({ "match": step("/smtp/message"), "drop": true, "applied": true }),
        ),
    ]
}

/// Shows the buttons, whom they hit and how often, and what is on.
pub(super) fn show(body: &mut String) {
    body.push_str(
        "<section aria-labelledby=\"faults-title\"><h2 id=\"faults-title\">Break something</h2>\
         <p class=\"note\">A click puts a fault in the way of the calls that come; another takes it off.</p>\
         <div class=\"aims\"><label><span>Meta fails for</span><select id=\"whom\" autocomplete=\"off\">\
         <option value=\"\">everybody</option>",
    );
    for account in PEOPLE.iter().flat_map(crate::people::Person::accounts) {
        // Writing to a string cannot fail.
        let _ = write!(body, "<option value=\"{}\">@{}</option>", account.id, account.username);
    }
    body.push_str(
        "</select></label><label><span>How often</span><select id=\"times\" autocomplete=\"off\">\
         <option value=\"\">until it is taken off</option><option value=\"1\">once</option>\
         <option value=\"3\">3 times</option></select></label></div>",
    );
    buttons(body, "Meta", "data-aimed", &meta());
    buttons(body, "The others", "", &others());
    body.push_str(
        "<div class=\"on card\" id=\"on\" hidden><h3>On now</h3><ul></ul>\
         <button type=\"button\" id=\"all-off\">Take all off</button></div></section>",
    );
}

fn buttons(body: &mut String, title: &str, mark: &str, presets: &[Preset]) {
    let _ = write!(body, "<h3>{title}</h3><div class=\"faults\" {mark}>");
    for preset in presets {
        let _ = write!(
            body,
            "<button type=\"button\" aria-pressed=\"false\" data-name=\"{}\" data-fault=\"{}\">{}<small>{}</small></button>",
            preset.name,
            escape(&preset.fault.to_string()),
            escape(preset.label),
            escape(preset.about)
        );
    }
    body.push_str("</div>");
}
