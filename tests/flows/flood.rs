//! Strangers ask for ten thousand feeds that no app shows: nothing is written, queued or called for them, and whoever asks
//! for a feed that is shown has it all the while.

use std::fmt::{Display, Formatter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use entities::Db;
use futures_util::{StreamExt, stream};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;

use crate::harness::Service;

const REQUESTS: usize = 10_000;
const AT_ONCE: usize = 64;
/// How often the known feed is asked for before the flood.
const CALM: usize = 200;

/// One of the service's files, watched over one connection.
struct File(Db);

impl File {
    async fn open(service: &Service, name: &str) -> Self {
        Self(Db::connect(&format!("sqlite://{}", service.data().join(name).display())).await.expect("a database"))
    }

    async fn number(&self, query: &str, column: &str) -> i64 {
        let query = Statement::from_string(DbBackend::Sqlite, query);
        let row = self.0.write.query_one_raw(query).await.expect("read").expect("a row");
        i64::from(row.try_get::<i32>("", column).expect("a number"))
    }

    /// Changes with every commit of anybody else.
    async fn version(&self) -> i64 {
        self.number("PRAGMA data_version", "data_version").await
    }

    /// What waits in the queue, but for what its own schedule puts there.
    async fn jobs(&self) -> i64 {
        let schedule = "'push_due', 'probe_incident', 'sweep', 'tell_operator'";
        self.number(&format!("SELECT count(*) AS jobs FROM jobs WHERE name NOT IN ({schedule})"), "jobs").await
    }
}

/// What a stranger asks for, and what the answer's code is.
fn question(number: usize) -> (String, &'static str) {
    match number % 4 {
        0 => (format!("app_id=shop&username_or_hashtag=@stranger{number}"), "feed_not_registered"),
        1 => (format!("app_id=shop&username_or_hashtag=%23tag{number}"), "feed_not_registered"),
        2 => (format!("app_id=nobody{number}&username_or_hashtag=@powr_io"), "app_unknown"),
        _ => (format!("app_id=shop&username_or_hashtag=@&following=stranger{number}"), "feed_not_registered"),
    }
}

#[tokio::test]
async fn ten_thousand_unknown_feeds_cost_no_row_no_job_and_no_call() {
    let service = Service::start().await;
    let run_id = service.exchange("powr_io", "shop").await;
    assert_eq!(service.end_of(&run_id).await["state"], "done");
    let feed = service.ask("shop", "powr_io").await;
    service.end_of(feed.json()["job_id"].as_str().expect("a run")).await;
    let (rows, queue) = (File::open(&service, "feedkeeper.db").await, File::open(&service, "queue.db").await);
    service.stand_ins.forget_calls().await;
    let before = rows.version().await;

    let calm = Times::of_known(&service, |asked| asked == CALM).await;
    let is_over = AtomicBool::new(false);
    let (wrong, flooded) = tokio::join!(
        async {
            let wrong = flood(&service).await;
            is_over.store(true, Ordering::Relaxed);
            wrong
        },
        Times::of_known(&service, |_| is_over.load(Ordering::Relaxed)),
    );

    assert_eq!(wrong, []);
    assert_eq!(rows.version().await, before, "nothing was written");
    assert_eq!(queue.jobs().await, 0);
    assert_eq!(service.stand_ins.calls("").await, Vec::<serde_json::Value>::new());
    assert_eq!(service.ask("shop", "powr_io").await.json()["freshness"]["state"], json!("fresh"));
    println!("a known feed, calm: {calm}\na known feed, in the flood: {flooded}");
    // It asks as often as each of the strangers, one question after the other: half of what each of them gets is fair.
    assert!(flooded.0.len() >= REQUESTS / AT_ONCE / 2, "{flooded}");
}

/// Asks for everything that strangers ask for; returns what was answered otherwise than it should.
async fn flood(service: &Service) -> Vec<(String, String)> {
    stream::iter(0..REQUESTS)
        .map(|number| async move {
            let (query, code) = question(number);
            let answer = service.http.get(&format!("{}/instagram?{query}", service.url)).await;
            ((answer.status, answer.code()) != (404, code.to_owned())).then_some((query, answer.text))
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |wrong| wrong)
        .collect()
        .await
}

/// How long each answer took.
struct Times(Vec<Duration>);

impl Times {
    /// Asks for the known feed, one time after the other, until that is enough; each answer is its body.
    async fn of_known(service: &Service, is_enough: impl Fn(usize) -> bool) -> Self {
        let mut times = Vec::new();
        while !is_enough(times.len()) {
            let start = Instant::now();
            let answer = service.ask("shop", "powr_io").await;
            times.push(start.elapsed());
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        times.sort_unstable();
        Self(times)
    }
}

impl Display for Times {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Self(times) = self;
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        write!(f, "{} answers, p50 {:.1?}, p99 {:.1?}", times.len(), at(50), at(99))
    }
}
