//! The commit of a connection: account, link and the end of the run, all or nothing.

use std::time::Duration;

use chrono::TimeDelta;
use entities::incident::Kind;
use entities::x_account::{self, Status, Stopped};
use entities::{StringList, app, job_run, new_id, x_account_app};
use queue::JobError;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, QuerySelect};
use serde_json::json;

use super::refresh::pair;
use super::{Input, Pair, Stop, give_back, trouble};
use crate::Context;
use crate::x::{Grant, User};

/// Commits a connection. Whoever renews the pair that the account had before comes too late from here on.
pub(crate) async fn connection(
    ctx: &Context,
    run_id: &str,
    input: &Input,
    given: &Pair,
    user: User,
) -> Result<(), Stop> {
    let (app, now) = (&input.app, ctx.now());
    let (tx, account) = loop {
        let tx = ctx.db.begin().await?;
        // Registered when it was asked for; it may have been taken away since. Locked before the account, as everybody does.
        app::Entity::register(&tx, &app.app_id, &app.user, &app.app_type, now).await?;
        app::Entity::find_by_id(&app.app_id).lock_exclusive().one(&tx).await?;
        let old = x_account::Entity::lock_user(&tx, &user.id).await?;
        let row = row(ctx, old.as_ref(), given, &user);
        let written = match old {
            Some(_) => Some(row.update(&tx).await?),
            None => x_account::Entity::insert_new(&tx, row).await?,
        };
        match written {
            Some(account) => break (tx, account),
            // Somebody else made the account's row since we looked for it: now there is one to lock.
            None => tx.rollback().await?,
        }
    };
    x_account_app::Entity::join(&tx, &app.app_id, &account.id, now).await?;
    let result = json!({
        "x_account_id": account.id,
        "x_user_id": account.x_user_id,
        "username": account.username,
        "name": account.name,
        "scopes": account.scopes,
    });
    if !job_run::Entity::finish(&tx, run_id, result, ctx.end()).await? {
        // Somebody was told another end: then nothing of this one may stand. Trying again finds it ended.
        tx.rollback().await?;
        give_back(ctx, run_id, given).await?;
        return Err(JobError::retry(anyhow::anyhow!("the run has ended meanwhile")).into());
    }
    tx.commit().await?;
    tracing::info!(x_account_id = account.id, generation = account.generation, "account on X connected");
    trouble::works(ctx, Kind::XAccess, &account.id, now).await?;
    Ok(())
}

fn row(ctx: &Context, old: Option<&x_account::Model>, given: &Pair, user: &User) -> x_account::ActiveModel {
    let now = ctx.now();
    let id = old.map_or_else(new_id, |row| row.id.clone());
    let grant = Grant {
        access_token: given.access_token.clone(),
        refresh_token: None,
        lives: Duration::from_secs(given.lives_s),
        scopes: Vec::new(),
    };
    let pair = pair(ctx, &id, &grant, &given.refresh_token, given.given_at);
    // What X did not let the account do before may be why somebody connects it again; our credits are another matter.
    let stopped = old.filter(|row| row.stopped_for != Some(Stopped::Forbidden));
    x_account::ActiveModel {
        x_user_id: Set(user.id.clone()),
        username: Set(user.username.clone()),
        name: Set(user.name.clone()),
        access_token: Set(Some(pair.access_token)),
        refresh_token: Set(Some(pair.refresh_token)),
        access_ends_at: Set(pair.access_ends_at),
        scopes: Set(StringList(given.scopes.clone())),
        status: Set(Status::Active),
        ended: Set(None),
        generation: Set(old.map_or(1, |row| row.generation + 1)),
        refresh_due_at: Set(Some(pair.refresh_due_at.max(given.given_at + TimeDelta::minutes(1)))),
        pair_number: Set(old.map_or(1, |row| row.pair_number + 1)),
        turn_number: Set(old.map_or(0, |row| row.turn_number + 1)),
        refreshing_since: Set(None),
        unanswered: Set(0),
        refused: Set(0),
        failures: Set(0),
        first_failed_at: Set(None),
        unexplained: Set(0),
        unexplained_since: Set(None),
        last_failure: Set(None),
        stopped_for: Set(stopped.and_then(|row| row.stopped_for)),
        stopped_until: Set(stopped.and_then(|row| row.stopped_until)),
        created_at: Set(old.map_or(now, |row| row.created_at)),
        updated_at: Set(now),
        id: Set(id),
    }
}
