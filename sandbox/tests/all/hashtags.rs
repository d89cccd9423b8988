//! Hashtags: their ids, their posts, and what may be asked of those.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::{Answer, DAY_S, Stand};

const POWR: &str = "17841405822304914";
const FIELDS: &str = "id,caption,comments_count,like_count,media_type,media_url,permalink,timestamp,\
                      children%7Bid,media_type,media_url,permalink%7D";

async fn search(stand: &Stand, token: &str, account: &str, q: &str) -> Answer {
    stand.get(&format!("/v26.0/ig_hashtag_search?user_id={account}&q={q}&access_token={token}")).await
}

async fn id(stand: &Stand, token: &str, account: &str, q: &str) -> String {
    let answer = search(stand, token, account, q).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"][0]["id"].as_str().unwrap().to_owned()
}

async fn list(stand: &Stand, token: &str, edge: &str, more: &str) -> Vec<Value> {
    let answer = stand.get(&format!("/v26.0/{edge}?user_id={POWR}&access_token={token}&{more}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"].as_array().unwrap().clone()
}

async fn post(stand: &Stand, body: Value) -> String {
    stand.post("/_sandbox/media", body).await.json()["id"].as_str().unwrap().to_owned()
}

fn time(item: &Value) -> i64 {
    let text = item["timestamp"].as_str().unwrap().replace("+0000", "+00:00");
    chrono::DateTime::parse_from_rfc3339(&text).unwrap().timestamp()
}

#[tokio::test]
async fn a_tag_has_one_id_for_every_account_case_and_start() {
    let stand = Stand::start().await;
    let (powr, _) = stand.page_token("powr_io").await;
    let harbor = stand.long_token("two_pages").await;

    let food = id(&stand, &powr, POWR, "food").await;

    assert!(food.len() == 17 && food.starts_with("1784"), "{food}");
    assert_eq!(id(&stand, &harbor, "17841431200450078", "FoOd").await, food);
    assert_ne!(id(&stand, &powr, POWR, "foods").await, food);
    assert_eq!(search(&stand, &powr, POWR, "food").await.json(), json!({ "data": [{ "id": food }] }));
    let named = search(&stand, &powr, POWR, "FOOD&fields=name").await.json();
    assert_eq!(named, json!({ "data": [{ "id": food, "name": "food" }] }));
    let cold = id(&stand, &powr, POWR, "ein_seltener_name").await;

    let stand = stand.crash().await;

    assert_eq!(id(&stand, &powr, POWR, "food").await, food);
    let node = stand.get(&format!("/v26.0/{cold}?fields=id,name&access_token={powr}")).await.json();
    assert_eq!(node, json!({ "id": cold, "name": "ein_seltener_name" }));
    assert_eq!(stand.get(&format!("/v26.0/17840000000000000?access_token={powr}")).await.error(), (400, 100, 33));
}

#[tokio::test]
async fn recent_media_is_the_last_day_alone_and_in_no_order() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    let food = id(&stand, &token, POWR, "food").await;
    let mine = post(&stand, json!({ "user": "powr_io", "caption": "Lunch! #Food" })).await;
    let other = post(&stand, json!({ "user": "natgeo", "caption": "#foodie" })).await;

    let recent = list(&stand, &token, &format!("{food}/recent_media"), &format!("limit=50&fields={FIELDS}")).await;

    let ids: Vec<_> = recent.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert!(ids.len() > 5 && !ids.contains(&other.as_str()));
    let now_s = recent.iter().map(time).max().unwrap();
    assert!(recent.iter().all(|item| time(item) > now_s - DAY_S - 10));
    assert!(!recent.iter().map(time).is_sorted_by(|one, next| one >= next));
    assert!(recent.iter().all(|item| item["caption"].as_str().unwrap().to_lowercase().contains("#food")));
    let edge = format!("{food}/recent_media");
    assert!(all_ids(&stand, &token, &edge).await.contains(&mine));
    stand.call(Method::DELETE, &format!("/_sandbox/media/{mine}"), None).await;
    assert!(!all_ids(&stand, &token, &edge).await.contains(&mine));
    let before = all_ids(&stand, &token, &edge).await;
    stand.advance(DAY_S).await;
    assert!(before.is_disjoint(&all_ids(&stand, &token, &edge).await));
}

