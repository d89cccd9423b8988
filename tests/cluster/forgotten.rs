//! Who wants to be forgotten is, where several processes work: in the database, on Redis and in every process's log.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::harness::leaks::{IDS, ids_in};
use crate::harness::{Cluster, within_reason};

/// All that the database holds: the files themselves, or every row of every table.
async fn database(cluster: &Cluster) -> Vec<u8> {
    if cluster.is_on_a_file() {
        let files = std::fs::read_dir(cluster.data()).expect("a folder").map(|file| file.expect("a file").path());
        return files.filter(|file| file.is_file()).flat_map(|file| std::fs::read(file).expect("read")).collect();
    }
    let db = cluster.db().await.read;
    let ask = async |sql: String| {
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("answered");
        rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a text")).collect::<Vec<_>>()
    };
    let mut text = Vec::new();
    for table in ask("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'".to_owned()).await {
        text.extend(ask(format!("SELECT t::text FROM \"{table}\" AS t")).await.concat().into_bytes());
    }
    assert!(!text.is_empty());
    text
}

/// Where each of the ids stands.
async fn found(cluster: &Cluster) -> Vec<String> {
    let places = [
        ("the database", database(cluster).await),
        ("what Redis has ever written", cluster.redis.everything()),
        ("the logs", cluster.logs().into_bytes()),
    ];
    assert!(places.iter().all(|(_, text)| !text.is_empty()), "there is something to look at");
    places.iter().flat_map(|(place, text)| ids_in(text).map(move |id| format!("{id} in {place}"))).collect()
}

#[tokio::test]
async fn no_trace_of_the_ids_is_left_in_any_part() {
    let cluster = Cluster::start_with(1, 2, &[("RUST_LOG", "debug")]).await;
    cluster.stand_ins.patch("powr_io", json!({"usage_percent": 50})).await;
    let run = cluster.exchange(0, "powr_io", "shop").await;
    assert_eq!(cluster.end_of(0, &run).await["state"], "done");
    cluster.feed(0, "shop", "powr_io").await;
    assert!(found(&cluster).await.len() >= IDS.len(), "there is something to forget: {:?}", found(&cluster).await);

    let callback = json!({"user": "powr_io", "url": format!("{}/meta/data-deletion", cluster.apis[0])});
    let sent = cluster.http.post_json(&format!("{}/_sandbox/callbacks", cluster.stand_ins.url), &callback).await;
    let body: Value = sent.json()["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).expect("JSON");
    let page = body["url"].as_str().expect("an address").to_owned();
    within_reason(async {
        while cluster.http.get(&page).await.attribute("data-state") != "done" {
            tokio::task::yield_now().await;
        }
    })
    .await;

    assert_eq!(found(&cluster).await, Vec::<String>::new());
}
