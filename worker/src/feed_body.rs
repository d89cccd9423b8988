//! The shape in which accounts and media are kept and answered: the contract's, whatever source they come from.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::graph::{IgUser, Media};

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::body;
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
}
