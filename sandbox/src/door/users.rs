//! `/_sandbox/users`: who there is, and what happens to them. What a change means for tokens is
//! told in `patch`.

use axum::Json;
use axum::extract::{Path, State};
use bytes::Bytes;
use serde_json::{Value, json};

use super::body::{Fields, whole};
use super::{Answer, Problem, Sandbox};
use crate::patch::{Patch, Since, Standing};
use crate::people::{self, PEOPLE, Person};
use crate::scopes::Scopes;

const FIELDS: &str = "scopes, token_expires_in_s, data_access_expires_in_s, state, usage_percent, \
                      allowance, public_content_access; null takes one back";
const STATES: &str = "ok, password_changed, app_removed, checkpoint, page_role_lost, page_not_granted, \
                      other_app, page_unlinked, personal, restricted, suspended, deleted";
/// The furthest that an end can be moved either way: a hundred years.
const FURTHEST_S: i64 = 100 * 366 * 86_400;
/// The largest allowance: more calls than a day has milliseconds are no limit.
const MOST_CALLS: i64 = 86_400_000;

/// Lists the people, without the crowd.
pub(super) async fn list() -> Json<Value> {
    Json(PEOPLE.iter().map(describe).collect())
}

fn describe(person: &'static Person) -> Value {
    let account = person.accounts().next();
    let pages: Vec<_> = person
        .pages
        .iter()
        .map(|page| {
            json!({
                "id": page.id,
                "name": page.name,
                "ig_username": page.account.as_ref().map(|account| account.username),
                "ig_user_id": page.account.as_ref().map(|account| account.id),
            })
        })
        .collect();
    json!({
        "user": person.user,
        "ig_username": account.map(|account| account.username),
        "ig_user_id": account.map(|account| account.id),
        "pages": pages,
    })
}

/// Changes a person and answers with everything that is changed about that person.
pub(super) async fn change(State(shared): Sandbox, Path(user): Path<String>, body: Bytes) -> Answer<Value> {
    let person = people::by_user(&user).ok_or_else(|| Problem::no_such_user(&user))?;
    let mut fields = Fields::read(&body)?;
    let at_ms = shared.clock.stamp_ms();
    let patch = shared.saved.update(|saved| -> Result<Patch, Problem> {
        // On a copy, so that a body that is wrong changes nothing.
        let mut patch = saved.patches.get(person.user).copied().unwrap_or_default();
        read_fields(&mut fields, &mut patch, at_ms)?;
        fields.done(FIELDS)?;
        saved.patches.insert(person.user.to_owned(), patch);
        Ok(patch)
    })??;
    Ok(Json(json!({
        "user": person.user,
        "scopes": patch.scopes.map(|scopes| Scopes(scopes.value).names()),
        "token_expires_in_s": patch.token_expires.map(|life| life.value),
        "data_access_expires_in_s": patch.data_access_expires.map(|life| life.value),
        "state": patch.state(),
        "usage_percent": patch.usage_percent,
        "allowance": patch.allowance,
        "public_content_access": patch.has_public_content(person),
    })))
}

fn read_fields(fields: &mut Fields, patch: &mut Patch, at_ms: i64) -> Result<(), Problem> {
    if let Some(value) = fields.take("scopes") {
        patch.scopes = optional(&value, |value| Ok(Since { at_ms, value: scopes(value)?.0 }))?;
    }
    if let Some(value) = fields.take("token_expires_in_s") {
        patch.token_expires = optional(&value, |value| {
            let value = whole("token_expires_in_s", value, -FURTHEST_S, FURTHEST_S)?;
            Ok(Since { at_ms, value })
        })?;
    }
    if let Some(value) = fields.take("data_access_expires_in_s") {
        patch.data_access_expires = optional(&value, |value| {
            let value = whole("data_access_expires_in_s", value, -FURTHEST_S, FURTHEST_S)?;
            Ok(Since { at_ms, value })
        })?;
    }
    if let Some(value) = fields.take("state") {
        patch.state = optional(&value, |value| {
            let value = value
                .as_str()
                .and_then(Standing::parse)
                .ok_or_else(|| Problem::field(format!("state must be one of {STATES}, not {value}")))?;
            Ok(Since { at_ms, value })
        })?;
    }
    if let Some(value) = fields.take("usage_percent") {
        patch.usage_percent = optional(&value, |value| {
            let percent = whole("usage_percent", value, 0, 10_000)?;
            Ok(u32::try_from(percent).unwrap_or(0))
        })?;
    }
    if let Some(value) = fields.take("allowance") {
        patch.allowance = optional(&value, |value| {
            let calls = whole("allowance", value, 1, MOST_CALLS)?;
            Ok(u32::try_from(calls).unwrap_or(u32::MAX))
        })?;
    }
    if let Some(value) = fields.take("public_content_access") {
        patch.public_content_access = optional(&value, |value| {
            let wrong = || Problem::field(format!("public_content_access must be true or false, not {value}"));
            value.as_bool().ok_or_else(wrong)
        })?;
    }
    Ok(())
}

fn optional<T>(value: &Value, read: impl FnOnce(&Value) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

/// Reads a list of permissions, or Meta's comma list.
fn scopes(value: &Value) -> Result<Scopes, Problem> {
    let wrong = || Problem::field(format!("scopes must be a list of permissions, not {value}"));
    let names: Vec<&str> = match value {
        Value::Array(names) => names.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(wrong)?,
        Value::String(names) => names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect(),
        _ => return Err(wrong()),
    };
    Scopes::parse(names)
        .map(|scopes| scopes.and_also(Scopes::public_profile()))
        .map_err(|name| Problem::field(format!("scopes: Meta has no permission {name:?}")))
}
