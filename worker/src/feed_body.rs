//! The shape in which accounts and media are kept and answered: the contract's, whatever source they come from.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::graph::{IgUser, Media, MediaList};
use crate::media_address;

/// The fields that hold the address of a file, in the account, in items and in their children.
const ADDRESSES: [&str; 3] = ["media_url", "thumbnail_url", "profile_picture_url"];
/// What an item is to those who look at it. Likes and comments come and go without it.
const CONTENT: [&str; 5] = ["id", "media_type", "caption", "permalink", "alt_text"];

/// Returns a time as the contract writes it: RFC 3339, UTC, whole seconds.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Returns the `account` of a feed.
pub fn account(user: &IgUser) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "profile_picture_url": user.profile_picture_url,
        "followers_count": user.followers_count,
        "media_count": user.media_count,
    })
}

/// Returns a feed's body, as it is kept: the account and its items, each as [`Media`] writes itself.
pub fn body(account: &Value, media: &[Media]) -> Value {
    json!({"account": account, "data": media})
}

/// The same of an account's own list, with whether it is all that there is: who asks what was deleted has to know.
pub fn of_account(account: &Value, media: &MediaList) -> Value {
    json!({"account": account, "data": media.items, "is_all": media.is_all})
}

/// Returns when the first address of a body, or of a part of one, ends of those that have not ended at `now`.
pub fn ends_at(body: &Value, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let within = |part: &Value| ends_at(part, now);
    match body {
        Value::Object(fields) => {
            let own = ADDRESSES.iter().filter_map(|name| media_address::ends_at(fields.get(*name)?.as_str()?));
            own.filter(|end| *end > now).chain(fields.values().filter_map(within)).min()
        }
        Value::Array(parts) => parts.iter().filter_map(within).min(),
        _ => None,
    }
}

/// Takes the addresses out of a body that have ended at `now`: nothing is behind them any more.
pub fn drop_ended(body: &mut Value, now: DateTime<Utc>) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                let end =
                    value.as_str().filter(|_| ADDRESSES.contains(&name.as_str())).and_then(media_address::ends_at);
                if end.is_some_and(|end| end <= now) {
                    *value = Value::Null;
                } else {
                    drop_ended(value, now);
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| drop_ended(part, now)),
        _ => {}
    }
}

/// Returns whether there are other items in a body than in the one before, in whatever order.
pub fn is_changed(before: &Value, body: &Value) -> bool {
    items(before) != items(body)
}

/// What a body's items are to those who look at them, by their ids.
fn items(body: &Value) -> Vec<Vec<String>> {
    let of_item = |item: &Value| {
        let content = CONTENT.iter().map(|name| item[*name].to_string());
        let files =
            ADDRESSES.iter().map(|name| media_address::place(item[*name].as_str().unwrap_or_default()).to_owned());
        content.chain(files).collect::<Vec<_>>()
    };
    let of_all = |items: &Value| items.as_array().into_iter().flatten().map(of_item).collect::<Vec<_>>();
    let children = |item: &Value| of_all(&item["children"]).concat();
    let data = body["data"].as_array().into_iter().flatten();
    let mut all: Vec<_> = data.map(|item| [of_item(item), children(item)].concat()).collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Value, json};

    use super::{body, drop_ended, ends_at, is_changed};
    use crate::graph::Media;

    #[test]
    fn an_item_has_every_field_of_the_contract_even_where_meta_left_it_out() {
        let bare: Media = serde_json::from_value(json!({"id": "179"})).expect("only the id is certain");

        let body = body(&json!(null), &[bare]);

        assert_eq!(
            body["data"][0],
            json!({
                "id": "179", "media_type": null, "media_product_type": null, "caption": null, "permalink": null,
                "timestamp": null, "media_url": null, "thumbnail_url": null, "like_count": null,
                "comments_count": null, "username": null, "alt_text": null, "children": [],
            })
        );
    }
    /// A body with one picture, an album, and an avatar, whose addresses end at these seconds.
    fn signed(picture: i64, part: i64, avatar: i64) -> Value {
        let address = |name: &str, end: i64| format!("https://a.cdninstagram.com/{name}.jpg?oh=x{end}&oe={end:X}");
        json!({
            "account": {"id": "1", "username": "a", "profile_picture_url": address("avatar", avatar)},
            "data": [
                {"id": "2", "caption": "hello", "media_url": address("picture", picture), "children": []},
                {"id": "3", "caption": null, "media_url": null,
                 "children": [{"id": "4", "media_url": address("part", part)}]},
            ],
        })
    }

    #[test]
    fn a_body_ends_with_the_first_of_its_addresses_that_still_lives() {
        for (now, end) in [(0, Some(100)), (99, Some(100)), (100, Some(200)), (250, Some(300)), (300, None)] {
            let at = |seconds| DateTime::from_timestamp(seconds, 0);
            assert_eq!(ends_at(&signed(300, 100, 200), at(now).expect("a time")), end.and_then(at), "at {now}");
        }
        assert_eq!(ends_at(&json!({"data": [{"id": "2", "caption": "https://a/?oe=64"}]}), DateTime::UNIX_EPOCH), None);
    }

    #[test]
    fn what_has_ended_is_taken_out_and_nothing_else() {
        let mut left = signed(300, 100, 200);
        drop_ended(&mut left, DateTime::from_timestamp(200, 0).expect("a time"));
        assert_eq!(
            (&left["account"]["profile_picture_url"], &left["account"]["username"]),
            (&json!(null), &json!("a"))
        );
        assert_eq!(left["data"][1]["children"], json!([{"id": "4", "media_url": null}]));
        assert_eq!(left["data"][0], signed(300, 100, 200)["data"][0]);
    }

    #[test]
    fn a_change_is_one_that_somebody_can_see() {
        let before = signed(300, 100, 200);
        let changed = |change: &dyn Fn(&mut Value)| {
            let mut body = signed(1_300, 1_100, 1_200);
            change(&mut body);
            is_changed(&before, &body)
        };
        assert!(!changed(&|_| ()), "signatures change with each call");
        assert!(!changed(&|body| body["data"][0]["like_count"] = json!(7)));
        assert!(!changed(&|body| body["account"]["followers_count"] = json!(7)));
        assert!(!changed(&|body| body["data"].as_array_mut().expect("items").reverse()), "an order by popularity");
        assert!(changed(&|body| body["data"][0]["caption"] = json!("hello!")));
        assert!(changed(&|body| body["data"][0]["media_url"] = json!("https://a.cdninstagram.com/other.jpg?oe=1")));
        assert!(changed(&|body| body["data"][1]["children"][0]["id"] = json!("5")));
        assert!(changed(&|body| drop(body["data"].as_array_mut().expect("items").remove(0))));
    }
}
