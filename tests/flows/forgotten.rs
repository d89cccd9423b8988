//! Who wants to be forgotten is: no trace of their ids in the database's files, in the queue's or in what was logged. (For
//! several processes: `cluster::forgotten`.)

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::leaks::{IDS, files_below, holds, ids_in};
use crate::harness::{Http, Service, within_reason};

const DAY: i64 = 86_400;

/// Where each of them stands in what a service has written.
fn found(service: &Service) -> Vec<String> {
    // The stand-ins are Meta's side: they may know whom they like.
    let files = files_below(service.data(), &["sandbox", "meta"]).into_iter();
    let found = files.flat_map(|file| {
        let bytes = std::fs::read(&file).expect("read");
        let renamed = holds(&bytes, RENAMED).then_some(RENAMED);
        ids_in(&bytes).chain(renamed).map(|id| format!("{id} in {}", file.display())).collect::<Vec<_>>()
    });
    found.collect()
}

/// What the account is called in the end, but for its capitals.
const RENAMED: &str = "powr.renamed";

/// Another app connects the account, and disconnects it again.
async fn disconnect_another(service: &Service) {
    let run = service.exchange("powr_io", "other").await;
    let end = service.end_of(&run).await;
    let id = end["result"]["install_id"].as_str().unwrap_or_else(|| panic!("{end}"));
    let url = format!("{}/v1/apps/other/installs/{id}", service.url);
    assert_eq!(service.http.send(Method::DELETE, &url, &[], None).await.status, 204);
}

/// The account gets another name, which is noticed when it is read with its feed.
async fn rename(service: &Service) {
    service.stand_ins.rename("powr_io", RENAMED).await;
    service.stand_ins.advance(2 * DAY).await;
    let url = format!("{}/instagram?app_id=shop&username_or_hashtag=@{RENAMED}", service.url);
    let asked = service.http.get(&url).await;
    service.end_of(asked.json()["job_id"].as_str().unwrap_or_else(|| panic!("{}", asked.text))).await;
    assert_eq!(service.http.get(&url).await.json()["account"]["username"], RENAMED);
}

/// A connection with all that a life brings: feeds, a hashtag, allowances that are used, two letters, a token that was killed.
async fn live(service: &Service) {
    let app =
        json!({"user": "owner", "app_type": "socialFeed", "feeds": ["#food"], "owner_email": "owner@shop.example"});
    let put = service.http.put_json(&format!("{}/v1/apps/shop", service.url), &app).await;
    assert!(put.status < 300, "{}", put.text);
    service.stand_ins.patch("powr_io", json!({"usage_percent": 50})).await;
    let run = service.exchange("powr_io", "shop").await;
    assert_eq!(service.end_of(&run).await["state"], "done");
    for key in ["@powr_io", "%23food"] {
        let url = format!("{}/instagram?app_id=shop&username_or_hashtag={key}", service.url);
        let asked = service.http.get(&url).await;
        service.end_of(asked.json()["job_id"].as_str().unwrap_or_else(|| panic!("{}", asked.text))).await;
        assert_eq!(service.http.get(&url).await.status, 200, "{key}");
    }
    disconnect_another(service).await;
    rename(service).await;
    service.stand_ins.advance(81 * DAY).await;
    service.stand_ins.advance(10 * DAY).await;
    assert_eq!(service.stand_ins.mails().await.len(), 2);
    service.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    service.stand_ins.advance(DAY).await;
}

#[tokio::test]
async fn after_a_deletion_no_trace_of_the_ids_is_left_anywhere() {
    let service = Service::start_with(&[("RUST_LOG", "debug"), ("DEMO", "off")], Http::new()).await;
    live(&service).await;
    assert!(found(&service).len() >= IDS.len(), "there is something to forget: {:?}", found(&service));

    let callback = json!({"user": "powr_io", "url": format!("{}/meta/data-deletion", service.url)});
    let sent = service.http.post_json(&format!("{}/_sandbox/callbacks", service.stand_ins.url), &callback).await;
    let body: Value = sent.json()["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).expect("JSON");
    let page = body["url"].as_str().expect("an address").to_owned();
    within_reason(async {
        while service.http.get(&page).await.attribute("data-state") != "done" {
            tokio::task::yield_now().await;
        }
    })
    .await;

    assert_eq!(found(&service), Vec::<String>::new());
}
