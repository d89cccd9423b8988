//! What changes while somebody looks at the page: the calls as they come, what is on, what has come in.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::html::escape;
use crate::patch::Standing;
use crate::people::{self, PEOPLE};
use crate::state::Shared;

/// How many calls the page shows.
const CALLS: usize = 80;
/// How many mails, messages and posts it shows of each.
const SHOWN: usize = 5;

/// Shows the calls so far; the script adds those that come.
pub(super) fn show(body: &mut String, shared: &Shared) {
    body.push_str(
        "<section class=\"calls\" aria-labelledby=\"calls-title\"><div class=\"head\"><h2 id=\"calls-title\">Calls</h2>\
         <span id=\"live\" class=\"note\">not live</span></div>\
         <div class=\"aims\"><label><span>Path contains</span><input id=\"filter\" type=\"search\" autocomplete=\"off\" \
         spellcheck=\"false\" placeholder=\"/media\"></label><div class=\"buttons\">\
         <button type=\"button\" id=\"pause\" aria-pressed=\"false\">Pause</button>\
         <button type=\"button\" id=\"forget\">Forget all</button></div></div>\
         <ol id=\"calls\" class=\"card\" tabindex=\"0\" aria-labelledby=\"calls-title\">",
    );
    let calls = shared.calls.newest(CALLS);
    for (number, call) in calls.iter().rev() {
        let (class, status) = match call.status {
            None => ("waits", "…".to_owned()),
            Some(status) if status < 400 => ("good", status.to_string()),
            Some(status) => ("bad", status.to_string()),
        };
        let (method, path) = (escape(&call.method), escape(&call.path));
        // Writing to a string cannot fail.
        let _ = write!(
            body,
            "<li class=\"{class}\" data-number=\"{number}\" data-path=\"{path}\"><time title=\"{}\">{}</time>\
             <span class=\"line\"><b>{method}</b> <code>{path}</code></span><span class=\"status\">{status}</span></li>",
            escape(&call.at),
            escape(call.at.get(11..19).unwrap_or_default())
        );
    }
    let hidden = if calls.is_empty() { "" } else { " hidden" };
    let _ = write!(body, "<li class=\"none note\"{hidden}>None yet.</li></ol></section>");
}

/// Returns all of it.
pub(crate) fn snapshot(shared: &Shared) -> Value {
    let calls = shared.calls.newest(CALLS).into_iter().map(|(number, call)| {
        let account = call.ig_user_id.as_deref().and_then(people::account).map(|(_, _, account)| account.username);
        json!({
            "number": number,
            "at": call.at,
            "service": call.service,
            "method": call.method,
            "path": call.path,
            "account": account,
            "status": call.status,
        })
    });
    let faults = shared.faults.list().into_iter().map(|(name, fault)| json!({ "name": name, "fault": fault }));
    let people = PEOPLE.iter().map(|person| {
        let patch = shared.patch(person);
        let changed = [
            patch.scopes.map(|scopes| format!("grants {}", crate::scopes::Scopes(scopes.value).names().join(", "))),
            patch.token_expires.map(|life| format!("tokens end after {} s", life.value)),
            patch.data_access_expires.map(|life| format!("data access ends after {} s", life.value)),
            patch.usage_percent.map(|percent| format!("{percent} % of the allowance used")),
            patch.allowance.map(|calls| format!("{calls} calls a day")),
            patch.public_content_access.map(|has| format!("public content access: {has}")),
        ];
        let changed: Vec<_> = changed.into_iter().flatten().collect();
        let is_ok = patch.state() == Standing::Ok;
        json!({ "user": person.user, "state": patch.state(), "is_ok": is_ok, "changed": changed })
    });
    let mails = shared
        .mails
        .newest(SHOWN)
        .into_iter()
        .map(|mail| json!({ "at": mail.at, "who": mail.to.join(", "), "title": mail.subject, "text": mail.text }));
    let alerts = shared.alerts.newest(SHOWN).into_iter().map(|alert| json!({ "at": alert.at, "text": alert.text }));
    let posts = shared.x.visible();
    let posts = posts.iter().skip(posts.len().saturating_sub(SHOWN));
    let posts = posts.map(|post| json!({ "at": post.at, "who": post.username, "id": post.id, "text": post.text }));
    json!({
        "offset_ms": shared.clock.offset_ms(),
        "calls": calls.collect::<Vec<_>>(),
        "faults": faults.collect::<Vec<_>>(),
        "people": people.collect::<Vec<_>>(),
        "mails": mails.collect::<Vec<_>>(),
        "alerts": alerts.collect::<Vec<_>>(),
        "posts": posts.collect::<Vec<_>>(),
    })
}
