//! A deployment in the matrix, round by round.

use std::time::Duration;

use chrono::TimeDelta;
use entities::feed;
use queue::Store;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::timer::pass;
use super::work::{Door, SHOP};
use super::{Dice, Fault, Injector, Ledger, Report, Stream};
use crate::harness::{Cluster, Postgres, PostgresServer, within_reason};

/// How long Meta takes for an answer: long enough that faults meet work in its middle.
const META_TAKES_MS: u64 = 250;
/// The longest that work may take once the faults are over: two ticks of `push_due`, and what it takes itself.
const LONGEST: Duration = Duration::from_mins(4);
/// The same where the clock is moved to these ticks.
const LONGEST_BY_TICK: Duration = Duration::from_secs(10);
/// How far the times are apart at which feeds are due again.
const SPREAD: TimeDelta = TimeDelta::seconds(60);

pub(crate) struct Matrix {
    pub report: Report,
    cluster: Cluster,
    injector: Injector,
    /// Whether the clock is moved, once the faults are over, to the ticks that bring back what the queue lost.
    moves_clock: bool,
    feeds: Vec<String>,
}

impl Matrix {
    /// Starts two APIs and three workers on a database such as the pass has, for a run that is over soon: on PostgreSQL it
    /// is a server of their own where one can be started, for others use that of the pass.
    pub(crate) async fn short(seed: u64, hashtags: usize) -> Self {
        let server = (Postgres::is_named() && PostgresServer::is_installed()).then(PostgresServer::start);
        let postgres = match &server {
            Some(server) => Some(Postgres::on(&server.url).await),
            None => Postgres::start().await,
        };
        let injector = Injector::new(Dice::of_seed(seed), 200..900, server);
        Self::on(Cluster::prepare_on(postgres).await, injector, seed, hashtags, true).await
    }

    /// Starts them on a PostgreSQL of their own, and leaves the clock alone.
    pub(crate) async fn long(seed: u64, hashtags: usize) -> Self {
        let server = PostgresServer::start();
        let cluster = Cluster::prepare_on(Some(Postgres::on(&server.url).await)).await;
        let injector = Injector::new(Dice::of_seed(seed), 200..1800, Some(server));
        Self::on(cluster, injector, seed, hashtags, false).await
    }

    async fn on(mut cluster: Cluster, injector: Injector, seed: u64, hashtags: usize, moves_clock: bool) -> Self {
        cluster.redis.start();
        cluster.env.push(("RUST_LOG".to_owned(), "info".to_owned()));
        for _ in 0..2 {
            cluster.add_api(&[]).await;
        }
        for _ in 0..3 {
            cluster.add_worker(&[]).await;
        }
        for user in ["powr_io", "natgeo"] {
            let run_id = cluster.exchange(0, user, SHOP).await;
            assert_eq!(cluster.end_of(0, &run_id).await["state"], "done");
        }
        let feeds: Vec<_> = (0..hashtags).map(|number| format!("#tag{number}")).collect();
        let matrix = Self { report: Report { seed, ..Report::default() }, cluster, injector, moves_clock, feeds };
        matrix.door().open_shop(&matrix.feeds).await;
        matrix.cluster.stand_ins.forget_calls().await;
        let takes = json!({"hang_ms": META_TAKES_MS});
        matrix.cluster.stand_ins.fault("as far away as Meta", json!({"service": "graph"}), takes).await;
        matrix
    }

    /// Every kind of fault that this deployment can have, once each, in an order by chance.
    pub(crate) fn one_of_each(&mut self) -> Vec<Fault> {
        let mut faults = Fault::ALL.to_vec();
        if self.cluster.is_on_a_file() {
            // The report lists what there was instead.
            faults.retain(|fault| !fault.is_of_postgres());
            faults.extend([Fault::KillWorker, Fault::CrashRedis]);
        }
        self.injector.dice.shuffle(&mut faults);
        faults
    }

    /// So many faults, by chance; or only of those that interrupt no work, after which nothing may be begun again at all.
    pub(crate) fn any(&mut self, number: usize, is_harmless: bool) -> Vec<Fault> {
        let mut faults = Fault::ALL.to_vec();
        faults.retain(|fault| !(is_harmless && fault.interrupts_work()));
        (0..number).map(|_| self.injector.dice.one_of(&faults)).collect()
    }

    /// Injects faults while work comes in, then lets all of it end, and counts.
    pub(crate) async fn round(&mut self, faults: &[Fault]) {
        let first =
            u64::try_from(self.report.exchanges + self.report.unanswered + self.report.refused).expect("a number");
        let dice = Dice::of_seed(self.injector.dice.number(0..u64::MAX));
        let stream = Stream::start(self.door(), dice, std::mem::take(&mut self.feeds), first);
        let mut interrupted = 0;
        for fault in faults {
            let running = self.injector.inject(&mut self.cluster, *fault).await;
            self.report.injected(*fault, running);
            interrupted += running;
        }
        self.injector.resume(&self.cluster).await;
        let mut came = stream.stop().await;

        let limit = if self.moves_clock { LONGEST_BY_TICK } else { LONGEST };
        let mut has_ended = came.end(if self.moves_clock { Duration::from_secs(3) } else { limit }).await;
        if self.moves_clock {
            for _ in 0..2 {
                self.cluster.to_next_minute().await;
            }
            has_ended = has_ended || came.end(limit).await;
        }
        self.report.lost.extend(self.unfetched(limit).await);
        if has_ended {
            // What was begun again may still run.
            let store = self.cluster.redis.store().await;
            within_reason(async { while !store.is_idle().await.expect("answered") {} }).await;
        }
        self.cluster.assert_all_live();
        let calls = self.cluster.stand_ins.calls("").await;
        self.cluster.stand_ins.forget_calls().await;
        self.report.count(&came, &Ledger::read(&calls), interrupted);
    }

    /// Makes every feed due once more within the next minute.
    pub(crate) async fn make_feeds_due(&self) {
        let (db, now) = (self.cluster.db().await, self.cluster.now().await);
        let feeds = feed::Entity::find().all(&db.read).await.expect("read");
        let number = i32::try_from(feeds.len()).expect("a number");
        for (place, feed) in (0..).zip(feeds) {
            let mut due = feed.into_active_model();
            due.next_fetch_at = Set(Some(now + SPREAD * place / number));
            due.update(&db.write).await.expect("written");
        }
    }

    /// The feeds that are due and are not fetched in so long a time.
    async fn unfetched(&self, limit: Duration) -> Vec<String> {
        let (db, until) = (self.cluster.db().await, std::time::Instant::now() + limit);
        loop {
            let soon = self.cluster.now().await + SPREAD;
            let is_due = Condition::any()
                .add(feed::Column::Body.is_null())
                .add(feed::Column::NextFetchAt.lte(soon))
                .add(feed::Column::Failure.is_not_null());
            let due = feed::Entity::find().filter(is_due);
            let due = due.all(&db.read).await.expect("read");
            if due.is_empty() || std::time::Instant::now() > until {
                return due.into_iter().map(|feed| format!("not fetched: {} {:?}", feed.key, feed.failure)).collect();
            }
            pass(Duration::from_millis(200)).await;
        }
    }

    fn door(&self) -> Door {
        let Cluster { url, http, stand_ins, .. } = &self.cluster;
        Door { url: url.clone(), http: http.clone(), stand_ins: stand_ins.clone() }
    }
}