#[tokio::test]
async fn top_media_goes_by_popularity_and_has_no_end_in_time() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    let tag = id(&stand, &token, POWR, "quiet_coffee").await;
    let loved = json!({ "user": "two_pages", "caption": "#quiet_coffee", "like_count": 90_000_000 });
    let famous = post(&stand, loved).await;
    let edge = format!("{tag}/top_media");
    let first = format!("/v26.0/{edge}?user_id={POWR}&fields={FIELDS}&access_token={token}");

    let page = stand.get(&first).await.json();
    let next = stand.get(page["paging"]["next"].as_str().unwrap()).await.json();

    let top = page["data"].as_array().unwrap();
    assert_eq!((top.len(), &top[0]["id"]), (25, &json!(famous)));
    let next = next["data"].as_array().unwrap();
    let worst = |items: &[Value]| items.iter().filter_map(|item| item["like_count"].as_i64()).min();
    let best = |items: &[Value]| items.iter().filter_map(|item| item["like_count"].as_i64()).max();
    assert!(worst(top) > worst(next) && best(top) > best(next), "{next:?}");
    assert!(top.iter().any(|item| time(item) < time(&top[0]) - 30 * DAY_S));
    stand.advance(40 * DAY_S).await;
    let later = list(&stand, &token, &edge, &format!("fields={FIELDS}")).await;
    assert_eq!(later[0]["id"], famous.as_str());
    assert_eq!(list(&stand, &token, &edge, "").await[0], json!({ "id": famous }));
}

#[tokio::test]
async fn a_quiet_tag_has_a_top_and_no_last_day_until_somebody_posts() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    let tag = id(&stand, &token, POWR, "quietgarden").await;
    let recent = format!("{tag}/recent_media");

    let empty = stand.get(&format!("/v26.0/{recent}?user_id={POWR}&access_token={token}")).await;
    assert_eq!(empty.json(), json!({ "data": [] }));
    let top = list(&stand, &token, &format!("{tag}/top_media"), "fields=timestamp&limit=50").await;
    assert!(top.len() >= 25);

    let mine = post(&stand, json!({ "user": "powr_io", "caption": "Shh. #QuietGarden" })).await;
    assert_eq!(list(&stand, &token, &recent, "").await, [json!({ "id": mine })]);
    stand.patch("powr_io", json!({ "state": "deleted" })).await;
    let natgeo = stand.long_token("natgeo").await;
    let path = format!("/v26.0/{recent}?user_id=17841400573960012&access_token={natgeo}");
    assert_eq!(stand.get(&path).await.json(), json!({ "data": [] }));
}

