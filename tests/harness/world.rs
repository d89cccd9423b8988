//! The service inside the test: its routes on a port, its jobs run by a function call, its time in the test's hand.

use std::sync::Arc;

use api::{AppState, Auth, Demo, Dialog, Memory, XDialog};
use chrono::TimeDelta;
use entities::seal::Keyring;
use entities::{Db, feed, install, job_run};
use migration::{Migrator, MigratorTrait};
use queue::clock::{Clock, ShiftedClock};
use queue::sqlite::SqliteStore;
use queue::{Engine, Queue};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use worker::download::{self, Download};
use worker::exchange::{AppRef, Credential, Request};
use worker::graph::{self, AppCredentials, Graph};
use worker::jobs::{ExchangeToken, FetchFeed, Scans};
use worker::mail::Mailer;
use worker::migrating::Terms;
use worker::outlet::{self, Outlet};
use worker::slack::Slack;
use worker::throttles::Throttles;
use worker::x::{self, ClientCredentials, X};
use worker::{Context, Operator, Owners};

use super::postgres::NEEDED;
use super::{Answer, Http, Postgres, StandIns, token};

/// The service, its rows and the stand-ins, for one test.
pub(crate) struct World {
    pub ctx: Context,
    pub stand_ins: StandIns,
    pub http: Http,
    /// Where the routes answer.
    pub url: String,
    /// The time outside, in the test's hand: tokens end by it.
    pub wall: Arc<ShiftedClock>,
    state: AppState,
    /// The test's database, where it is on PostgreSQL; else it is SQLite in the folder.
    postgres: Option<Postgres>,
    engine: Engine<Context>,
    _stop: DropGuard,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        if let Some(postgres) = Postgres::start().await {
            let db = postgres.connect().await;
            return Self::start_on(db, Some(postgres), folder).await;
        }
        let path = folder.path().join("test.db");
        let db = Db::connect(&format!("sqlite://{}", path.display())).await.expect("a database");
        Migrator::up(&db.write, None).await.expect("a schema");
        Self::start_on(db, None, folder).await
    }

    /// Starts on a database that somebody has opened; the queue is the embedded one, whatever the database is.
    pub(crate) async fn start_on(db: Db, postgres: Option<Postgres>, folder: TempDir) -> Self {
        let stop = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let clock = Arc::new(ShiftedClock::new(TimeDelta::zero()));
        let wall = Arc::new(ShiftedClock::new(TimeDelta::zero()));
        let moved = clock.clone();
        let follow: sandbox::OnClock = Arc::new(move |offset_ms| {
            moved.set(TimeDelta::milliseconds(offset_ms));
            Box::pin(async {})
        });
        let stand_ins = StandIns::serve(&folder.path().join("sandbox"), follow, &stop).await;
        let (http, sandbox_url) = (stand_ins.http.clone(), stand_ins.url.clone());

        let store = SqliteStore::open(&folder.path().join("queue.db")).await.expect("a queue");
        let domain_clock: Arc<dyn Clock> = clock.clone();
        let queue = Queue::new(store, domain_clock.clone());
        let keyring = Keyring::parse(&Keyring::generate("test")).expect("a key");
        let app = AppCredentials {
            id: sandbox::DEFAULT_APP_ID.into(),
            secret: sandbox::DEFAULT_APP_SECRET.to_owned().into(),
        };
        let base_url: url::Url = sandbox_url.parse().expect("a url");
        let graph = Graph::new(graph::Config { base_url: base_url.clone(), version: "v26.0".into(), app: Some(app) });
        let (mailer, operator) = operator(&stand_ins).await;
        let x_url = base_url.join("x").expect("a url");
        let client = ClientCredentials {
            id: sandbox::DEFAULT_X_CLIENT_ID.into(),
            secret: sandbox::DEFAULT_X_CLIENT_SECRET.to_owned().into(),
        };
        let x = X::new(x::Config { base_url: x_url.clone(), client: Some(client) }, domain_clock.clone());
        let stand_ins_of_files = download::Config { stand_ins: vec![base_url.clone()], ..download::Config::default() };
        let download = Download::new(stand_ins_of_files);
        let ctx = Context {
            db: db.clone(),
            queue: queue.clone(),
            clock: domain_clock.clone(),
            keyring: keyring.clone(),
            graph: graph.expect("a client"),
            throttles: Throttles::default(),
            outlet: Some(outlet(&base_url)),
            x: x.expect("a client"),
            download: download.expect("a client"),
            mailer: Some(mailer),
            operator,
            owners: Owners { public_url: Some(url.clone()), ..Owners::default() },
            migrating: Terms { has_outlet: true, ..Terms::default() },
        };
        let config = api::Config {
            public_url: url.clone(),
            auth: Auth::Open,
            dialog: Dialog {
                base_url,
                version: "v26.0".into(),
                client_id: Some(sandbox::DEFAULT_APP_ID.into()),
                config_id: None,
                scopes: ["instagram_basic", "pages_show_list", "pages_read_engagement"].map(Into::into).to_vec(),
            },
            x_dialog: XDialog { base_url: x_url, client_id: Some(sandbox::DEFAULT_X_CLIENT_ID.into()) },
            app_secret: Some(sandbox::DEFAULT_APP_SECRET.to_owned().into()),
            media_origins: vec![sandbox_url.clone()],
            redirect_to_public_host: true,
            expiry_warning: TimeDelta::days(10),
            migrating: Terms { has_outlet: true, ..Terms::default() },
            demo: Some(Demo { app_id: "demo".into(), user: "demo".into(), sandbox_url: Some(sandbox_url.clone()) }),
        };
        let state = AppState {
            db,
            queue: queue.clone(),
            clock: domain_clock,
            wall: wall.clone(),
            keyring,
            config: Arc::new(config),
            stop: stop.clone(),
            memory: Memory::default(),
        };
        tokio::spawn(api::run(state.clone(), listener));
        let engine = worker::jobs::register(Engine::new(queue, ctx.clone()), &Scans::default());
        Self { ctx, stand_ins, http, url, wall, state, postgres, engine, _stop: stop.drop_guard(), _folder: folder }
    }

    /// The same under `AUTH=signed`, on a port of its own.
    pub(crate) async fn signed() -> Self {
        Self::signed_and(|_| {}).await
    }

    /// The same, configured otherwise.
    pub(crate) async fn signed_and(change: impl FnOnce(&mut api::Config)) -> Self {
        let mut world = Self::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        world.url = format!("http://{}", listener.local_addr().expect("an address"));
        let auth = Auth::Signed(token::SECRET.into());
        let mut config =
            api::Config { public_url: world.url.clone(), auth, demo: None, ..(*world.state.config).clone() };
        change(&mut config);
        world.state.config = Arc::new(config);
        tokio::spawn(api::run(world.state.clone(), listener));
        world
    }

    /// What the host platform signs for a minute.
    pub(crate) fn token(&self, app_id: &str, user: &str) -> String {
        token::sign(&json!({"app": app_id, "user": user, "exp": self.wall.now().timestamp() + 60}))
    }

    /// The test's own database, for a test that makes no sense on another.
    pub(crate) fn postgres(&self) -> &Postgres {
        self.postgres.as_ref().expect(NEEDED)
    }

    /// Runs what is due, through the real engine, until nothing is.
    pub(crate) async fn drain(&self) {
        self.state.memory.noted().await;
        self.engine.drain().await.expect("the engine runs");
    }

    /// Moves the time of everybody.
    pub(crate) async fn advance(&self, step: TimeDelta) {
        self.stand_ins.advance(step.num_seconds()).await;
    }

    /// Starts an exchange of a token that a user of the stand-ins was given; returns its run.
    pub(crate) async fn start_exchange(&self, user: &str, app_id: &str) -> String {
        let token = self.stand_ins.mint(user).await;
        self.start_exchange_of(Credential::Short(token.into()), app_id).await
    }

    pub(crate) async fn start_exchange_of(&self, credential: Credential, app_id: &str) -> String {
        let run_id = entities::new_id();
        let app = AppRef { app_id: app_id.into(), user: "owner".into(), app_type: "socialFeed".into() };
        let request = Request { app, page_id: None, reconnect: None, credential };
        let job = ExchangeToken::start(&self.ctx.db, &self.ctx.keyring, run_id.clone(), request, self.ctx.now()).await;
        self.ctx.queue.push(&job.expect("written").expect("new")).await.expect("pushed");
        run_id
    }

    /// Connects a user's account to an app and returns the run's end.
    pub(crate) async fn connect(&self, user: &str, app_id: &str) -> job_run::Model {
        let run_id = self.start_exchange(user, app_id).await;
        self.drain().await;
        self.run(&run_id).await
    }

    pub(crate) async fn run(&self, run_id: &str) -> job_run::Model {
        job_run::Entity::find_by_id(run_id).one(&self.ctx.db.read).await.expect("read").expect("a run")
    }

    pub(crate) async fn installs(&self) -> Vec<install::Model> {
        install::Entity::find().all(&self.ctx.db.read).await.expect("read")
    }

    pub(crate) async fn feeds(&self) -> Vec<feed::Model> {
        feed::Entity::find().all(&self.ctx.db.read).await.expect("read")
    }

    /// The only feed.
    pub(crate) async fn feed(&self) -> feed::Model {
        let mut feeds = self.feeds().await;
        assert_eq!(feeds.len(), 1, "one feed");
        feeds.remove(0)
    }

    /// Asks for a feed, as a widget does; what is noted behind the answer is noted when this returns.
    pub(crate) async fn ask(&self, app_id: &str, key: &str) -> Answer {
        let answer = self.http.get(&self.feed_url(app_id, key)).await;
        self.state.memory.noted().await;
        answer
    }

    /// The same, without waiting for what is noted behind the answer.
    pub(crate) async fn ask_quickly(&self, app_id: String, key: &str) -> Answer {
        self.http.get(&self.feed_url(&app_id, key)).await
    }

    pub(crate) fn feed_url(&self, app_id: &str, key: &str) -> String {
        let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        format!("{}/instagram?app_id={app_id}&username_or_hashtag={key}", self.url)
    }

    /// Connects `powr_io` to `w1`, and has its feed fetched.
    pub(crate) async fn with_feed() -> Self {
        let world = Self::start().await;
        assert_eq!(world.connect("powr_io", "w1").await.error, None);
        assert_eq!(world.ask("w1", "@powr_io").await.status, 202);
        world.drain().await;
        assert_eq!(world.ask("w1", "@powr_io").await.status, 200);
        world
    }

    /// Makes the only feed due and pushes it.
    pub(crate) async fn push_feed(&self) {
        let feed = self.feed().await;
        let feed_id = feed.id.clone();
        let mut due = feed.into_active_model();
        due.next_fetch_at = Set(Some(self.ctx.now()));
        due.update(&self.ctx.db.write).await.expect("written");
        self.ctx.queue.push(&FetchFeed { feed_id }).await.expect("pushed");
    }

    /// Registers an app with its feeds.
    pub(crate) async fn register(&self, app_id: &str, feeds: &[&str]) {
        let body = json!({"user": "owner", "app_type": "socialFeed", "feeds": feeds});
        let answer = self.http.put_json(&format!("{}/v1/apps/{app_id}", self.url), &body).await;
        assert!(answer.status < 300, "{}", answer.text);
    }
}

/// The stand-in's outlet, which has a moment for an answer: what hangs in a test hangs for good.
fn outlet(sandbox: &url::Url) -> Outlet {
    let url = sandbox.join("outlet").expect("an address");
    let patience = std::time::Duration::from_secs(3);
    Outlet::new(outlet::Config { patience, ..outlet::Config::at(url) }).expect("a client")
}

/// The ways to the operator, which lead to the stand-ins.
async fn operator(stand_ins: &StandIns) -> (Mailer, Operator) {
    let from = "Feedkeeper <feeds@example.com>".parse().expect("an address");
    let mailer = Mailer::new(&stand_ins.smtp().await.into(), from).expect("a mailer");
    let slack = Slack::new(&stand_ins.webhook().into()).expect("a client");
    (mailer, Operator { slack: Some(slack), email: Some("ops@example.com".parse().expect("an address")) })
}
