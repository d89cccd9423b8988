//! How hashtags are asked for, and what is made of Meta's answers.

use super::super::stand_in::{Reply, StandIn};
use super::super::{Class, Scope};

const ACCOUNT: &str = "17841405822304914";
const TAG: &str = "17843857450040591";

fn refusal(code: i64, subcode: i64) -> Reply {
    let error = serde_json::json!({"message": "no", "type": "OAuthException", "code": code, "error_subcode": subcode});
    Reply::new(400, serde_json::json!({ "error": error }).to_string())
}

#[tokio::test]
async fn an_id_is_asked_with_an_account_and_the_bare_tag() {
    let meta = StandIn::start([Reply::ok(r#"{"data":[{"id":17843857450040591}]}"#)]).await;

    let id = meta.graph.hashtag_id(&"EAApage".into(), ACCOUNT, "東京").await.unwrap();

    assert_eq!(id, TAG);
    let seen = &meta.seen()[0];
    assert_eq!(seen.path, "/graph/v26.0/ig_hashtag_search");
    assert_eq!((seen.query["user_id"].as_str(), seen.query["q"].as_str()), (ACCOUNT, "東京"));
    assert_eq!(seen.authorization.as_deref(), Some("Bearer EAApage"));
}

#[tokio::test]
async fn what_meta_says_of_a_search_is_told_apart() {
    let replies =
        [refusal(18, 0), refusal(24, 2_207_024), refusal(10, 0), refusal(100, 33), Reply::ok(r#"{"data":[]}"#)];
    let meta = StandIn::start(replies).await;
    let (mut said, mut is_the_tag) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let error = meta.graph.hashtag_id(&"EAApage".into(), ACCOUNT, "food").await.unwrap_err();
        said.push((error.class(), error.limited(), error.counts_nothing()));
        is_the_tag.push(error.is_hashtag_unknown());
    }
    assert_eq!(is_the_tag, [false, true, false, false, true]);
    let quota = (Class::RateLimited, Some(Scope::Hashtag), true);
    let unknown = (Class::NotFound, None, true);
    let not_allowed = (Class::PermissionLost, None, true);
    let doubt = (Class::Ambiguous, None, true);
    // An answer was given, so the query may have been counted.
    let nothing = (Class::NotFound, None, false);
    assert_eq!(said, [quota, unknown, not_allowed, doubt, nothing]);
}

#[tokio::test]
async fn a_silence_may_have_been_counted() {
    let meta = StandIn::start([Reply::new(503, ""), Reply::new(400, r#"{"error":{"code":987654}}"#)]).await;
    for _ in 0..2 {
        let error = meta.graph.hashtag_id(&"EAApage".into(), ACCOUNT, "food").await.unwrap_err();
        assert!(!error.counts_nothing(), "{error}");
    }
}

#[tokio::test]
async fn media_are_asked_for_without_what_meta_does_not_show() {
    let page = r#"{"data":[{"id":"1","media_type":"IMAGE"}]}"#;
    let meta = StandIn::start([Reply::ok(page), Reply::ok(page)]).await;

    let recent = meta.graph.recent_media(&"EAApage".into(), ACCOUNT, TAG, 50).await.unwrap();
    meta.graph.top_media(&"EAApage".into(), ACCOUNT, TAG, 50).await.unwrap();

    assert_eq!((recent.len(), recent[0].username.as_deref()), (1, None));
    let seen = meta.seen();
    let paths: Vec<_> = seen.iter().map(|call| call.path.as_str()).collect();
    assert_eq!(paths, [format!("/graph/v26.0/{TAG}/recent_media"), format!("/graph/v26.0/{TAG}/top_media")]);
    for call in &seen {
        assert_eq!((call.query["user_id"].as_str(), call.query["limit"].as_str()), (ACCOUNT, "50"));
        let fields = &call.query["fields"];
        for hidden in ["username", "owner", "alt_text", "thumbnail_url", "media_product_type"] {
            assert!(!fields.contains(hidden), "{fields}");
        }
    }
}

#[tokio::test]
async fn pages_shrink_to_the_smallest_and_what_was_read_stays() {
    let too_much = || Reply::new(500, r#"{"error":{"message":"Please reduce the amount of data","code":1}}"#);
    let first = r#"{"data":[{"id":"1"}],"paging":{"cursors":{"after":"c"},"next":"https://x/?after=c"}}"#;
    let replies = [vec![too_much(); 4], vec![Reply::ok(first), too_much()]].concat();
    let meta = StandIn::start(replies).await;

    let media = meta.graph.recent_media(&"EAApage".into(), ACCOUNT, TAG, 50).await.unwrap();

    assert_eq!(media.len(), 1);
    let limits: Vec<_> = meta.seen().iter().map(|call| call.query["limit"].clone()).collect();
    assert_eq!(limits, ["50", "25", "12", "6", "5", "5"]);
}

#[tokio::test]
async fn the_searched_ones_come_as_ids() {
    let meta = StandIn::start([Reply::ok(r#"{"data":[{"id":"1","name":"a"},{"id":2}]}"#)]).await;

    let ids = meta.graph.searched_hashtags(&"EAApage".into(), ACCOUNT).await.unwrap();

    assert_eq!(ids, ["1", "2"]);
    assert_eq!(meta.seen()[0].path, format!("/graph/v26.0/{ACCOUNT}/recently_searched_hashtags"));
    assert_eq!(meta.seen()[0].query["limit"], "30");
}

#[tokio::test]
async fn an_id_that_is_no_number_reaches_no_address() {
    let meta = StandIn::start([]).await;
    let token = "EAApage".into();
    assert!(meta.graph.hashtag_id(&token, "me/x", "food").await.is_err());
    assert!(meta.graph.recent_media(&token, ACCOUNT, "../1", 50).await.is_err());
    assert!(meta.graph.searched_hashtags(&token, "").await.is_err());
    assert!(meta.seen().is_empty());
}
