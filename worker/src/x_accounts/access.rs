//! What calls for an account on X are made with.
//!
//! Pairs are renewed by `refresh_x_token` alone, ahead of their end: whoever finds one that is about to end has it made due,
//! and comes back.

use std::time::Duration;

use chrono::TimeDelta;
use entities::seal::{SealError, Sealed, SealedColumn};
use entities::x_account::{self, ACCESS_TOKEN, REFRESH_TOKEN};
use queue::JobError;
use sea_orm::EntityTrait;
use secrecy::SecretString;

use crate::Context;
use crate::failure::KEY_IS_BACK;
use crate::jobs::RefreshXToken;
use crate::x::X;

/// How long a token has to live that is given out: longer than the longest call takes.
const LIVES: TimeDelta = TimeDelta::minutes(2);
/// How soon it is looked again whether a pair was renewed.
const SOON: Duration = Duration::from_secs(2);
/// A pair that is younger is not renewed because X refuses it: then it is not its age.
const YOUNG: TimeDelta = TimeDelta::minutes(5);

/// Whether calls for an account can be made.
#[derive(Debug)]
pub(crate) enum Access {
    /// They can.
    Granted(Box<Granted>),
    /// Its access has ended: somebody has to connect it again.
    Ended,
    /// There is no such account any more.
    Gone,
}

/// What calls for an account are made with.
#[derive(Debug)]
pub(crate) struct Granted {
    /// X, as calls reach it that are counted by this account.
    pub x: X,
    /// Lives for two minutes at least.
    pub token: SecretString,
    /// The row that it is of.
    pub account: x_account::Model,
}

/// Returns what calls for an account are made with. The error says when to come back: its pair is being renewed.
pub(crate) async fn access(ctx: &Context, id: &str) -> Result<Access, JobError> {
    let Some(account) = x_account::Entity::find_by_id(id).one(&ctx.db.read).await? else { return Ok(Access::Gone) };
    if !account.is_active() {
        return Ok(Access::Ended);
    }
    match account.access_token.as_ref().filter(|_| ctx.now() + LIVES < account.access_ends_at) {
        Some(sealed) => {
            let token = open(ctx, ACCESS_TOKEN, id, sealed)?;
            Ok(Access::Granted(Box::new(Granted { x: ctx.x_for(&account.x_user_id), token, account })))
        }
        None => Err(renew_first(ctx, &account).await?),
    }
}

/// Keeps that X has refused a token that should live: its pair is renewed at once, and whoever was refused comes back. Of a
/// pair that is new already the error is the answer, and burns an attempt.
pub(crate) async fn doubt(ctx: &Context, granted: &Granted, error: crate::x::Error) -> Result<JobError, JobError> {
    let account = &granted.account;
    if account.failures == 0 && ctx.now() < account.updated_at + YOUNG {
        return Ok(JobError::retry(error).of_class("token_dead"));
    }
    renew_first(ctx, account).await
}

/// Has a pair renewed now, and says when to come back.
async fn renew_first(ctx: &Context, account: &x_account::Model) -> Result<JobError, JobError> {
    let why = anyhow::anyhow!("the access to the account on X has to be renewed first");
    // Where it failed before, its row says when it is tried again.
    if let Some(due) = account.refresh_due_at.filter(|due| account.failures > 0 && ctx.now() < *due) {
        return Ok(JobError::retry_at(due + TimeDelta::seconds(5), why));
    }
    // Without its key nobody can renew it: that is waited for, and not asked for each moment.
    if let Some(sealed) = &account.refresh_token {
        open(ctx, REFRESH_TOKEN, &account.id, sealed)?;
    }
    x_account::Entity::make_due(&ctx.db.write, &account.id, account.pair_number, ctx.now()).await?;
    // If the push fails, `refresh_x_tokens` finds it.
    ctx.queue.push(&RefreshXToken { x_account_id: account.id.clone() }).await?;
    Ok(JobError::retry_after(SOON, why))
}

/// Opens a token. A key that is missing comes back; what does not open otherwise never will.
pub(super) fn open(ctx: &Context, column: SealedColumn, id: &str, sealed: &Sealed) -> Result<SecretString, JobError> {
    ctx.keyring.open(column.place(id), sealed).map_err(|error| match error {
        SealError::UnknownKey(_) => JobError::retry_after(KEY_IS_BACK, error),
        _ => JobError::dead(error),
    })
}
