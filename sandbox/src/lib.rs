//! Stand-ins for Meta's hosts, X, Slack and a mail server, for development and for tests; reached over HTTP and SMTP only.
//!
//! The sandbox is another party: it shares no code with the product, keeps its own state and its own
//! clock, and is written from Meta's documentation alone, so that a misreading cannot be shared.
//!
//! * `/{version}/…`: `graph.facebook.com` (`graph`) and the login dialog (`dialog`)
//! * `/outlet/…`: the legacy source, which knows every account (`outlet`)
//! * `/x/…`: X's consent page, its API, and the page of each account (`x`)
//! * `/slack/…`: Slack's incoming webhooks (`slack`); mail comes in on a port of its own (`smtp`)
//! * `/cdn/…`: the pictures and videos that the Graph's answers point at (`cdn`)
//! * `/_sandbox/…`: the door of tests: people, tokens, posts, faults, calls, the clock (`door`)
//! * `/`: a page that shows all of it (`home`)

mod calls;
mod cdn;
mod clock;
mod code;
mod crowd;
mod dialog;
mod door;
mod durable;
mod faults;
mod graph;
mod hashtags;
mod home;
mod html;
mod listener;
mod mails;
mod media;
mod multipart;
mod outbox;
mod outlet;
mod patch;
mod people;
mod picture;
mod scopes;
mod server;
mod signing;
mod slack;
mod smtp;
mod state;
mod token;
mod usage;
mod x;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;

use crate::durable::hold;
use crate::state::Shared;

/// The Meta app of a sandbox that was told no other.
pub const DEFAULT_APP_ID: &str = "123456789012345";
/// The secret of that app.
pub const DEFAULT_APP_SECRET: &str = "sandbox-secret";
/// The X app of a sandbox that was told no other.
pub const DEFAULT_X_CLIENT_ID: &str = "sandbox-x-client";
/// The secret of that app.
pub const DEFAULT_X_CLIENT_SECRET: &str = "sandbox-x-secret";

/// What a sandbox is started with.
#[derive(Clone)]
pub struct Config {
    /// Where its state lives; made if missing.
    pub data_dir: PathBuf,
    /// The Meta app that people log in to.
    pub app_id: String,
    /// That app's secret.
    pub app_secret: String,
    /// The X app that people connect to.
    pub x_client_id: String,
    /// That app's secret.
    pub x_client_secret: String,
    /// Where it is reached, if not at its listener's address.
    pub public_url: Option<String>,
    /// The page that may use its door from another origin, such as `http://127.0.0.1:3000`; none if absent.
    pub page_origin: Option<String>,
    /// The Graph versions that it knows.
    pub versions: Versions,
}

impl Config {
    /// Returns the configuration of a sandbox with its default app.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            app_id: DEFAULT_APP_ID.to_owned(),
            app_secret: DEFAULT_APP_SECRET.to_owned(),
            x_client_id: DEFAULT_X_CLIENT_ID.to_owned(),
            x_client_secret: DEFAULT_X_CLIENT_SECRET.to_owned(),
            public_url: None,
            page_origin: None,
            versions: Versions::default(),
        }
    }
}

impl fmt::Debug for Config {
    /// Leaves the secret out: it may be a real app's.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("data_dir", &self.data_dir)
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

pub use graph::{Version, Versions};

/// Told the new total offset, in milliseconds, when `POST /_sandbox/clock` moves the clock.
/// That request is answered when the returned future completes.
pub type OnClock = Arc<dyn Fn(i64) -> BoxFuture<'static, ()> + Send + Sync>;

/// A stand-in for Meta, ready to be served.
#[derive(Clone, Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

impl Sandbox {
    /// Loads the state of earlier runs, or begins one.
    pub fn open(config: Config) -> anyhow::Result<Self> {
        Ok(Self { shared: Arc::new(Shared::open(config)?) })
    }

    /// Returns how far its clock runs ahead of the system's, in milliseconds.
    pub fn clock_offset_ms(&self) -> i64 {
        self.shared.clock.offset_ms()
    }

    /// Sets what is told when its clock is moved.
    #[must_use]
    pub fn on_clock(self, hook: OnClock) -> Self {
        *hold(&self.shared.on_clock) = Some(hook);
        self
    }

    /// Serves until `shutdown`. Refuses a listener that other machines could reach.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        server::serve(self.shared, listener, shutdown).await
    }

    /// Takes mail until `shutdown`, beside [`Self::serve`]. Refuses a listener that other machines could reach.
    pub async fn serve_mail(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        smtp::serve(self.shared, listener, shutdown).await
    }
}
