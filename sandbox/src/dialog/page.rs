//! What the dialog looks like: one form, whose buttons are the people of the sandbox.

use std::fmt::Write;

use super::Asked;
use crate::cdn;
use crate::graph::Params;
use crate::html::{escape, page};
use crate::people::{PEOPLE, Person};
use crate::scopes::Scopes;
use crate::state::Shared;

/// What travels with the form from the address of the dialog.
const KEPT: [&str; 7] = ["client_id", "redirect_uri", "state", "scope", "response_type", "config_id", "auth_type"];

/// Returns the page on which a person picks who to be and what to share.
pub(super) fn choose(shared: &Shared, asked: &Asked<'_>, params: &Params) -> String {
    let title = if asked.is_renewal {
        "Renew access"
    } else if asked.is_again {
        "The app asks again"
    } else {
        "Log in with Facebook"
    };
    let mut body = format!(
        "<main class=\"dialog\"><header><span class=\"mark\">f</span><h1>{title}</h1></header>\
         <p class=\"note\">This is the sandbox's stand-in for Facebook's dialog. Pick who to be; \
         nothing leaves this machine.</p><form method=\"post\" action=\"?\">"
    );
    for name in KEPT {
        if let Some(value) = params.get(name) {
            hidden(&mut body, name, value);
        }
    }
    permissions(&mut body, asked.scopes);
    body.push_str("<section class=\"people\">");
    for person in &PEOPLE {
        card(&mut body, shared, person);
    }
    body.push_str(
        "</section><footer><button class=\"quiet\" name=\"_cancel\" value=\"1\" \
         data-action=\"cancel\">Cancel</button></footer></form></main>",
    );
    page(title, &body)
}

/// Returns the page that says why there is no dialog.
pub(super) fn refused(reason: &str) -> String {
    let body = format!(
        "<main class=\"dialog\"><header><span class=\"mark\">f</span><h1>Sorry, something went \
         wrong</h1></header><p data-error>{}</p><p class=\"note\">This is the sandbox's stand-in \
         for Facebook's dialog.</p></main>",
        escape(reason)
    );
    page("Facebook | Error", &body)
}

fn hidden(body: &mut String, name: &str, value: &str) {
    let value = escape(value);
    // Writing to a string cannot fail.
    let _ = write!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
}

fn permissions(body: &mut String, asked: Scopes) {
    body.push_str("<fieldset><legend>The app would like to</legend>");
    for (name, about) in asked.described() {
        // Meta lets nobody untick this one.
        let fixed = if name == "public_profile" { " disabled" } else { "" };
        let about = escape(about);
        let _ = write!(
            body,
            "<label><input type=\"checkbox\" name=\"_scope\" value=\"{name}\" checked{fixed}>\
             <span>{about}<small>{name}</small></span></label>"
        );
    }
    body.push_str("</fieldset>");
}

fn card(body: &mut String, shared: &Shared, person: &Person) {
    let (user, name, about) = (person.user, escape(person.name), escape(person.about));
    let picture = cdn::inline_avatar(shared, person.user);
    let _ = write!(
        body,
        "<article><button name=\"_user\" value=\"{user}\" data-user=\"{user}\">\
         <img src=\"{picture}\" alt=\"\" width=\"48\" height=\"48\">\
         <span>Continue as {name}<small>{user}: {about}</small></span></button>"
    );
    if !person.pages.is_empty() {
        body.push_str("<details><summary>Pages to share</summary>");
        for page in person.pages {
            let (id, name) = (page.id, escape(page.name));
            let account = page
                .account
                .as_ref()
                .map_or("no Instagram account".to_owned(), |account| format!("@{}", account.username));
            let _ = write!(
                body,
                "<label><input type=\"checkbox\" name=\"_page\" value=\"{id}\" checked>\
                 <span>{name}<small>{account}</small></span></label>"
            );
        }
        body.push_str("</details>");
    }
    body.push_str("</article>");
}
