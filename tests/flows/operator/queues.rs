//! `feedkeeper queue` beside a running service.

use tempfile::TempDir;

use super::run;
use crate::harness::Service;

#[tokio::test]
async fn a_paused_queue_gives_nothing_out_until_it_is_resumed() {
    let service = Service::start().await;
    let folder = service.folder.path();

    let paused = run(folder, &["queue", "pause"]).await;
    let run_id = service.exchange("powr_io", "w1").await;
    let held = service.http.get(&format!("{}/jobs/{run_id}?wait=1", service.url)).await.json();
    let stats = run(folder, &["queue", "stats", "--json", "interactive"]).await;
    let table = run(folder, &["queue", "stats"]).await;
    let resumed = run(folder, &["queue", "resume"]).await;
    let end = service.end_of(&run_id).await;

    assert_eq!((paused.code, paused.out.lines().count()), (Some(0), 3), "{}", paused.err);
    assert!(paused.out.starts_with("paused interactive: 0 due"), "{}", paused.out);
    assert_eq!(held["state"], "queued");
    let [stats] = &stats.objects()[..] else { panic!("one queue: {}", stats.out) };
    assert_eq!((&stats["queue"], &stats["paused"]), (&"interactive".into(), &true.into()));
    assert_eq!((&stats["waiting"], stats["oldest_s"].is_u64()), (&1.into(), true), "{stats}");
    assert_eq!(table.out.lines().next(), Some("queue        waiting  delayed  running  dead  oldest  state"));
    assert!(table.out.lines().nth(1).is_some_and(|line| line.ends_with("paused")), "{}", table.out);
    assert_eq!(resumed.out.lines().count(), 3, "{}", resumed.err);
    assert_eq!(end["state"], "done", "{end}");
}

#[tokio::test]
async fn wrong_names_are_answered_with_the_right_ones() {
    let folder = TempDir::new().expect("a folder");
    for (args, says) in [
        (&["queue", "pause", "fast"][..], "`fast` is no queue: use interactive, default or bulk"),
        (&["queue", "stats"], "there is no queue at"),
        (&["jobs", "dead", "delete", "--older", "2w"], "an age is a number and its unit: 90s, 15m, 6h or 2d"),
    ] {
        let said = run(folder.path(), args).await;
        assert!(said.code != Some(0) && said.out.is_empty(), "{args:?}");
        assert!(said.err.contains(says), "{args:?}: {}", said.err);
    }
    assert!(!folder.path().join("queue.db").exists(), "looking makes no queue");
}
