//! `feedkeeper sandbox`: the stand-ins alone.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use super::{say, stop_signal};
use crate::config::{Auth, Config, Env};

/// Serves the stand-ins until SIGINT or SIGTERM.
pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    let stop = stop_signal()?;
    let listener = listen(&config).await?;
    let mail_listener = listen_for_mail(&config).await?;
    tracing::info!(smtp = %mail_listener.local_addr()?, "taking mail");
    say(&format!("sandbox http://{}", listener.local_addr()?));
    let sandbox = sandbox::Sandbox::open(settings(&config))?;
    let (web, mail) = tokio::join!(
        sandbox.clone().serve(listener, stop.clone().cancelled_owned()),
        sandbox.serve_mail(mail_listener, stop.cancelled_owned()),
    );
    web.and(mail)
}

/// Binds the stand-ins' port, on loopback only.
pub(crate) async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let port = config.sandbox_port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.with_context(|| format!("SANDBOX_PORT={port} cannot be bound; 0 takes any free port"))
}

/// Binds the port of their mail server, on loopback only.
pub(crate) async fn listen_for_mail(config: &Config) -> anyhow::Result<TcpListener> {
    let port = config.sandbox_smtp_port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.with_context(|| format!("SANDBOX_SMTP_PORT={port} cannot be bound; 0 takes any free port"))
}

/// Returns what the stand-ins are started with: their own apps, unless others are configured.
pub(crate) fn settings(config: &Config) -> sandbox::Config {
    let mut settings = sandbox::Config::new(config.data_dir.join("sandbox"));
    if let Some(app) = &config.meta_app {
        settings.app_id.clone_from(&app.id);
        app.secret.expose_secret().clone_into(&mut settings.app_secret);
    }
    if let Some(client) = &config.x.client {
        settings.x_client_id.clone_from(&client.id);
        client.secret.expose_secret().clone_into(&mut settings.x_client_secret);
    }
    settings
}
