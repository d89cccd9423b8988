//! `feedkeeper api`: the half that answers. It writes rows, pushes jobs and looks; it never claims one.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use api::{AppState, Memory};
use queue::clock::SystemClock;
use url::Url;
use worker::is_loopback;

use super::half::Half;
use super::parts::Parts;
use super::{listen, stop_signal};
use crate::admin::Admin;
use crate::config::{Auth, Config, DIALOG, Env};

/// Runs until SIGINT or SIGTERM: then nobody new is let in, and whoever is waiting gets what is known by then.
pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::UNSPECIFIED), Auth::Signed)?;
    config.check_half()?;
    let routes = routes(&config)?;
    let stop = stop_signal()?;
    let Some(half) = Half::open(&config, &stop).await? else { return Ok(()) };
    let admin = Admin::open(&config).await?;

    let listener = listen(&config).await?;
    tracing::info!(address = %listener.local_addr()?, public_url = routes.public_url, "serving");
    let state = AppState {
        db: half.db.clone(),
        queue: half.queue.clone(),
        clock: half.clock.clone(),
        wall: Arc::new(SystemClock),
        keyring: half.keyring.clone(),
        config: Arc::new(routes),
        memory: Memory::default(),
        stop: stop.clone(),
    };
    let mut parts = Parts::new(&stop);
    parts.spawn("api", api::run(state, listener));
    if let Some(admin) = admin {
        parts.spawn("admin", admin.serve(half.db.clone(), half.queue.clone(), stop.clone()));
    }
    half.follow_clock(&mut parts, false, &stop);
    parts.ended(std::time::Duration::ZERO).await
}

fn routes(config: &Config) -> anyhow::Result<api::Config> {
    config.check_public_url()?;
    let client_id = config.meta_app.as_ref().map(|app| app.id.clone());
    // A stand-in serves its pictures itself.
    let stand_in = config.graph_url.as_ref().filter(|url| is_loopback(url));
    let stand_in = stand_in.map(|url| url.origin().ascii_serialization());
    Ok(api::Config {
        public_url: config.public_address()?,
        auth: config.routes_auth()?,
        dialog: config.dialog(&Url::parse(DIALOG)?, client_id),
        x_dialog: config.x_dialog(None)?,
        app_secret: config.meta_app.as_ref().map(|app| app.secret.clone()),
        media_origins: config.media_hosts.sources().chain(stand_in).collect(),
        // A proxy stands in front of us, and says by which name we are called.
        redirect_to_public_host: false,
        expiry_warning: config.expiry.warning,
        migrating: config.migrating(config.outlet_url.is_some()),
        demo: None,
    })
}
