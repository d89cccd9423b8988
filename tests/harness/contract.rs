//! Holds the service to its own document: every answer that a test gets from a documented route has a status, a type and
//! a shape that `/openapi.json` tells of, field by field.

use std::sync::LazyLock;

use chrono::DateTime;
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::Answer;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(api::openapi_json()).expect("the document is JSON"));

/// The document, read.
pub(crate) fn document() -> &'static Value {
    &DOCUMENT
}

/// Fails the test if an answer is not as the document tells. Stand-ins share no path with the service.
pub(crate) fn check(method: &Method, url: &str, answer: &Answer) {
    let url = Url::parse(url).expect("an address");
    let Some(operation) = operation(method, url.path()) else { return };
    let at = format!("{method} {} answered {}: {}", url.path(), answer.status, answer.text);
    let response = &operation["responses"][answer.status.to_string()];
    assert!(!response.is_null(), "not in the document: {at}");
    if answer.text.is_empty() {
        return;
    }
    let kind = answer.header("content-type").split(';').next().unwrap_or_default();
    let media = &response["content"][kind];
    assert!(!media.is_null(), "`{kind}` is not in the document: {at}");
    if kind == "application/problem+json" {
        assert!(!media["examples"][answer.code()].is_null(), "this code is not in the document: {at}");
    }
    if kind == "text/html" && answer.status >= 400 {
        let code = format!("`{}`", answer.attribute("data-code"));
        let told = response["description"].as_str().unwrap_or_default();
        assert!(code == "``" || told.contains(&code), "{code} of this page is not in the document: {at}");
    }
    if kind.ends_with("json") {
        let told = fits(&media["schema"], &answer.json(), "the body");
        assert_eq!(told, Ok(()), "{at}");
    }
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let parts = |path: &str| path.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let asked = parts(path);
    let fits = |template: &str| {
        let template = parts(template);
        let is_same = |(name, part): (&String, &String)| name.starts_with('{') || name == part;
        template.len() == asked.len() && template.iter().zip(&asked).all(is_same)
    };
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
    item.get(method.as_str().to_ascii_lowercase())
}

/// The words that a schema may be written in; of these `description`, `example` and `default` bind nobody.
const WORDS: [&str; 19] = [
    "$ref",
    "additionalProperties",
    "default",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
];

/// Whether a value is as a schema tells, with no field beyond those that it names. Knows what our document uses, and says
/// so where it meets a word that it does not know.
pub(crate) fn fits(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let words = schema.as_object().ok_or(format!("{at} has no schema"))?;
    if let Some(word) = words.keys().find(|word| !WORDS.contains(&word.as_str())) {
        return Err(format!("{at}: the judge does not know `{word}`"));
    }
    if let Some(name) = schema["$ref"].as_str() {
        let target = DOCUMENT.pointer(name.trim_start_matches('#')).ok_or(format!("{name} is nowhere"))?;
        return fits(target, value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let tries: Vec<_> = choices.iter().map(|choice| fits(choice, value, at)).collect();
        let fitting = tries.iter().filter(|tried| tried.is_ok()).count();
        return if fitting == 1 { Ok(()) } else { Err(format!("{at} fits {fitting} choices: {tries:?}")) };
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_told = |told: &Value| told == kind;
    if !schema["type"].as_array().map_or(is_told(&schema["type"]), |told| told.iter().any(is_told)) {
        return Err(format!("{at} is {kind}"));
    }
    match value {
        Value::String(text) => text_fits(schema, text, at),
        Value::Number(number) => within(schema, ["minimum", "maximum"], number.as_f64(), at),
        Value::Array(items) => {
            within(schema, ["minItems", "maxItems"], Some(size(items.len())), at)?;
            items.iter().enumerate().try_for_each(|(i, item)| fits(&schema["items"], item, &format!("{at}[{i}]")))
        }
        Value::Object(fields) => {
            let Some(told) = schema["properties"].as_object() else { return Ok(()) };
            let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
            if let Some(missing) = required.iter().find(|name| !fields.contains_key(name.as_str().unwrap_or_default()))
            {
                return Err(format!("{at} has no {missing}"));
            }
            fields.iter().try_for_each(|(name, field)| {
                let schema = told.get(name).ok_or(format!("{at}.{name} is not in the document"))?;
                fits(schema, field, &format!("{at}.{name}"))
            })
        }
        _ => Ok(()),
    }
}

fn text_fits(schema: &Value, text: &str, at: &str) -> Result<(), String> {
    within(schema, ["minLength", "maxLength"], Some(size(text.chars().count())), at)?;
    let is_listed = schema["enum"].as_array().is_none_or(|words| words.iter().any(|word| word == text));
    let is_formed = match schema["format"].as_str() {
        Some("date-time") => text.ends_with('Z') && DateTime::parse_from_rfc3339(text).is_ok(),
        Some("uri") => Url::parse(text).is_ok(),
        None | Some("email" | "password") => true,
        Some(other) => return Err(format!("{at}: the judge does not know the format `{other}`")),
    };
    let is_like = schema["pattern"].as_str().is_none_or(|pattern| matches(pattern, text));
    if is_listed && is_formed && is_like { Ok(()) } else { Err(format!("{at} is `{text}`")) }
}

fn size(length: usize) -> f64 {
    f64::from(u32::try_from(length).expect("a short answer"))
}

fn within(schema: &Value, [least, most]: [&str; 2], number: Option<f64>, at: &str) -> Result<(), String> {
    let number = number.ok_or(format!("{at} is no number"))?;
    let is_within = schema[least].as_f64().is_none_or(|least| least <= number)
        && schema[most].as_f64().is_none_or(|most| number <= most);
    if is_within { Ok(()) } else { Err(format!("{at} is {number}")) }
}

/// Whether a text is as a pattern tells. Patterns of ours are one class of characters with its count: `^[0-9a-f]{32}$`.
fn matches(pattern: &str, text: &str) -> bool {
    let known = "a pattern like ^[0-9a-f]{1,32}$";
    let (class, count) = pattern
        .strip_prefix("^[")
        .and_then(|rest| rest.strip_suffix("}$")?.split_once("]{"))
        .unwrap_or_else(|| panic!("{pattern} is not {known}"));
    let (least, most) = count.split_once(',').unwrap_or((count, count));
    let (least, most): (usize, usize) = (least.parse().expect(known), most.parse().expect(known));
    let class: Vec<char> = class.chars().collect();
    let is_in_class = |c: char| {
        let mut rest = class.as_slice();
        while let Some((&first, after)) = rest.split_first() {
            let (end, after) = match after {
                ['-', end, after @ ..] => (*end, after),
                _ => (first, after),
            };
            if (first..=end).contains(&c) {
                return true;
            }
            rest = after;
        }
        false
    };
    (least..=most).contains(&text.chars().count()) && text.chars().all(is_in_class)
}
