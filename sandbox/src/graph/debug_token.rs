//! `debug_token`: what a token is, told to the app that it belongs to. A token that does not work
//! is an answer like any other: 200, with the error inside.

use serde_json::{Map, Value, json};

use super::Error;
use super::auth::{self, Caller};
use super::request::Request;
use crate::patch::Standing;
use crate::people::Page;
use crate::scopes::Scopes;
use crate::state::Shared;
use crate::token::{Kind, Token};

/// The name of the sandbox's app.
const APP_NAME: &str = "Sandbox App";

/// Answers the endpoint.
pub(crate) fn debug_token(shared: &Shared, request: &Request) -> Result<Value, Error> {
    Caller::of(shared, request)?;
    let text = request
        .params
        .get("input_token")
        .ok_or_else(|| Error::parameter("(#100) The parameter input_token is required"))?;
    let data = match Caller::read(shared, text) {
        Ok(Caller::App) => json!({
            "app_id": shared.config.app_id,
            "application": APP_NAME,
            "type": "APP",
            "is_valid": true,
            "scopes": [],
        }),
        Ok(Caller::Token(token)) if standing(shared, &token) == Standing::OtherApp => {
            return Err(Error::foreign_token());
        }
        Ok(Caller::Token(token)) => describe(shared, &token, None),
        Err(error) => match Token::read(&shared.key, text) {
            Some(token) => describe(shared, &token, Some(&error)),
            None => json!({ "error": inner(&error), "is_valid": false, "scopes": [] }),
        },
    };
    Ok(json!({ "data": data }))
}

fn standing(shared: &Shared, token: &Token) -> Standing {
    shared.patch(token.person).standing(token.consent_ms)
}

fn describe(shared: &Shared, token: &Token, error: Option<&Error>) -> Value {
    let patch = shared.patch(token.person);
    let scopes = auth::scopes(&patch, token);
    let mut data = Map::new();
    data.insert("app_id".into(), token.app_id.clone().into());
    data.insert("application".into(), APP_NAME.into());
    data.insert("data_access_expires_at".into(), auth::data_access_end_s(&patch, token).into());
    data.insert("expires_at".into(), auth::end_s(&patch, token).into());
    data.insert("is_valid".into(), error.is_none().into());
    data.insert("scopes".into(), scopes.names().into());
    data.insert("granular_scopes".into(), granular(shared, token, scopes));
    data.insert("user_id".into(), token.person.id.to_string().into());
    if token.kind != Kind::Short {
        // Meta tells this of long-lived tokens only.
        data.insert("issued_at".into(), token.born_ms.div_euclid(1000).into());
    }
    let mut kind = "USER";
    if let Kind::Page(index) = token.kind {
        kind = "PAGE";
        if let Some(page) = token.person.pages.get(usize::from(index)) {
            data.insert("profile_id".into(), page.id.into());
        }
    }
    data.insert("type".into(), kind.into());
    if let Some(error) = error {
        data.insert("error".into(), inner(error));
    }
    data.into()
}

fn inner(error: &Error) -> Value {
    let mut inner = json!({ "code": error.code, "message": error.message });
    if let Some(subcode) = error.subcode {
        inner["subcode"] = subcode.into();
    }
    inner
}

/// Lists for each permission the Pages or accounts that the person ticked.
/// Without `target_ids` a permission holds for all; with none in it, the person ticked none.
fn granular(shared: &Shared, token: &Token, scopes: Scopes) -> Value {
    let is_granted = standing(shared, token) != Standing::PageNotGranted;
    let pages = token.person.pages.iter().enumerate();
    let entries =
        scopes.names().into_iter().filter(|scope| !matches!(*scope, "public_profile" | "email")).map(|scope| {
            let id_of: fn(&Page) -> Option<&'static str> = if scope.starts_with("instagram_") {
                |page| page.account.as_ref().map(|account| account.id)
            } else if scope.starts_with("pages_") || scope == "read_insights" {
                |page| Some(page.id)
            } else {
                |_| None
            };
            let all = pages.clone().filter_map(|(index, page)| Some((index, id_of(page)?)));
            let mut entry = json!({ "scope": scope });
            if all.clone().next().is_some() {
                let ticked: Vec<_> =
                    all.filter(|(index, _)| is_granted && token.shares(*index)).map(|(_, id)| id).collect();
                entry["target_ids"] = ticked.into();
            }
            entry
        });
    entries.collect()
}
