//! The world that a test runs in: the service and the stand-ins, in a temporary folder, on free ports.

mod balancer;
pub(crate) mod bench;
pub(crate) mod browser;
mod cluster;
pub(crate) mod collector;
pub(crate) mod contract;
mod crossposts;
pub(crate) mod crowd;
mod demand;
pub(crate) mod dialog;
pub(crate) mod exim;
mod half;
pub(crate) mod hashtags;
pub(crate) mod http;
mod inspect;
pub(crate) mod leaks;
pub(crate) mod lossy;
mod old_app;
pub(crate) mod on_x;
mod owners;
mod plans;
pub(crate) mod postgres;
mod postgres_server;
pub(crate) mod process;
mod redis;
mod renaming;
mod site;
pub(crate) mod stand_ins;
pub(crate) mod token;
pub(crate) mod world;
pub(crate) mod wrong_clock;
mod x_visitor;

pub(crate) use cluster::Cluster;
pub(crate) use dialog::Visitor;
pub(crate) use half::Half;
pub(crate) use http::{Answer, Http};
pub(crate) use plans::plan;
pub(crate) use postgres::Postgres;
pub(crate) use postgres_server::PostgresServer;
pub(crate) use process::Service;
pub(crate) use redis::Redis;
pub(crate) use site::Site;
pub(crate) use stand_ins::StandIns;
pub(crate) use world::World;
pub(crate) use x_visitor::XVisitor;

/// Waits for what has to come, and fails rather than hangs where it does not.
pub(crate) async fn within_reason<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_mins(1), what).await.expect("it came within a minute")
}
