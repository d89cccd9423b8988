//! What the outlet answers, read into the shape in which feeds are kept: pure.
//!
//! A field that we do not know is dropped, one that is missing or of a wrong type is null, and an address that no browser
//! should follow is none. What is no feed at all is an error: no list, an item without an id.

use std::collections::HashSet;

use chrono::DateTime;
use entities::FeedKey;
use serde_json::{Map, Value, json};

use super::Error;
use crate::feed_body::rfc3339;

/// How a field is read.
type Read = fn(&Value) -> Value;

/// The account's fields, beside its id.
const ACCOUNT: [(&str, Read); 5] = [
    ("username", text),
    ("name", text),
    ("profile_picture_url", address),
    ("followers_count", count),
    ("media_count", count),
];
/// An item's fields, beside its id and its children.
const ITEM: [(&str, Read); 11] = [
    ("media_type", text),
    ("media_product_type", text),
    ("caption", text),
    ("permalink", address),
    ("timestamp", time),
    ("media_url", address),
    ("thumbnail_url", address),
    ("like_count", count),
    ("comments_count", count),
    ("username", text),
    ("alt_text", text),
];
/// The fields of an album's part, beside its id.
const CHILD: [(&str, Read); 3] = [("media_type", text), ("media_url", address), ("thumbnail_url", address)];

/// Reads an answer for `key` as a feed's body of at most `limit` items.
pub(super) fn body(answer: &[u8], key: &FeedKey, limit: u32) -> Result<Value, Error> {
    let unreadable = |source| Error::Malformed { why: "the answer is no JSON".to_owned(), source: Some(source) };
    let answer: Value = serde_json::from_slice(answer).map_err(unreadable)?;
    let Some(data) = answer["data"].as_array() else { return Err(Error::malformed("the answer has no list `data`")) };
    let (mut items, mut known) = (Vec::new(), HashSet::new());
    for (place, item) in data.iter().enumerate().take(limit as usize) {
        let Some(mut read) = fields(item, &ITEM) else {
            return Err(Error::malformed(format!("item {place} of the answer has no `id`")));
        };
        // An item that stands in the list twice is shown once.
        if !known.insert(read["id"].to_string()) {
            continue;
        }
        read.insert("children".to_owned(), children(&item["children"]));
        items.push(Value::Object(read));
    }
    let account = match key.account_name() {
        Some(name) => account(&answer["account"], name)?,
        None => Value::Null,
    };
    Ok(json!({"account": account, "data": items}))
}

/// Who is asked for has a name, though the outlet says none of the account; one of another name is not who was asked for.
fn account(account: &Value, name: &str) -> Result<Value, Error> {
    let Some(mut read) = fields(account, &ACCOUNT) else { return Ok(Value::Null) };
    match read["username"].as_str() {
        None => drop(read.insert("username".to_owned(), name.into())),
        Some(told) if told.eq_ignore_ascii_case(name) => {}
        Some(_) => return Err(Error::malformed("the answer is about another account than the one asked for")),
    }
    Ok(Value::Object(read))
}

/// An album's parts, as a list or as Meta's edge; a part that has no id is none.
fn children(children: &Value) -> Value {
    let parts = children.as_array().or_else(|| children["data"].as_array());
    parts.into_iter().flatten().filter_map(|part| fields(part, &CHILD)).map(Value::Object).collect()
}

/// Reads an object's fields; `None` if it has no id.
fn fields(object: &Value, known: &[(&str, Read)]) -> Option<Map<String, Value>> {
    let id = match &object["id"] {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let read = known.iter().map(|(name, read)| ((*name).to_owned(), read(&object[*name])));
    Some([("id".to_owned(), id.into())].into_iter().chain(read).collect())
}

fn text(value: &Value) -> Value {
    value.as_str().filter(|text| !text.is_empty()).into()
}

/// Widgets follow it, and show what is behind it.
fn address(value: &Value) -> Value {
    let is_web = |text: &&str| url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    value.as_str().filter(is_web).into()
}

fn count(value: &Value) -> Value {
    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|number| *number >= 0).into()
}

/// A time with an offset, with or without a colon in it, or seconds since 1970.
fn time(value: &Value) -> Value {
    let read = match value {
        Value::String(text) => DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"))
            .ok()
            .map(|time| time.to_utc()),
        value => value.as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
    };
    read.map(rfc3339).into()
}

