//! `feedkeeper jobs dead`.

use std::time::Duration;

use queue::sqlite::SqliteStore;
use queue::store::{BATCH, Ending, Finished, NewJob, Turn};
use queue::{Death, Lane, Store};
use tempfile::TempDir;

use super::run;

/// A folder with a queue in which jobs are buried.
async fn folder(kinds: &[(&str, usize)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("queue.db")).await.expect("a queue");
    graveyard(store.as_ref(), kinds).await;
    folder
}

/// Buries jobs of each kind, the last of them 3 days after the others.
pub(crate) async fn graveyard(store: &dyn Store, kinds: &[(&str, usize)]) {
    for (number, (kind, count)) in (1_u64..).zip(kinds) {
        if number == kinds.len() as u64 {
            store.set_offset(3 * 86_400_000).await.expect("moved");
        }
        let job = |i| NewJob {
            id: format!("{kind}{i}"),
            lane: Lane::Default,
            name: (*kind).to_owned(),
            key: (i == 0).then(|| format!("{kind}:first")),
            payload: r#"{"feed_id":"f1"}"#.to_owned(),
            delay: Duration::ZERO,
            trace: None,
        };
        let jobs: Vec<_> = (0..*count).map(job).collect();
        for (page, jobs) in (0..).zip(jobs.chunks(BATCH)) {
            store.push(jobs).await.expect("pushed");
            let turn = |step, finished, want| Turn {
                worker: "gravedigger".to_owned(),
                lane: Lane::Default,
                number: 1_000 * number + 2 * page + step,
                finished,
                want,
                suspect: false,
                lease: Duration::from_secs(30),
            };
            let claimed = store.turn(&turn(0, Vec::new(), BATCH)).await.expect("claimed").claimed;
            let death = Death::Attempts("no\nluck".to_owned());
            let dead = |held| Finished { held, ending: Ending::Dead { attempts: 3, death: death.clone() } };
            let finished = claimed.into_iter().map(|claimed| dead(claimed.held)).collect();
            store.turn(&turn(1, finished, 0)).await.expect("buried");
        }
    }
}

#[tokio::test]
async fn the_dead_are_listed_for_people_and_for_machines() {
    let folder = folder(&[("old_job", 2), ("fetch_feed", 1)]).await;

    let table = run(folder.path(), &["jobs", "dead", "list"]).await;
    let old = run(folder.path(), &["jobs", "dead", "list", "--older", "2d", "--json", "--limit", "1"]).await;
    let none = run(folder.path(), &["jobs", "dead", "list", "--kind", "fetch_feeds"]).await;

    let lines: Vec<_> = table.out.lines().collect();
    assert_eq!((table.code, lines.len()), (Some(0), 4), "{}", table.err);
    assert!(lines[0].starts_with("id") && lines[1].starts_with("fetch_feed0"), "{}", table.out);
    assert!(lines[1].ends_with("no luck") && lines[2].contains("3d ago"), "{}", table.out);
    let [old_job] = &old.objects()[..] else { panic!("one job: {}", old.out) };
    assert_eq!((&old_job["kind"], &old_job["payload"]["feed_id"]), (&"old_job".into(), &"f1".into()));
    assert!(old.err.contains("these are the latest 1, and there are more"), "{}", old.err);
    assert!(none.err.contains("none of the dead is meant; there are: 1 fetch_feed, 2 old_job"), "{}", none.err);
}

#[tokio::test]
async fn what_is_deleted_is_counted_before_and_after() {
    let folder = folder(&[("old_job", 1_200), ("fetch_feed", 2)]).await;

    let kept = run(folder.path(), &["jobs", "dead", "delete", "--kind", "fetch_feed", "--older", "2d"]).await;
    let gone = run(folder.path(), &["jobs", "dead", "delete", "--older", "2d"]).await;
    let left = run(folder.path(), &["jobs", "dead", "list", "--json"]).await;

    assert_eq!(kept.out, "deleted 0 dead jobs\n", "{}", kept.err);
    assert_eq!(gone.out, "deleted 1200 dead jobs\n");
    assert!(gone.err.contains("found 1200 dead jobs: 1200 old_job"), "{}", gone.err);
    assert_eq!(left.objects().len(), 2, "{}", left.out);
}

#[tokio::test]
async fn what_is_retried_waits_for_a_worker_again_unless_its_key_is_taken() {
    let folder = folder(&[("old_job", 3)]).await;
    let store = SqliteStore::open_producer(&folder.path().join("queue.db")).await.expect("a queue");
    let live = NewJob {
        id: "live".to_owned(),
        lane: Lane::Bulk,
        name: "old_job".to_owned(),
        key: Some("old_job:first".to_owned()),
        payload: "{}".to_owned(),
        delay: Duration::ZERO,
        trace: None,
    };
    store.push(&[live]).await.expect("pushed");

    let retried = run(folder.path(), &["jobs", "dead", "retry"]).await;
    let stats = run(folder.path(), &["queue", "stats", "default", "--json"]).await.objects();

    assert_eq!(retried.out, "retried 2 dead jobs\n", "{}", retried.err);
    assert!(retried.err.contains("1 stays dead: a live job holds its key"), "{}", retried.err);
    assert_eq!((&stats[0]["waiting"], &stats[0]["dead"]), (&2.into(), &1.into()), "{stats:?}");
}

#[tokio::test]
async fn who_comes_second_to_the_dead_is_told_so() {
    let folder = folder(&[("old_job", 5_000)]).await;

    let retry = ["jobs", "dead", "retry"];
    let both = tokio::join!(run(folder.path(), &retry), run(folder.path(), &retry));

    let retried = [&both.0, &both.1].map(|one| {
        assert!(!one.err.contains("a live job holds") && !one.err.contains("live jobs hold"), "{}", one.err);
        let count =
            one.out.trim_start_matches("retried ").split(' ').next().and_then(|count| count.parse::<usize>().ok());
        count.unwrap_or_else(|| panic!("{}{}", one.out, one.err))
    });
    assert_eq!(retried.iter().sum::<usize>(), 5_000, "{retried:?}");
}
