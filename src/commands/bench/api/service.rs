//! The service in this process: its routes on a free port, a stand-in for Meta, and one feed that has been fetched. Its jobs
//! run only when they are told to, so that none is at work while requests are counted.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use api::{AppState, Auth, Dialog, Memory, XDialog};
use entities::Db;
use entities::seal::Keyring;
use queue::Engine;
use queue::clock::{Clock, SystemClock};
use reqwest::Method;
use sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;
use worker::download::{self, Download};
use worker::graph::{self, AppCredentials, Graph};
use worker::jobs::Scans;
use worker::migrating::Terms;
use worker::throttles::Throttles;
use worker::x::{self, X};
use worker::{Operator, Owners};

use crate::commands::bench::http::Http;
use crate::commands::bench::place::Place;

/// The app that asks.
const APP: &str = "bench";
/// The account whose feed is asked for.
const USER: &str = "powr_io";
const GRAPH_VERSION: &str = "v26.0";

/// The service and who asks it.
pub(super) struct Service {
    url: String,
    sandbox: Url,
    http: Http,
    engine: Engine<worker::Context>,
    stop: CancellationToken,
    parts: [JoinHandle<anyhow::Result<()>>; 2],
}

impl Service {
    /// Starts it, connects an account and has its feed fetched.
    pub(super) async fn start(db: Db, place: &Place, folder: &Path) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let sandbox_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let sandbox: Url = format!("http://{}", sandbox_listener.local_addr()?).parse()?;
        let stand_in = Sandbox::open(sandbox::Config::new(folder))?;

        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let queue = place.to_work().await?;
        let keyring = Keyring::parse(&Keyring::generate("bench"))?;
        let app = AppCredentials {
            id: sandbox::DEFAULT_APP_ID.into(),
            secret: sandbox::DEFAULT_APP_SECRET.to_owned().into(),
        };
        let dialog = Dialog {
            base_url: sandbox.clone(),
            version: GRAPH_VERSION.into(),
            client_id: Some(app.id.clone()),
            config_id: None,
            scopes: ["instagram_basic", "pages_show_list", "pages_read_engagement"].map(Into::into).to_vec(),
        };
        let graph = graph::Config { base_url: sandbox.clone(), version: GRAPH_VERSION.into(), app: Some(app) };
        let ctx = worker::Context {
            db: db.clone(),
            queue: queue.clone(),
            clock: clock.clone(),
            keyring: keyring.clone(),
            graph: Graph::new(graph)?,
            throttles: Throttles::default(),
            outlet: None,
            x: X::new(x::Config { base_url: sandbox.clone(), client: None }, clock.clone())?,
            download: Download::new(download::Config::default())?,
            mailer: None,
            operator: Operator::default(),
            owners: Owners::default(),
            migrating: Terms::default(),
        };
        let config = api::Config {
            public_url: url.clone(),
            auth: Auth::Open,
            dialog,
            x_dialog: XDialog { base_url: sandbox.clone(), client_id: None },
            app_secret: None,
            media_origins: Vec::new(),
            redirect_to_public_host: true,
            expiry_warning: Owners::default().warning,
            migrating: Terms::default(),
            demo: None,
        };
        let engine = worker::jobs::register(Engine::new(queue.clone(), ctx), &Scans::default());
        let (config, wall) = (Arc::new(config), clock.clone());
        let state = AppState { db, queue, clock, wall, keyring, config, memory: Memory::default(), stop: stop.clone() };
        let routes = tokio::spawn(async move { Ok(api::run(state, listener).await?) });
        let stand_in = tokio::spawn(stand_in.serve(sandbox_listener, stop.clone().cancelled_owned()));
        let service = Self { url, sandbox, http: Http::new()?, engine, stop, parts: [routes, stand_in] };
        service.fetch_a_feed().await?;
        Ok(service)
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// Returns where a feed is asked for.
    pub(super) fn feed_url(&self, key: &str) -> String {
        format!("{}/instagram?app_id={APP}&username_or_hashtag={key}", self.url)
    }

    /// Returns where a token is exchanged.
    pub(super) fn exchange_url(&self, token: &str) -> String {
        format!("{}/instagram/oauth?appId={APP}&user={APP}&app_type=socialFeed&token={token}", self.url)
    }

    async fn fetch_a_feed(&self) -> anyhow::Result<()> {
        let minted = self.http.post(&format!("{}_sandbox/tokens", self.sandbox), &json!({"user": USER})).await?;
        let token = minted["access_token"].as_str().context("the stand-in gives no token")?;
        self.expect(Method::POST, &self.exchange_url(token), 202).await?;
        self.engine.drain().await?;
        let feed = self.feed_url(&format!("@{USER}"));
        self.expect(Method::GET, &feed, 202).await?;
        self.engine.drain().await?;
        let feed = self.expect(Method::GET, &feed, 200).await?;
        anyhow::ensure!(feed["data"].as_array().is_some_and(|items| !items.is_empty()), "the feed is empty");
        Ok(())
    }

    async fn expect(&self, method: Method, url: &str, status: u16) -> anyhow::Result<Value> {
        let (answered, body) = self.http.send(method, url).await?;
        anyhow::ensure!(answered == status, "{answered} instead of {status}: {}", String::from_utf8_lossy(&body));
        Ok(serde_json::from_slice(&body)?)
    }

    /// Ends it.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        for part in self.parts {
            part.await??;
        }
        Ok(())
    }
}
