//! `feedkeeper migration`: how far old apps have moved off the outlet, and the way back.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context;
use clap::Subcommand;
use entities::rollout::MIGRATE_APPS;
use entities::{Db, app};
use queue::clock::{Clock, SystemClock};
use sea_orm::EntityTrait;
use serde_json::json;
use worker::migrating::AppTypes;

use super::{migrate, rollout, say, table};
use crate::config::{Auth, Config, Env};

/// What to do with the move.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Counts the apps by their kind and by how far they are
    Status {
        /// Prints one JSON object for each kind
        #[arg(long)]
        json: bool,
    },
    /// Takes an app's move back: the outlet serves all of its feeds at once, the connections stay, and the move is offered anew
    Rollback {
        /// The host platform's id of the app
        app_id: String,
    },
}

/// How far the apps of one kind are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    new: i64,
    not_offered: i64,
    offered: i64,
    moved: i64,
    feeds_left: i64,
}

/// Does it.
pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    let db = migrate::open_existing(&config).await?;
    match action {
        Action::Status { json } => status(&db, &config.migration_app_types, *json).await,
        Action::Rollback { app_id } => roll_back(&db, app_id).await,
    }
}

async fn status(db: &Db, types: &AppTypes, as_json: bool) -> anyhow::Result<()> {
    let mut kinds: BTreeMap<String, Counts> = BTreeMap::new();
    for progress in app::Entity::progress(&db.read).await? {
        let counts = kinds.entry(progress.app_type).or_default();
        let count = match (progress.saved_before, progress.is_offered, progress.is_made) {
            (false, ..) => &mut counts.new,
            (true, false, _) => &mut counts.not_offered,
            (true, true, false) => &mut counts.offered,
            (true, true, true) => &mut counts.moved,
        };
        *count += progress.apps;
        if progress.saved_before {
            counts.feeds_left += progress.feeds_left;
        }
    }
    if as_json {
        for (kind, Counts { new, not_offered, offered, moved, feeds_left }) in kinds {
            let takes_part = types.contain(&kind);
            say(&json!({
                "type": kind, "takes_part": takes_part, "new": new, "not_offered": not_offered, "offered": offered,
                "moved": moved, "feeds_left": feeds_left,
            })
            .to_string());
        }
        return Ok(());
    }
    say(&format!("{MIGRATE_APPS} is {}", rollout::share(db, MIGRATE_APPS).await?));
    let row = |(kind, counts): (&String, &Counts)| {
        let takes_part = if types.contain(kind) { "yes" } else { "no" };
        let numbers = [counts.new, counts.not_offered, counts.offered, counts.moved, counts.feeds_left];
        let [new, not_offered, offered, moved, feeds_left] = numbers.map(|number| number.to_string());
        let kind = if kind.is_empty() { "(not told)".to_owned() } else { kind.clone() };
        [kind, takes_part.to_owned(), new, not_offered, offered, moved, feeds_left]
    };
    let rows: Vec<_> = kinds.iter().map(row).collect();
    table::print(["type", "takes part", "new", "not offered", "offered", "moved", "feeds left"], &rows);
    Ok(())
}

async fn roll_back(db: &Db, app_id: &str) -> anyhow::Result<()> {
    if app::Entity::roll_back(&db.write, app_id, SystemClock.now()).await? {
        say(&format!("rolled back {app_id}: the outlet serves all of its feeds, and the move is offered anew"));
        return Ok(());
    }
    let app = app::Entity::find_by_id(app_id).one(&db.read).await?;
    app.context("there is no app of this id: PUT /v1/apps/{app_id} and `feedkeeper import` register one")?;
    say(&format!("{app_id} has not moved: there is nothing to roll back"));
    Ok(())
}