#[tokio::test]
async fn exactly_the_documented_fields_can_be_asked() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    let tag = id(&stand, &token, POWR, "quiet_design").await;
    let ask = |list: &str, fields: &str| {
        format!("/v26.0/{list}?user_id={POWR}&limit=50&fields={fields}&access_token={token}")
    };

    for field in [
        "username",
        "owner",
        "thumbnail_url",
        "alt_text",
        "media_product_type",
        "shortcode",
        "comments",
        "colour",
        "children%7Bcaption%7D",
    ] {
        let answer = stand.get(&ask(&format!("{tag}/top_media"), field)).await;
        assert_eq!(answer.error(), (400, 100, 0), "{field}");
        assert!(answer.text().contains("nonexisting field"), "{field}");
    }
    let quiet = id(&stand, &token, POWR, "quiet").await;
    assert_eq!(stand.get(&ask(&format!("{quiet}/recent_media"), "username")).await.error(), (400, 100, 0));

    let top = stand.get(&ask(&format!("{tag}/top_media"), FIELDS)).await.json();
    let items = top["data"].as_array().unwrap();
    let albums: Vec<_> = items.iter().filter(|item| item["media_type"] == "CAROUSEL_ALBUM").collect();
    assert!(!albums.is_empty() && albums.len() < items.len());
    for item in items {
        let is_album = item["media_type"] == "CAROUSEL_ALBUM";
        assert_eq!(item.get("children").is_some(), is_album);
        assert!(!is_album || item.get("media_url").is_none());
    }
    assert!(albums.iter().all(|album| album["children"]["data"].as_array().unwrap().len() > 1));
    let hides = |field: &str| items.iter().any(|item| item.get(field).is_none());
    assert!(hides("like_count"));
    assert!(items.iter().any(|item| item["media_type"] != "CAROUSEL_ALBUM" && item.get("media_url").is_none()));
    let picture = items.iter().find_map(|item| item["media_url"].as_str()).unwrap();
    assert_eq!(stand.get(picture).await.status, 200);
    let stranger = items[0]["id"].as_str().unwrap();
    assert_eq!(stand.get(&format!("/v26.0/{stranger}?access_token={token}")).await.error(), (400, 100, 33));
}

#[tokio::test]
async fn pages_hold_fifty_and_one_cursor_leads_through_all_of_them() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    let tag = id(&stand, &token, POWR, "quiet_crowd").await;
    let mut posted = HashSet::new();
    for _ in 0..60 {
        posted.insert(post(&stand, json!({ "user": "powr_io", "caption": "#quiet_crowd" })).await);
    }

    let ask = |limit: &str| format!("/v26.0/{tag}/recent_media?user_id={POWR}&limit={limit}&access_token={token}");
    let first = stand.get(&ask("1000")).await.json();
    assert_eq!(first["data"].as_array().unwrap().len(), 50);
    assert!(first["paging"]["cursors"].get("before").is_none());
    let second = stand.get(first["paging"]["next"].as_str().unwrap()).await.json();
    assert_eq!(second["data"].as_array().unwrap().len(), 10);
    assert_eq!(second["paging"]["cursors"], first["paging"]["cursors"]);
    assert!(second["paging"].get("next").is_none());
    assert_eq!(all_ids(&stand, &token, &format!("{tag}/recent_media")).await, posted);

    let cursor = first["paging"]["cursors"]["after"].as_str().unwrap();
    let beyond = stand.get(&format!("{}&after={cursor}", ask("5"))).await;
    assert_eq!(beyond.json(), json!({ "data": [] }));
    let foreign = format!("/v26.0/{tag}/top_media?user_id={POWR}&after={cursor}&access_token={token}");
    assert_eq!(stand.get(&foreign).await.error(), (400, 100, 0));
    assert_eq!(stand.get(&ask("0")).await.error(), (400, 100, 0));
}

#[tokio::test]
async fn the_people_here_tag_their_posts_too() {
    let stand = Stand::start().await;
    for user in ["powr_io", "natgeo", "two_pages", "in_business"] {
        let (token, account) = stand.page_token(user).await;
        let path = format!("/v26.0/{account}/media?limit=200&fields=caption&access_token={token}");
        assert!(stand.get(&path).await.text().contains("#food"), "{user}");
    }
}

/// Follows a list to its end.
async fn all_ids(stand: &Stand, token: &str, edge: &str) -> HashSet<String> {
    let mut next = format!("/v26.0/{edge}?user_id={POWR}&limit=20&access_token={token}");
    let mut ids = HashSet::new();
    loop {
        let body = stand.get(&next).await.json();
        for item in body["data"].as_array().unwrap() {
            assert!(ids.insert(item["id"].as_str().unwrap().to_owned()), "{item} came twice");
        }
        let Some(link) = body["paging"]["next"].as_str() else { return ids };
        link.clone_into(&mut next);
    }
}
