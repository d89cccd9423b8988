//! The database is away while everything runs. On SQLite it is a file, and is not.

use serde_json::json;

use crate::harness::Cluster;

#[tokio::test]
async fn while_the_database_is_away_routes_say_so_and_work_waits() {
    let mut cluster = Cluster::start(1, 2).await;
    let hang = json!({"hang_ms": 600_000});
    cluster.stand_ins.fault("hang", json!({"path_contains": "debug_token"}), hang).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.stand_ins.wait_for_call("debug_token").await;

    cluster.postgres().admit(false).await;
    cluster.until_part("database", "down").await;
    let ready = cluster.ready(0).await;
    let route = cluster.http.get(&format!("{}/jobs/{run_id}", cluster.apis[0])).await;
    cluster.stand_ins.mend("hang").await;
    cluster.postgres().admit(true).await;
    cluster.until_part("database", "ok").await;
    cluster.advance(60).await;

    assert_eq!((ready.status, ready.json()["parts"]["database"]["status"].as_str()), (503, Some("down")));
    assert_eq!(ready.json()["parts"]["queue"]["status"], "ok");
    assert_eq!(route.status, 503, "{}", route.text);
    assert_eq!(cluster.end_of(0, &run_id).await["state"], "done");
    cluster.assert_all_live();
}
