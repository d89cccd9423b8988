//! `feedkeeper rollout`: who sees what is not for everybody yet.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context;
use clap::Subcommand;
use entities::Db;
use entities::rollout::{self, MIGRATE_APPS, Share};
use queue::clock::{Clock, SystemClock};
use sea_orm::EntityTrait;

use super::{migrate, say, table};
use crate::config::{Auth, Config, Env};

/// What can be rolled out.
const ROLLOUTS: [&str; 1] = [MIGRATE_APPS];

/// What to do with rollouts.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Says whose users are let in from now on
    Set {
        /// What is rolled out, as `list` shows it
        #[arg(value_parser = name)]
        name: String,
        /// off, all, a share such as 25%, or a list such as users:ann,bob
        share: Share,
    },
    /// Lists the rollouts
    List,
}

/// Does it.
pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    let db = migrate::open_existing(&config).await?;
    match action {
        Action::Set { name, share } => {
            rollout::Entity::set(&db.write, name, share.clone(), SystemClock.now()).await?;
            say(&format!("{name} is {share}"));
        }
        Action::List => {
            let mut rows = Vec::new();
            for name in ROLLOUTS {
                rows.push([name.to_owned(), share(&db, name).await?.to_string()]);
            }
            table::print(["name", "lets in"], &rows);
        }
    }
    Ok(())
}

/// Returns whom a rollout lets in; what nobody has set is off.
pub(super) async fn share(db: &Db, name: &str) -> anyhow::Result<Share> {
    let rollout = rollout::Entity::find_by_id(name).one(&db.read).await.context("reading the rollout")?;
    Ok(rollout.map_or(Share::Off, |rollout| rollout.share()))
}

/// A slip of the pen would let nobody in, and nobody would be told.
fn name(text: &str) -> Result<String, String> {
    let known = ROLLOUTS.into_iter().find(|known| *known == text);
    known.map(str::to_owned).ok_or_else(|| format!("there is no such rollout; there is {}", ROLLOUTS.join(", ")))
}
