//! A deployment: a Redis, a database, stand-ins, and any number of `feedkeeper api` and `feedkeeper worker` beside them.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use entities::Db;
use entities::seal::Keyring;
use migration::{Migrator, MigratorTrait};
use queue::Store;
use queue::clock::{Clock, SystemClock};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::balancer::Balancer;
use super::postgres::NEEDED;
use super::{Answer, Half, Http, Postgres, Redis, StandIns, within_reason};

pub(crate) struct Cluster {
    pub redis: Redis,
    pub stand_ins: StandIns,
    pub http: Http,
    /// Where people reach it: before all APIs.
    pub url: String,
    /// The addresses of the APIs.
    pub apis: Vec<String>,
    pub api_processes: Vec<Half>,
    pub workers: Vec<Half>,
    /// What every process is told.
    pub env: Vec<(String, String)>,
    postgres: Option<Postgres>,
    balancer: Balancer,
    folder: TempDir,
    _stop: DropGuard,
}

impl Cluster {
    pub(crate) async fn start(apis: usize, workers: usize) -> Self {
        Self::start_with(apis, workers, &[]).await
    }

    /// Starts with more in everybody's environment.
    pub(crate) async fn start_with(apis: usize, workers: usize, env: &[(&str, &str)]) -> Self {
        let mut cluster = Self::prepare().await;
        cluster.redis.start();
        cluster.env.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        for _ in 0..apis {
            cluster.add_api(&[]).await;
        }
        for _ in 0..workers {
            cluster.add_worker(&[]).await;
        }
        cluster
    }

    /// Everything but Redis and the processes.
    pub(crate) async fn prepare() -> Self {
        Self::prepare_on(Postgres::start().await).await
    }

