//! The outlet: any account and any hashtag, without anybody's consent.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::Stand;

async fn feed(stand: &Stand, name: &str) -> Value {
    let answer = stand.get(&format!("/outlet/{name}?limit=50")).await;
    assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    answer.json()
}

fn ids(feed: &Value) -> Vec<&str> {
    feed["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whoever_lives_here_has_the_posts_that_meta_shows() {
    let stand = Stand::start().await;
    let published =
        stand.post("/_sandbox/media", json!({"user": "powr_io", "media_type": "IMAGE", "caption": "new"})).await;

    let feed = feed(&stand, "powr_io").await;

    assert_eq!((&feed["account"]["id"], &feed["account"]["media_count"]), (&json!("17841405822304914"), &json!(61)));
    assert_eq!((ids(&feed).len(), ids(&feed)[0]), (50, published.json()["id"].as_str().unwrap()));
    let album = feed["data"].as_array().unwrap().iter().find(|item| item["media_type"] == "CAROUSEL_ALBUM").unwrap();
    let file = album["children"][0]["media_url"].as_str().unwrap().strip_prefix(&stand.base).unwrap();
    assert_eq!(stand.get(file).await.status, 200, "its pictures are there");
}

#[tokio::test]
async fn every_other_name_has_posts_of_its_own_always_the_same() {
    let stand = Stand::start().await;

    let [apple, again, trees, food] = [
        feed(&stand, "apple").await,
        feed(&stand, "Apple").await,
        feed(&stand, "trees").await,
        feed(&stand, "%23food").await,
    ];

    assert_eq!(ids(&apple), ids(&again));
    assert!(ids(&trees).iter().all(|id| !ids(&apple).contains(id)));
    assert_eq!((&apple["account"]["username"], &food["account"]), (&json!("apple"), &json!(null)));
    assert!(food["data"].as_array().unwrap().iter().any(|item| item["caption"].as_str().unwrap().contains("#food")));
}

#[tokio::test]
async fn what_it_does_not_know_is_404_and_faults_meet_it_as_everybody() {
    let stand = Stand::start().await;
    for name in ["nosuchaccount", "%23banned", "a%20b", "a%2fb", "%F0%9F%98%80", ""] {
        assert_eq!(stand.get(&format!("/outlet/{name}")).await.status, 404, "{name}");
    }
    let gone = json!({"state": "deleted"});
    stand.call(Method::PATCH, "/_sandbox/users/natgeo", Some(gone)).await;
    assert_eq!(stand.get("/outlet/natgeo").await.status, 404, "an account that is gone is gone everywhere");
    assert_eq!(stand.get("/outlet/apple?limit=0").await.status, 400);

    let fault = json!({"match": {"service": "outlet"}, "answer": {"status": 503}, "times": 1});
    stand.call(Method::PUT, "/_sandbox/faults/down", Some(fault)).await;
    assert_eq!([stand.get("/outlet/apple").await.status, stand.get("/outlet/apple").await.status], [503, 200]);
    let calls = stand.get("/_sandbox/calls?path_contains=/outlet/apple").await.json();
    assert_eq!(
        (&calls[0]["service"], &calls[1]["status"], &calls[2]["status"]),
        (&json!("outlet"), &json!(503), &json!(200))
    );
}
