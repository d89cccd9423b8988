//! An account's media, page by page.

use std::collections::HashSet;

use serde_json::Value;

use crate::stand::Stand;

#[tokio::test]
async fn media_pages_lead_to_the_end_and_never_repeat() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("natgeo").await;
    let mut next = format!("/v26.0/{account}/media?fields=id,timestamp&limit=50&access_token={token}");
    let mut ids = HashSet::new();
    let mut pages = 0;
    let mut last_time = String::from("9999");

    loop {
        let body = stand.get(&next).await.json();
        for item in body["data"].as_array().unwrap() {
            assert!(ids.insert(item["id"].as_str().unwrap().to_owned()));
            let time = item["timestamp"].as_str().unwrap().to_owned();
            assert!(time.ends_with("+0000") && time <= last_time);
            last_time = time;
        }
        pages += 1;
        let Some(link) = body["paging"]["next"].as_str() else { break };
        assert!(link.starts_with(&stand.base) && link.contains(&token), "{link}");
        next = link.to_owned();
    }

    assert_eq!((ids.len(), pages), (240, 5));
}

#[tokio::test]
async fn the_way_back_leads_to_the_first_page() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let first = stand.get(&format!("/v26.0/{account}/media?limit=10&access_token={token}")).await.json();
    assert!(first["paging"].get("previous").is_none());

    let second = stand.get(first["paging"]["next"].as_str().unwrap()).await.json();
    let back = stand.get(second["paging"]["previous"].as_str().unwrap()).await.json();

    assert_eq!(back["data"], first["data"]);
}

#[tokio::test]
async fn since_and_until_bound_the_feed_and_its_links() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let ask = |more: &str| format!("/v26.0/{account}/media?fields=timestamp&{more}&access_token={token}");
    let all = stand.get(&ask("limit=60")).await.json()["data"].as_array().unwrap().clone();
    let time = |index: usize| {
        let text = all[index]["timestamp"].as_str().unwrap().replace("+0000", "+00:00");
        chrono::DateTime::parse_from_rfc3339(&text).unwrap().timestamp()
    };

    let first = stand.get(&ask(&format!("limit=3&since={}&until={}", time(14), time(10)))).await.json();
    let second = stand.get(first["paging"]["next"].as_str().unwrap()).await.json();

    assert_eq!(first["data"].as_array().unwrap()[..], all[10..13]);
    assert_eq!(second["data"].as_array().unwrap()[..], all[13..15]);
    assert!(second["paging"].get("next").is_none());
    assert_eq!(stand.get(&ask("since=2999-01-01")).await.json(), serde_json::json!({ "data": [] }));
}

#[tokio::test]
async fn several_objects_come_keyed_by_id() {
    let stand = Stand::start().await;
    let token = stand.long_token("two_pages").await;
    let ask = |ids: &str| format!("/v26.0/?ids={ids}&fields=username&access_token={token}");

    let body = stand.get(&ask("17841431200450078,17841431200450991")).await.json();

    assert_eq!(body["17841431200450991"]["username"], "harbor_roastery");
    assert_eq!(stand.get(&ask("17841431200450078,1")).await.error(), (400, 100, 33));
}

#[tokio::test]
async fn a_page_of_deleted_posts_is_empty_and_has_a_next() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let first = format!("/v26.0/{account}/media?limit=2&access_token={token}");
    for item in stand.get(&first).await.json()["data"].as_array().unwrap() {
        let path = format!("/_sandbox/media/{}", item["id"].as_str().unwrap());
        assert_eq!(stand.call(reqwest::Method::DELETE, &path, None).await.status, 204);
    }

    let body = stand.get(&first).await.json();

    assert_eq!(body["data"].as_array().unwrap().len(), 0);
    assert!(body["paging"]["next"].is_string());
}

#[tokio::test]
async fn a_feed_shows_every_kind_of_post_and_everything_that_can_be_missing() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let fields = "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,\
                  like_count,comments_count,username,alt_text,children{id,media_type,media_url,thumbnail_url}";

    let body = stand.get(&format!("/v26.0/{account}/media?limit=60&fields={fields}&access_token={token}")).await.json();

    let items = body["data"].as_array().unwrap();
    assert_eq!(items.len(), 60);
    let some = |test: &dyn Fn(&Value) -> bool| items.iter().any(test);
    for kind in ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"] {
        assert!(items[..5].iter().any(|item| item["media_type"] == kind), "{kind}");
    }
    assert!(some(&|item| item["media_product_type"] == "REELS"));
    assert!(some(&|item| item["children"]["data"].as_array().is_some_and(|all| all.len() > 1)));
    for field in ["caption", "media_url", "like_count", "alt_text", "thumbnail_url"] {
        assert!(some(&|item| item.get(field).is_none()), "{field} is always there");
        assert!(some(&|item| item.get(field).is_some()), "{field} is never there");
    }
    let caption = |item: &Value| item["caption"].as_str().unwrap_or_default().to_owned();
    assert!(some(&|item| caption(item).chars().count() == 2_200));
    assert!(some(&|item| caption(item).contains('\n')));
    for item in items {
        let id = item["id"].as_str().unwrap();
        assert!(id.len() == 17 && (id.starts_with("179") || id.starts_with("180")), "{id}");
        assert_eq!(item["username"], "powr_io");
    }
}