    /// The same on a database of the caller's, or on a file.
    pub(crate) async fn prepare_on(postgres: Option<Postgres>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let stop = CancellationToken::new();
        let redis = Redis::new();
        let follow: sandbox::OnClock = std::sync::Arc::new(|_| Box::pin(async {}));
        let stand_ins = StandIns::serve(&folder.path().join("meta"), follow, &stop).await;
        let balancer = Balancer::start(&stop).await;
        let database = match &postgres {
            Some(postgres) => postgres.url.to_string(),
            None => format!("sqlite://{}", folder.path().join("test.db").display()),
        };
        if postgres.is_none() {
            let db = Db::connect(&database).await.expect("a database");
            Migrator::up(&db.write, None).await.expect("a schema");
        }
        let env = [
            ("REDIS_URL", redis.url()),
            ("DATABASE_URL", database),
            ("DATABASE_CONNECTIONS", "3".to_owned()),
            ("DATA_DIR", folder.path().display().to_string()),
            ("KEYRING", Keyring::generate("test").expose_secret().to_owned()),
            ("HOST", "127.0.0.1".to_owned()),
            ("PORT", "0".to_owned()),
            ("AUTH", "open".to_owned()),
            ("PUBLIC_URL", balancer.url.clone()),
            ("GRAPH_URL", stand_ins.url.clone()),
            ("FB_DIALOG_URL", stand_ins.url.clone()),
            ("CLOCK_URL", stand_ins.url.clone()),
            ("META_APP_ID", sandbox::DEFAULT_APP_ID.to_owned()),
            ("META_APP_SECRET", sandbox::DEFAULT_APP_SECRET.to_owned()),
            ("LEASE", "2".to_owned()),
            ("RUST_LOG", "info,queue=debug".to_owned()),
        ];
        let (url, http) = (balancer.url.clone(), stand_ins.http.clone());
        let env = env.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let (apis, api_processes, workers) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            redis,
            stand_ins,
            http,
            url,
            apis,
            api_processes,
            workers,
            env,
            postgres,
            balancer,
            folder,
            _stop: stop.drop_guard(),
        }
    }

    /// The environment of a process that is told something more, or something else.
    pub(crate) fn env_with(&self, env: &[(&str, &str)]) -> Vec<(String, String)> {
        let more = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.env.iter().cloned().chain(more).collect()
    }

    pub(crate) async fn add_api(&mut self, env: &[(&str, &str)]) {
        let api = Half::spawn("api", &self.env_with(env));
        let address = api.address().await;
        self.balancer.add(address);
        self.apis.push(format!("http://{address}"));
        self.api_processes.push(api);
    }

    /// Starts an API again that has ended; it has another port then.
    pub(crate) async fn start_api_again(&mut self, api: usize) {
        let (before, again) = (self.api_processes[api].address().await, Half::spawn("api", &self.env));
        let address = again.address().await;
        self.balancer.replace(before, address);
        self.apis[api] = format!("http://{address}");
        self.api_processes[api] = again;
    }

    /// Starts a worker again that has ended.
    pub(crate) async fn start_worker_again(&mut self, worker: usize) {
        self.workers[worker] = Half::spawn("worker", &self.env);
        self.workers[worker].says(" working queues=").await;
    }

    pub(crate) async fn add_worker(&mut self, env: &[(&str, &str)]) {
        let worker = Half::spawn("worker", &self.env_with(env));
        worker.says(" working queues=").await;
        self.workers.push(worker);
    }

    pub(crate) async fn db(&self) -> Db {
        match &self.postgres {
            Some(postgres) => postgres.connect().await,
            None => Db::connect(&format!("sqlite://{}", self.folder.path().join("test.db").display()))
                .await
                .expect("a database"),
        }
    }

    /// The test's own database, for a test that makes no sense on another.
    pub(crate) fn postgres(&self) -> &Postgres {
        self.postgres.as_ref().expect(NEEDED)
    }

    /// Whether its database is a file.
    pub(crate) fn is_on_a_file(&self) -> bool {
        self.postgres.is_none()
    }

    /// Posts a token for an app, to one of the APIs; returns the run's id.
    pub(crate) async fn exchange(&self, api: usize, user: &str, app_id: &str) -> String {
        let token = self.stand_ins.mint(user).await;
        let url = format!("{}/instagram/oauth?token={token}&appId={app_id}&user=o&app_type=socialFeed", self.apis[api]);
        let answer = self.http.post(&url).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["job_id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn run(&self, api: usize, run_id: &str) -> Value {
        self.http.get(&format!("{}/jobs/{run_id}", self.apis[api])).await.json()
    }

    /// Waits for a run's end by the long poll of one of the APIs.
    pub(crate) async fn end_of(&self, api: usize, run_id: &str) -> Value {
        for _ in 0..4 {
            let run = self.http.get(&format!("{}/jobs/{run_id}?wait=30", self.apis[api])).await.json();
            if run["state"] == "done" || run["state"] == "failed" {
                return run;
            }
        }
        panic!("the run {run_id} is stuck: {}", self.logs())
    }

    pub(crate) async fn ask(&self, api: usize, app_id: &str, name: &str) -> Answer {
        self.http.get(&format!("{}/instagram?app_id={app_id}&username_or_hashtag=@{name}", self.apis[api])).await
    }

    /// Waits until a feed is served.
    pub(crate) async fn feed(&self, api: usize, app_id: &str, name: &str) -> Value {
        let pending = self.ask(api, app_id, name).await;
        if pending.status == 202 {
            self.end_of(api, pending.json()["job_id"].as_str().expect("a run")).await;
        }
        let feed = self.ask(api, app_id, name).await;
        assert_eq!(feed.status, 200, "{}", feed.text);
        feed.json()
    }

    pub(crate) async fn ready(&self, api: usize) -> Answer {
        self.http.get(&format!("{}/readyz", self.apis[api])).await
    }

    /// Moves the time of everybody, and waits until the schedules have run at the new one and nothing is due.
    pub(crate) async fn advance(&self, seconds: i64) {
        self.stand_ins.advance(seconds).await;
        self.settle().await;
    }

    /// Moves the time to a second into the next minute: over one minute's beginning, however long all else takes.
    pub(crate) async fn to_next_minute(&self) {
        let (_, minute, now) = self.time().await;
        self.advance((minute + TimeDelta::seconds(61) - now).num_seconds()).await;
    }

    /// What time it is for everybody.
    pub(crate) async fn now(&self) -> DateTime<Utc> {
        self.time().await.2
    }

    /// The stand-ins' offset in milliseconds, the minute that it is by them, and the time.
    pub(crate) async fn time(&self) -> (i64, DateTime<Utc>, DateTime<Utc>) {
        let clock = self.http.get(&format!("{}/_sandbox/clock", self.stand_ins.url)).await.json();
        let offset = clock["offset_ms"].as_i64().expect("an offset");
        let now = SystemClock.now() + TimeDelta::milliseconds(offset);
        (offset, now.duration_trunc(TimeDelta::minutes(1)).expect("a minute"), now)
    }

    /// Waits until the schedules have run at the stand-ins' time, and nothing is due.
    pub(crate) async fn settle(&self) {
        let (offset, minute, _) = self.time().await;
        let store = self.redis.store().await;
        within_reason(async {
            while store.offset().await.expect("answered") != offset
                || store.last_tick("push_due").await.expect("answered").is_none_or(|tick| tick < minute)
                || !store.is_idle().await.expect("answered")
            {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Waits until an API says that a part is as it should be.
    pub(crate) async fn until_part(&self, part: &str, status: &str) {
        within_reason(async {
            while self.ready(0).await.json()["parts"][part]["status"] != status {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    pub(crate) fn assert_all_live(&mut self) {
        for half in self.api_processes.iter_mut().chain(&mut self.workers) {
            assert!(half.lives(), "{}", half.log());
        }
    }

    /// The folder of everybody.
    pub(crate) fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What all processes have said.
    pub(crate) fn logs(&self) -> String {
        let processes = self.api_processes.iter().chain(&self.workers);
        processes.map(Half::log).collect::<Vec<_>>().join("--- the next process\n")
    }
}
