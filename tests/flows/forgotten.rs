//! Who wants to be forgotten is: no trace of their ids in the database, in the queue or in what was logged.

use serde_json::json;

use crate::harness::leaks::files_below;
use crate::harness::{Http, Service, within_reason};

/// The ids of a person of the stand-ins, of the Page and of the account, and the account's name.
const IDS: [&str; 4] = ["10229874512345601", "104523987612345", "17841405822304914", "powr_io"];

/// Where each of them stands in what a service has written.
fn found(service: &Service) -> Vec<String> {
    let mut found = Vec::new();
    // The stand-ins are Meta's side: they may know whom they like.
    for file in files_below(service.data(), &["sandbox", "meta"]) {
        let bytes = std::fs::read(&file).expect("read");
        for id in IDS {
            if bytes.windows(id.len()).any(|part| part == id.as_bytes()) {
                found.push(format!("{id} in {}", file.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn after_a_deletion_no_trace_of_the_ids_is_left_anywhere() {
    let service = Service::start_with(&[("RUST_LOG", "debug"), ("DEMO", "off")], Http::new()).await;
    let run = service.exchange("powr_io", "shop").await;
    assert_eq!(service.end_of(&run).await["state"], "done");
    let asked = service.ask("shop", "powr_io").await;
    service.end_of(asked.json()["job_id"].as_str().expect("a run")).await;
    assert_eq!(service.ask("shop", "powr_io").await.status, 200);
    assert!(found(&service).len() >= IDS.len(), "there is something to forget: {:?}", found(&service));

    let callback = json!({"user": "powr_io", "url": format!("{}/meta/data-deletion", service.url)});
    let sent = service.http.post_json(&format!("{}/_sandbox/callbacks", service.stand_ins.url), &callback).await;
    let body = sent.json()["body"].as_str().map(str::to_owned).unwrap_or_default();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{}", sent.text));
    let page = body["url"].as_str().expect("an address").to_owned();
    within_reason(async {
        while service.http.get(&page).await.attribute("data-state") != "done" {
            tokio::task::yield_now().await;
        }
    })
    .await;

    assert_eq!(found(&service), Vec::<String>::new());
}
