//! `feedkeeper dev`: everything in one process on the embedded default, beside stand-ins for Meta.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::{AppState, Demo, Memory};
use chrono::TimeDelta;
use migration::{Migrator, MigratorTrait};
use queue::clock::{Clock, ShiftedClock, SystemClock};
use queue::sqlite::SqliteStore;
use queue::{Engine, Queue};
use sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use worker::Context;
use worker::download::Download;
use worker::graph::{AppCredentials, Graph};
use worker::throttles::Throttles;
use worker::x::{ClientCredentials, X};

use super::parts::{LAST_WORDS, Parts};
use super::{listen, migrate, sandbox as stand_in, say, stop_signal};
use crate::admin::Admin;
use crate::config::{Auth, Config, Env, StandIns, XStandIn};
use crate::keyring;

/// The demo's app and its owner.
const DEMO: (&str, &str) = ("demo", "demo");
/// How long moving the clock may wait for the work that falls due.
const SETTLES: Duration = Duration::from_secs(20);
/// How often it is looked whether the work is done.
const LOOK: Duration = Duration::from_millis(10);

/// Runs until SIGINT or SIGTERM.
pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    config.check_service()?;
    let auth = config.routes_auth()?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    anyhow::ensure!(config.redis_url.is_none(), "REDIS_URL is set, but dev runs on its embedded queue; unset it");
    let stop = stop_signal()?;

    migrate::make_data_dir(&config)?;
    let db = migrate::open(&config).await?;
    Migrator::up(&db.write, None).await.context("bringing the schema up to date")?;
    let keyring = match keyring::open(&config, &db).await? {
        Some(keyring) => keyring,
        None => keyring::make(&config)?,
    };
    let admin = Admin::open(&config).await?;
    let listener = listen(&config).await?;
    let sandbox_listener = stand_in::listen(&config).await?;
    let mail_listener = stand_in::listen_for_mail(&config).await?;
    let address = Addresses::new(&config, &listener, &sandbox_listener)?;
    // The demo page plays with the stand-ins from the browser.
    let settings = sandbox::Config { page_origin: Some(address.origin()?), ..stand_in::settings(&config) };
    let (mailer, operator) = config.operator(Some(&address.ways(&mail_listener)?))?;
    let meta_app = AppCredentials { id: settings.app_id.clone(), secret: settings.app_secret.clone().into() };

    let x_client =
        ClientCredentials { id: settings.x_client_id.clone(), secret: settings.x_client_secret.clone().into() };
    let x_stand_in = XStandIn { url: address.sandbox.join("x")?, client: x_client };

    let sandbox = Sandbox::open(settings)?;
    let clock = Arc::new(ShiftedClock::new(TimeDelta::milliseconds(sandbox.clock_offset_ms())));
    let domain_clock: Arc<dyn Clock> = clock.clone();
    let store = SqliteStore::open(&config.data_dir.join("queue.db")).await?;
    let queue = Queue::new(store, domain_clock.clone());
    let ctx = Context {
        db: db.clone(),
        queue: queue.clone(),
        clock: domain_clock.clone(),
        keyring: keyring.clone(),
        graph: Graph::new(config.graph(&address.sandbox, Some(meta_app.clone())))?,
        throttles: Throttles::default(),
        outlet: config.outlet(Some(address.sandbox.join("outlet")?))?,
        x: X::new(config.x(Some(&x_stand_in))?, domain_clock.clone())?,
        download: Download::new(config.download(Some(&address.sandbox)))?,
        mailer,
        operator,
        owners: config.owners(Some(&address.public)),
        migrating: config.migrating(true),
    };
    let engine = Engine::new(queue.clone(), ctx);
    let engine = worker::jobs::register(engine, &config.scans()).options(config.work.clone());
    let state = AppState {
        db,
        queue: queue.clone(),
        clock: domain_clock,
        wall: Arc::new(SystemClock),
        keyring,
        config: Arc::new(routes(&config, &address, (meta_app, &x_stand_in), auth)?),
        stop: stop.clone(),
        memory: Memory::default(),
    };
    api::register_demo(&state).await?;

    let sandbox = sandbox.on_clock(Arc::new(move |offset_ms| {
        clock.set(TimeDelta::milliseconds(offset_ms));
        let queue = queue.clone();
        Box::pin(async move { settle(&queue).await })
    }));
    let mut parts = Parts::new(&stop);
    // The stand-ins go last: work that is still running when the stop comes has its grace, and somebody to ask.
    let (leave, stop_all) = (CancellationToken::new(), stop.clone());
    let left = leave.clone();
    let stand_ins = tokio::spawn(async move {
        let mails = sandbox.clone().serve_mail(mail_listener, left.clone().cancelled_owned());
        let (web, mail) = tokio::join!(
            async {
                let served = sandbox.serve(sandbox_listener, left.clone().cancelled_owned()).await;
                left.cancel();
                served
            },
            mails
        );
        stop_all.cancel();
        web.and(mail)
    });
    parts.spawn("api", api::run(state.clone(), listener));
    parts.spawn("worker", engine.run(stop.clone()));
    if let Some(admin) = admin {
        parts.spawn("admin", admin.serve(state.db.clone(), state.queue.clone(), stop.clone()));
    }

    // What a kill left between a row and its push comes back now, not at the next tick.
    state.push(&worker::jobs::PushDue {}).await;
    // So does what the operator was not told, and `/readyz` says from the beginning by which way it goes.
    state.push(&worker::jobs::TellOperator {}).await;
    tokio::select! {
        announced = announce(&state, &address) => announced?,
        () = stop.cancelled() => {}
    }
    let ended = parts.ended(config.work.grace).await;
    leave.cancel();
    match tokio::time::timeout(LAST_WORDS, stand_ins).await {
        Ok(served) => ended.and(served?.context("sandbox")),
        Err(_) => ended,
    }
}

