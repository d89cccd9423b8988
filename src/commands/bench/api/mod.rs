//! The routes: how many requests a second, and how long each takes, with the service, its stand-ins and who asks in this one
//! process. On SQLite in a temporary folder, and again on PostgreSQL if `DATABASE_URL` is there.

mod database;
mod load;
mod service;

use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context;
use reqwest::Method;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use self::database::Database;
use self::load::{AT_ONCE, Load, Urls};
use self::service::Service;
use super::figures::{Figures, quantile};
use super::place::Place;
use super::{Extent, tell};
use crate::commands::stop_signal;
use crate::config::{Auth, Config, Env};

/// Measures every case.
pub(super) async fn run(env: &Env, extent: Extent) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Signed)?;
    config.check_service()?;
    let folder = TempDir::with_prefix("feedkeeper-bench.")?;
    let place = match &config.redis_url {
        Some(url) => Place::Redis(url.clone()),
        None => Place::File(folder.path().join("queue.db")),
    };
    let mut databases = vec![Database::in_folder(folder.path()).await?];
    let server = config.database_url.as_ref().filter(|url| url.expose_secret().starts_with("postgres"));
    if let Some(server) = server {
        databases.push(Database::on_server(server, config.database).await.context("DATABASE_URL")?);
    }
    let stop = stop_signal()?;
    let measured = tokio::select! {
        measured = measure(&databases, &place, &folder, extent) => measured,
        () = stop.cancelled() => Err(anyhow::anyhow!("stopped before everything was measured")),
    };
    let mut cleared = place.clear().await;
    for database in databases {
        cleared = cleared.and(database.close().await);
    }
    measured?.say()?;
    cleared
}

async fn measure(databases: &[Database], place: &Place, folder: &TempDir, extent: Extent) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    for database in databases {
        place.clear().await?;
        let service = Service::start(database.db.clone(), place, &folder.path().join(database.name)).await?;
        for round in 1..=extent.rounds {
            tell(&format!("{}, round {round} of {}", database.name, extent.rounds));
            round_of(&service, database.name, round, extent.jobs, &mut figures).await?;
        }
        service.stop().await?;
    }
    Ok(figures)
}

/// Asks for the known feed, for feeds that nobody has registered, and for exchanges.
async fn round_of(
    service: &Service,
    database: &str,
    round: u32,
    requests: Option<u64>,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let known = service.feed_url("@powr_io");
    let unknown = service.feed_url("@nobody");
    let exchange = service.exchange_url(&format!("round{round}token"));
    let cases: [(_, _, _, Urls); 3] = [
        ("feed", Method::GET, 200, Box::new(move |_| known.clone())),
        ("unknown", Method::GET, 404, Box::new(move |number| format!("{unknown}{number}"))),
        ("oauth", Method::POST, 202, Box::new(move |number| format!("{exchange}{number}"))),
    ];
    for (case, method, status, urls) in cases {
        let requests = requests.unwrap_or(if method == Method::GET { 20_000 } else { 5_000 });
        let mut answers = Load { requests, method, status, urls }.run(service.http()).await?;
        figures.note(format!("{database}_{case}_c{AT_ONCE}"), answers.per_second(), "requests/s");
        for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
            figures.note(format!("{database}_{case}_{name}"), quantile(&mut answers.ms, part), "ms");
        }
    }
    Ok(())
}
