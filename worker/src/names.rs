//! The name of an account, which changes on Instagram without a word to anybody: what goes along with it, and what goes.
//!
//! The feed under the old name is deleted with the change. Nobody would find it who is to forget the account later, and
//! whoever bears the name next would be shown its posts. The Graph serves the old name no longer, so apps that list it are
//! told so; and which of their feeds have moved follows from the new one.

use chrono::{DateTime, Utc};
use entities::app::{self, Concerned};
use entities::{FeedKey, feed, install, job_run};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value;

use crate::Context;
use crate::jobs::{FetchFeed, MigrateApp};
use crate::reason::Reason;

/// Keeps what was read of an account, with its name, and returns which name it bears from now on. `None`: it is not connected
/// any more.
pub(crate) async fn keep_profile(
    ctx: &Context,
    install: &install::Model,
    profile: &Value,
) -> Result<Option<String>, DbErr> {
    let tx = ctx.db.begin().await?;
    let Some(before) = install::Entity::lock(&tx, &install.id).await? else {
        tx.rollback().await?;
        return Ok(None);
    };
    if before.generation != install.generation {
        // It was connected anew meanwhile, and read behind us.
        tx.rollback().await?;
        return Ok(Some(before.instagram_account));
    }
    let now = ctx.now();
    let told = install::Entity::keep_profile(&tx, &install.id, profile, now).await?;
    let name = told.unwrap_or_else(|| before.instagram_account.clone());
    let after = install::Model { instagram_account: name.clone(), ..before.clone() };
    let (mut moves, mut due_feeds) = (Vec::new(), Vec::new());
    if is_renamed(&before, &after) {
        let apps = app::Entity::using(&tx, &install.id).await?;
        moves = owe_moves(&tx, apps.into_iter().map(|app_id| (app_id, Concerned::Made)), now).await?;
        settle(&tx, Some(&before), &after, ctx.end()).await?;
        if let Ok(key) = FeedKey::account(&name) {
            due_feeds = feed::Entity::wake(&tx, &key, now).await?;
        }
    }
    tx.commit().await?;
    push(ctx, &moves, due_feeds).await;
    Ok(Some(name))
}

/// Whether an account bears another name than before.
pub(crate) fn is_renamed(before: &install::Model, after: &install::Model) -> bool {
    before.instagram_account != after.instagram_account
}

/// Keeps of each of these apps, in order, that it is to be looked at which of its feeds have moved; and returns the jobs that
/// do it.
pub(crate) async fn owe_moves(
    tx: &DatabaseTransaction,
    apps: impl IntoIterator<Item = (String, Concerned)>,
    now: DateTime<Utc>,
) -> Result<Vec<MigrateApp>, DbErr> {
    let mut moves = Vec::new();
    for (app_id, which) in apps {
        if app::Entity::owe_migration(tx, &app_id, which, now).await? {
            moves.push(MigrateApp { app_id, due_at: now });
        }
    }
    Ok(moves)
}

/// Lets go of an account's old name, where it bore another one `before`; and of what somebody else has left behind under the
/// one that it bears.
pub(crate) async fn settle(
    tx: &DatabaseTransaction,
    before: Option<&install::Model>,
    after: &install::Model,
    end: job_run::End,
) -> Result<(), DbErr> {
    let mut gone = feed::Entity::take_name(tx, after).await?.into_iter().collect::<Vec<_>>();
    if let Some(before) = before.filter(|before| is_renamed(before, after)) {
        tracing::info!(install_id = after.id, "an account bears another name");
        gone.extend(feed::Entity::leave_name(tx, before).await?);
    }
    for feed in gone {
        // Who waits for the first posts under that name is told that there will be none.
        if let Some(run_id) = feed.unfinished_run() {
            job_run::Entity::fail(tx, run_id, Reason::NOT_CONNECTED.to_json(), end).await?;
        }
        job_run::Entity::forget_results(tx, &feed.id).await?;
    }
    Ok(())
}

/// If a push fails, `push_due` finds what is due.
async fn push(ctx: &Context, moves: &[MigrateApp], due_feeds: Vec<String>) {
    let fetches: Vec<_> = due_feeds.into_iter().map(|feed_id| FetchFeed { feed_id }).collect();
    let pushed = async {
        ctx.queue.push_all(moves).await?;
        ctx.queue.push_all(&fetches).await
    };
    if let Err(error) = pushed.await {
        tracing::warn!(%error, "what follows from an account's new name is due but not pushed; the next scan pushes it");
    }
}
