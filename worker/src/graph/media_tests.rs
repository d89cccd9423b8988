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
    (media.map(|media| media.items), meta)
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

/// A page of media that were published so many hours after the epoch.
fn hours(hours: &[i64], has_next: bool) -> Reply {
    let time = |hours: &i64| DateTime::from_timestamp(hours * 3_600, 0).unwrap();
    let data: Vec<_> =
        hours.iter().map(|at| serde_json::json!({"id": at.to_string(), "timestamp": time(at)})).collect();
    let next = has_next.then_some("https://graph.facebook.com/?after=cursor");
    Reply::ok(serde_json::json!({"data": data, "paging": {"cursors": {"after": "cursor"}, "next": next}}).to_string())
}

#[tokio::test]
async fn a_list_says_whether_it_is_all_that_there_is() {
    let refused = || Reply::new(400, UNKNOWN_FIELD);
    for (replies, limit, read, is_all) in [
        (vec![hours(&[9, 8], false)], 2, 2, true),
        (vec![hours(&[9, 8], true), hours(&[7], false)], 3, 3, true),
        (vec![hours(&[9, 8], true)], 2, 2, false),
        (vec![hours(&[9, 8, 7], false)], 2, 2, false),
        (vec![hours(&[9, 8], true), refused(), refused()], 5, 2, false),
    ] {
        let meta = StandIn::start(replies).await;
        let media = meta.graph.media(&"EAApage".into(), ID, limit).await.unwrap();
        assert_eq!((media.items.len(), media.is_all), (read, is_all));
    }
}

#[tokio::test]
async fn media_are_read_back_to_a_time_and_no_further() {
    let replies = vec![hours(&[9, 8], true), hours(&[7, 6], true), hours(&[5, 4], true), hours(&[3], false)];
    let meta = StandIn::start(replies).await;
    let since = DateTime::from_timestamp(5 * 3_600, 0).unwrap();
    let media = meta.graph.media_since(&"EAApage".into(), ID, since).await.unwrap();
    let read: Vec<_> = media.items.iter().map(|media| media.id.as_str()).collect();
    assert_eq!((read, media.is_all), (vec!["9", "8", "7", "6", "5", "4"], false));
}

#[tokio::test]
async fn one_media_is_read_as_a_list_shows_it_and_for_fewer_fields_where_one_is_unknown() {
    let one = Reply::ok(r#"{"id":"17900000000000002","media_type":"IMAGE","timestamp":"2026-11-19T10:00:00+0000"}"#);
    let meta = StandIn::start(vec![Reply::new(400, UNKNOWN_FIELD), one]).await;
    let media = meta.graph.media_by_id(&"EAApage".into(), "17900000000000002").await.unwrap();
    assert_eq!(media.media_type, Some(MediaType::Image));
    assert!(!meta.seen()[1].query["fields"].contains("alt_text"));
    assert!(meta.graph.media_by_id(&"EAApage".into(), "../me").await.is_err());
}
