//! How a list of media is read, and what is done when Meta does not like the question.

use super::super::Class;
use super::super::stand_in::{Reply, StandIn};
use super::*;

const ID: &str = "17841405822304914";
const UNKNOWN_FIELD: &str =
    r#"{"error":{"message":"(#100) Tried accessing nonexisting field (alt_text) on node type (IGMedia)","code":100}}"#;
const TOO_MUCH: &str =
    r#"{"error":{"message":"Please reduce the amount of data you're asking for, then retry your request","code":1}}"#;

async fn ask(replies: Vec<Reply>, limit: u32) -> (Result<Vec<Media>, Error>, StandIn) {
    let meta = StandIn::start(replies).await;
    let media = meta.graph.media(&"EAApage".into(), ID, limit).await;
    (media, meta)
}

/// A page of media with these ids, and a next one behind it or none.
fn page(ids: std::ops::Range<u32>, has_next: bool) -> Reply {
    let data: Vec<_> = ids.map(|id| serde_json::json!({ "id": id })).collect();
    let mut paging = serde_json::json!({ "cursors": { "after": "cursor" } });
    if has_next {
        paging["next"] = "https://graph.facebook.com/?access_token=EAApage".into();
    }
    Reply::ok(serde_json::json!({ "data": data, "paging": paging }).to_string())
}

#[tokio::test]
async fn every_kind_of_media_comes_in_one_call_with_its_children() {
    let body = include_str!("fixtures/media_page.json");
    let (media, meta) = ask(vec![Reply::ok(body)], 50).await;
    let media = media.unwrap();
    assert_eq!(media.len(), 5);
    assert_eq!(media[0].timestamp, DateTime::from_timestamp(1_795_168_800, 0));
    assert_eq!(media[1].id, "17900000000000002");
    assert_eq!(media[1].children.len(), 2);
    assert_eq!(media[1].children[1].media_type, Some(MediaType::Video));
    assert_eq!(media[2].like_count, None);
    assert_eq!(media[3].media_type, Some(MediaType::Other("BROADCAST".into())));
    assert_eq!(media[4].media_type, None);

    let seen = meta.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path, format!("/graph/v26.0/{ID}/media"));
    assert_eq!(seen[0].query["limit"], "50");
    assert!(seen[0].query["fields"].contains("children{id,"));
}

#[tokio::test]
async fn serialised_it_is_an_item_of_a_feed() {
    let body = include_str!("fixtures/media_page.json");
    let (media, _meta) = ask(vec![Reply::ok(body)], 50).await;
    let item = serde_json::to_value(&media.unwrap()[1]).unwrap();
    assert_eq!(item["media_type"], "CAROUSEL_ALBUM");
    assert_eq!(item["timestamp"], "2026-11-19T10:00:00Z");
    assert_eq!(item["caption"], serde_json::Value::Null);
    assert_eq!(item["children"][0]["id"], "17900000000000021");
}

#[tokio::test]
async fn short_and_empty_pages_do_not_end_the_list() {
    let replies = vec![page(0..2, true), page(0..0, true), page(1..9, true)];
    let (media, meta) = ask(replies, 5).await;
    let ids: Vec<_> = media.unwrap().into_iter().map(|media| media.id).collect();
    assert_eq!(ids, ["0", "1", "2", "3", "4"]);
    assert_eq!(meta.seen().len(), 3);
    assert_eq!(meta.seen()[1].query["after"], "cursor");
}

#[tokio::test]
async fn empty_pages_without_end_are_left_at_some_point() {
    let (media, meta) = ask(vec![page(0..0, true); MOST_CALLS], 50).await;
    assert!(media.unwrap().is_empty());
    assert_eq!(meta.seen().len(), MOST_CALLS);
}

#[tokio::test]
async fn an_unknown_field_costs_the_extras_and_not_the_feed() {
    let (media, meta) = ask(vec![Reply::new(400, UNKNOWN_FIELD), page(0..1, false)], 50).await;
    assert_eq!(media.unwrap().len(), 1);
    assert!(!meta.seen()[1].query["fields"].contains("alt_text"));

    let refused = vec![Reply::new(400, UNKNOWN_FIELD); 2];
    let (media, meta) = ask(refused, 50).await;
    assert_eq!(media.unwrap_err().class(), Class::BadRequest);
    assert_eq!(meta.seen().len(), 2);
}

#[tokio::test]
async fn too_much_data_halves_the_page_and_goes_on() {
    let replies = vec![Reply::new(500, TOO_MUCH), page(0..25, true), page(25..50, true)];
    let (media, meta) = ask(replies, 50).await;
    assert_eq!(media.unwrap().len(), 50);
    let limits: Vec<_> = meta.seen().iter().map(|call| call.query["limit"].clone()).collect();
    assert_eq!(limits, ["50", "25", "25"]);
}

#[tokio::test]
async fn a_page_that_cannot_be_small_enough_is_an_error() {
    let (media, meta) = ask(vec![Reply::new(500, TOO_MUCH); MOST_CALLS], 50).await;
    assert_eq!(media.unwrap_err().class(), Class::BadRequest);
    assert!(meta.seen().len() < MOST_CALLS);
}

#[tokio::test]
async fn a_failure_on_a_later_page_is_the_failure_of_the_list() {
    let limit = include_str!("fixtures/80002_account_limit.json");
    let (media, _meta) = ask(vec![page(0..2, true), Reply::new(400, limit)], 50).await;
    assert_eq!(media.unwrap_err().class(), Class::RateLimited);
}
