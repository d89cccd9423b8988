//! The main job over HTTP alone.

use serde_json::json;

use crate::harness::Service;

#[tokio::test]
async fn a_token_becomes_a_feed_over_http_alone() {
    let service = Service::start().await;

    let run_id = service.exchange("powr_io", "w1").await;
    let run = service.end_of(&run_id).await;
    let pending = service.ask("w1", "powr_io").await;
    let fetched = service.end_of(pending.json()["job_id"].as_str().expect("a run")).await;
    let feed = service.ask("w1", "powr_io").await;

    assert_eq!(run["state"], "done", "{run}");
    assert_eq!(pending.status, 202);
    assert_eq!(fetched["state"], "done", "{fetched}");
    assert_eq!(feed.status, 200);
    assert_eq!(feed.json()["data"].as_array().map(Vec::len), Some(50));
    let picture = feed.json()["data"].as_array().and_then(|items| {
        items
            .iter()
            .find(|item| item["media_type"] == "IMAGE")
            .and_then(|item| item["media_url"].as_str().map(str::to_owned))
    });
    assert_eq!(service.http.get(&picture.expect("a picture")).await.status, 200);
    assert_eq!(service.stop().await, Some(0), "SIGTERM is a clean end");
}

#[tokio::test]
async fn of_two_pages_one_is_chosen() {
    let service = Service::start().await;
    let run_id = service.exchange("two_pages", "w1").await;
    let choice = service.end_of(&run_id).await;
    let pages = choice["error"]["pages"].as_array().expect("pages").clone();

    let page_id = pages[1]["id"].as_str().expect("an id");
    let taken =
        service.http.post_json(&format!("{}/jobs/{run_id}/page", service.url), &json!({"page_id": page_id})).await;
    let run = service.end_of(&run_id).await;

    assert_eq!((choice["error"]["code"].as_str(), taken.status), (Some("choose_page"), 202));
    assert_eq!(run["result"]["page"]["id"], page_id);
}

#[tokio::test]
async fn no_token_is_in_the_log_or_in_the_clear_on_disk() {
    let service = Service::start().await;
    for (user, state) in [("powr_io", "done"), ("two_pages", "failed"), ("no_role", "failed")] {
        let run_id = service.exchange(user, "w1").await;
        assert_eq!(service.end_of(&run_id).await["state"], state);
    }
    let feed = service.ask("w1", "powr_io").await;
    service.end_of(feed.json()["job_id"].as_str().expect("a run")).await;

    for file in ["log", "feedkeeper.db", "feedkeeper.db-wal", "queue.db", "queue.db-wal"] {
        let bytes = std::fs::read(service.data().join(file)).expect("a file of the service");
        assert!(!holds_a_token(&bytes), "{file} holds a token");
    }
}

/// Whether a text holds one of the stand-ins' tokens: `EAA` and then letters and digits only, far more than the 60 that
/// sealed texts, which have other characters too, hold in a row.
fn holds_a_token(bytes: &[u8]) -> bool {
    let is_token =
        |rest: &[u8]| rest.starts_with(b"EAA") && rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count() > 100;
    (0..bytes.len()).any(|start| is_token(&bytes[start..]))
}

#[tokio::test]
async fn a_token_of_the_stand_ins_would_be_found() {
    let service = Service::start().await;
    assert!(holds_a_token(service.stand_ins.mint("powr_io").await.as_bytes()));
}