/// The addresses that people and the parts reach each other at.
struct Addresses {
    public: String,
    sandbox: Url,
    /// Whether browsers reach us there with nothing in between.
    is_ours: bool,
}

impl Addresses {
    fn new(config: &Config, api: &TcpListener, sandbox: &TcpListener) -> anyhow::Result<Self> {
        let sandbox = Url::parse(&format!("http://{}", sandbox.local_addr()?))?;
        let public = match &config.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", api.local_addr()?),
        };
        Ok(Self { public, sandbox, is_ours: config.is_public_url_ours(api.local_addr()?.port()) })
    }

    /// What a browser calls our pages' home.
    fn origin(&self) -> anyhow::Result<String> {
        Ok(Url::parse(&self.public)?.origin().ascii_serialization())
    }

    /// Where the stand-ins take messages to the operator.
    fn ways(&self, mail: &TcpListener) -> anyhow::Result<StandIns> {
        let slack = self.sandbox.join("slack/services/T00000000/B00000000/sandbox")?;
        Ok(StandIns { slack: slack.into(), smtp: format!("smtp://{}", mail.local_addr()?) })
    }
}

fn routes(
    config: &Config,
    address: &Addresses,
    (app, x): (AppCredentials, &XStandIn),
    auth: api::Auth,
) -> anyhow::Result<api::Config> {
    let sandbox_url = address.sandbox.as_str().trim_end_matches('/').to_owned();
    // Where the dialog is Meta's own, the page must not say that nothing real is touched.
    let is_stand_in = config.dialog_url.is_none();
    let demo = Demo {
        app_id: DEMO.0.to_owned(),
        user: DEMO.1.to_owned(),
        sandbox_url: is_stand_in.then(|| sandbox_url.clone()),
    };
    Ok(api::Config {
        public_url: address.public.clone(),
        auth,
        dialog: config.dialog(&address.sandbox, Some(app.id)),
        x_dialog: config.x_dialog(Some(x))?,
        app_secret: Some(app.secret),
        media_origins: config.media_hosts.sources().chain([sandbox_url]).collect(),
        redirect_to_public_host: address.is_ours,
        expiry_warning: config.expiry.warning,
        migrating: config.migrating(true),
        // The demo page asks for no proof, and has none to show.
        demo: (config.demo && config.auth == Auth::Open).then_some(demo),
    })
}

/// Waits until the due schedules have run and nothing is running or due.
async fn settle(queue: &Queue) {
    let idle = async {
        while !queue.is_idle().await.unwrap_or(false) {
            tokio::time::sleep(LOOK).await;
        }
    };
    if tokio::time::timeout(SETTLES, idle).await.is_err() {
        tracing::warn!("the clock was moved, and after 20 s work that fell due is still going on");
    }
}

/// Says where we are, once everything answers.
async fn announce(state: &AppState, address: &Addresses) -> anyhow::Result<()> {
    while !api::is_ready(state).await {
        tokio::time::sleep(LOOK).await;
    }
    say(&format!("ready {}", address.public));
    say(&format!("sandbox {}", address.sandbox.as_str().trim_end_matches('/')));
    Ok(())
}
