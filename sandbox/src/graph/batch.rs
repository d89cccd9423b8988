//! Batches: up to fifty calls in one. Each is recorded, counted, refused and hit by faults as if it had come alone.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::params::text_of;
use super::{Error, Request};
use crate::calls::{Call, Service};
use crate::server;
use crate::state::Shared;

/// How many calls one may hold.
const MOST: usize = 50;
/// The largest body of one of them.
const MAX_BODY: usize = 8 << 20;
/// What stands for a value of an earlier answer: `{result=name:$.data.*.id}`.
const REFERENCE: &str = "{result=";

/// One call of a batch, as it is sent.
struct Part(Map<String, Value>);

impl Part {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().map(text_of).filter(|text| !text.is_empty())
    }

    /// The earlier calls by name that it waits for.
    fn needs(&self) -> Vec<String> {
        let (address, body) = (self.text("relative_url"), self.text("body"));
        let referred = [address, body].into_iter().flatten().flat_map(|text| {
            let names = text.split(REFERENCE).skip(1).filter_map(|rest| rest.split_once(':'));
            names.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        });
        self.text("depends_on").into_iter().chain(referred).collect()
    }
}

/// Tells whether a call is a batch.
pub(super) fn is_one(request: &Request) -> bool {
    request.method == Method::POST && request.params.get("batch").is_some()
}

/// Answers the calls one after the other.
pub(super) async fn answer(shared: &Shared, request: &Request) -> Result<Value, Error> {
    let parts = parts(request)?;
    let has_headers = request.params.get("include_headers").is_none_or(super::params::is_on);
    let needed: Vec<String> = parts.iter().flat_map(Part::needs).collect();
    let mut bodies: BTreeMap<String, Option<Value>> = BTreeMap::new();
    let mut answers = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let needs = part.needs();
        if let Some(name) = needs.iter().find(|name| !bodies.contains_key(*name)) {
            return Err(Error::batch(format!(
                "Request {index} cannot depend on an unresolved request with name {name}. Requests can only depend on \
                 preceding requests"
            )));
        }
        let can_run = needs.iter().all(|name| bodies.get(name).is_some_and(Option::is_some));
        let answer = if can_run { one(shared, request, part, &bodies).await } else { None };
        let is_good = answer.as_ref().is_some_and(|(response, _)| response.status().is_success());
        let name = part.text("name");
        if let Some(name) = &name {
            let body = answer.as_ref().filter(|_| is_good);
            bodies.insert(name.clone(), body.map(|(_, body)| serde_json::from_str(body).unwrap_or_default()));
        }
        // What others waited for is left out, unless it is asked for.
        let is_needed = name.is_some_and(|name| needed.contains(&name));
        let omits = part.text("omit_response_on_success").map_or(is_needed, |text| super::params::is_on(&text));
        answers.push(match answer {
            Some((response, body)) if !(is_good && omits) => told(&response, &body, has_headers),
            _ => Value::Null,
        });
    }
    Ok(answers.into())
}

fn parts(request: &Request) -> Result<Vec<Part>, Error> {
    let text = request.params.get("batch").unwrap_or_default();
    let parts: Vec<Map<String, Value>> = serde_json::from_str(text)
        .map_err(|_| Error::batch("(#100) param batch must be an array of objects that each describe a request"))?;
    if parts.len() > MOST {
        return Err(Error::batch(format!("Too many requests in batch message. Maximum batch size is {MOST}")));
    }
    Ok(parts.into_iter().map(Part).collect())
}

/// Answers one call; none if a fault ended it without an answer, as after a time-out at Meta.
async fn one(
    shared: &Shared,
    whole: &Request,
    part: &Part,
    bodies: &BTreeMap<String, Option<Value>>,
) -> Option<(Response, String)> {
    let method = part.text("method").and_then(|method| method.to_ascii_uppercase().parse().ok()).unwrap_or(Method::GET);
    let address = filled(&part.text("relative_url").unwrap_or_default(), bodies);
    let request = whole.part(method, &address, &filled(&part.text("body").unwrap_or_default(), bodies));
    let path = request.whole_path();
    let call = Call {
        at: shared.clock.now_text(),
        service: Service::Graph,
        method: request.method.to_string(),
        ig_user_id: super::account_of(shared, &path, &request.params),
        grant: super::grant_of(shared, &request),
        x_user_id: None,
        status: None,
        path,
    };
    let headers = HeaderMap::new();
    let run = async { super::alone(shared, &request, &headers) };
    let (head, body) = server::answered(shared, call, run).await?.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    Some((Response::from_parts(head, axum::body::Body::empty()), String::from_utf8_lossy(&body).into_owned()))
}

fn told(response: &Response, body: &str, has_headers: bool) -> Value {
    let mut told = json!({ "code": response.status().as_u16(), "body": body });
    if has_headers {
        let headers = response.headers().iter().filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some(json!({ "name": name.as_str(), "value": value }))
        });
        told["headers"] = headers.collect();
    }
    told
}

/// Puts the values of earlier answers where they are referred to, with commas between them.
fn filled(text: &str, bodies: &BTreeMap<String, Option<Value>>) -> String {
    let mut pieces = text.split(REFERENCE);
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let Some(((name, path), rest)) =
            piece.split_once('}').and_then(|(inside, rest)| Some((inside.split_once(':')?, rest)))
        else {
            continue;
        };
        let mut found = Vec::new();
        if let Some(Some(body)) = bodies.get(name) {
            let steps: Vec<&str> = path.split(['.', '[', ']']).filter(|step| !matches!(*step, "" | "$")).collect();
            walk(body, &steps, &mut found);
        }
        filled.push_str(&found.join(","));
        filled.push_str(rest);
    }
    filled
}

/// Follows a path like `$.data.*.id` or `$.data[0].id`.
fn walk(value: &Value, steps: &[&str], found: &mut Vec<String>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(text_of(value.clone()));
        return;
    };
    match value {
        Value::Array(items) if *step == "*" => items.iter().for_each(|item| walk(item, rest, found)),
        Value::Object(fields) if *step == "*" => fields.values().for_each(|item| walk(item, rest, found)),
        Value::Array(items) => {
            if let Some(item) = step.parse::<usize>().ok().and_then(|index| items.get(index)) {
                walk(item, rest, found);
            }
        }
        Value::Object(fields) => {
            if let Some(item) = fields.get(*step) {
                walk(item, rest, found);
            }
        }
        _ => {}
    }
}