#[cfg(test)]
mod tests {
    use entities::FeedKey;
    use serde_json::{Value, json};

    use super::body;
    use crate::graph::{IgUser, Media};

    fn key(key: &str) -> FeedKey {
        FeedKey::parse(key).expect("a key")
    }

    fn read(key: &FeedKey, answer: &Value) -> Value {
        body(answer.to_string().as_bytes(), key, 50).expect("a feed")
    }

    fn names(object: &Value) -> Vec<&String> {
        object.as_object().expect("an object").keys().collect()
    }

    #[test]
    fn whatever_is_missing_its_fields_are_those_of_what_the_graph_serves() {
        let user: IgUser = serde_json::from_value(json!({"id": "1"})).expect("an account");
        let media: Media =
            serde_json::from_value(json!({"id": "2", "children": {"data": [{"id": "3"}]}})).expect("one");
        let graph = crate::feed_body::body(&crate::feed_body::account(&user), &[media]);
        let bare = json!({"account": {"id": 1}, "data": [{"id": "2", "children": [{"id": "3"}, {}]}], "cursor": "x"});

        let outlet = read(&key("@natgeo"), &bare);

        assert_eq!(names(&outlet), names(&graph));
        assert_eq!(names(&outlet["account"]), names(&graph["account"]));
        assert_eq!(outlet["data"], graph["data"]);
        assert_eq!((&outlet["account"]["id"], &outlet["account"]["username"]), (&json!("1"), &json!("natgeo")));
        assert_eq!(read(&key("#food"), &bare)["account"], json!(null), "a hashtag is nobody's");
    }

    #[test]
    fn a_value_of_a_wrong_type_is_null_and_no_script_is_an_address() {
        let odd = json!({
            "id": 7, "caption": ["x"], "permalink": "javascript:alert(1)", "media_url": "data:text/html,x",
            "thumbnail_url": "https://a.example/1.jpg", "timestamp": "2026-11-20T11:00:00+0100", "like_count": "12",
            "comments_count": -1, "secret": "dropped",
        });
        let item = &read(&key("@natgeo"), &json!({"data": [odd, {"id": "7"}]}))["data"];

        assert_eq!(item.as_array().map(Vec::len), Some(1), "an item stands there once");
        let item = &item[0];
        for (field, value) in [
            ("id", json!("7")),
            ("caption", json!(null)),
            ("permalink", json!(null)),
            ("media_url", json!(null)),
            ("thumbnail_url", json!("https://a.example/1.jpg")),
            ("timestamp", json!("2026-11-20T10:00:00Z")),
            ("like_count", json!(12)),
            ("comments_count", json!(null)),
            ("secret", json!(null)),
        ] {
            assert_eq!(item[field], value, "{field}");
        }
    }

    #[test]
    fn more_items_than_a_feed_has_are_left_away() {
        let many: Vec<_> = (0..80).map(|id| json!({"id": id.to_string()})).collect();
        assert_eq!(read(&key("#food"), &json!({"data": many}))["data"].as_array().map(Vec::len), Some(50));
    }

    #[test]
    fn what_is_no_feed_is_told_by_what_is_wrong_with_it() {
        for (answer, wrong) in [
            ("", "the answer is no JSON"),
            ("<html>", "the answer is no JSON"),
            ("{\"data\": [{\"id\": \"1\"}", "the answer is no JSON"),
            ("{}", "the answer has no list `data`"),
            ("[]", "the answer has no list `data`"),
            ("{\"data\": {\"id\": \"1\"}}", "the answer has no list `data`"),
            ("{\"data\": [{\"id\": \"1\"}, {\"id\": null}]}", "item 1 of the answer has no `id`"),
            (
                "{\"account\": {\"id\": \"1\", \"username\": \"apple\"}, \"data\": []}",
                "the answer is about another account than the one asked for",
            ),
            ("{\"data\": [7]}", "item 0 of the answer has no `id`"),
        ] {
            let error = body(answer.as_bytes(), &key("@natgeo"), 50).expect_err(answer);
            assert_eq!(error.to_string(), format!("outlet: {wrong}"), "{answer}");
        }
    }
}
