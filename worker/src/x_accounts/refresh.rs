//! One turn at renewing a pair of tokens.
//!
//! 1. The turn is committed: from here on X may have used the refresh token up.
//! 2. X is asked.
//! 3. The new pair is committed, before anybody uses it; or what went wrong.
//!
//! Whoever finds a turn that was left between 1 and 3 waits until nobody can be in it any more, and then tries the refresh
//! token once more, since X may never have seen it. Only X's clear word, twice, ends an account.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use entities::StringList;
use entities::incident::Kind;
use entities::x_account::{self, ACCESS_TOKEN, Failure, REFRESH_TOKEN, Turn};
use queue::JobError;
use sea_orm::EntityTrait;
use secrecy::SecretString;

use super::verdict::{Verdict, verdict};
use super::{Tokens, access, trouble};
use crate::Context;
use crate::graph::Class;
use crate::insist::insist;
use crate::x::{Error, Grant};

/// How long somebody may be in a turn, by the wall clock: longer than a call to X takes.
const TURN: TimeDelta = TimeDelta::seconds(30);
/// Who has not asked X so long after taking the turn was stopped in between, and leaves it to others.
const STOPPED: Duration = Duration::from_secs(10);
/// How soon a turn that is somebody else's is looked at again.
const SOON: Duration = Duration::from_millis(500);

/// Renews an account's pair, if that is due.
pub(crate) async fn renew(ctx: &Context, id: &str) -> Result<(), JobError> {
    let is_due = |account: &x_account::Model| account.refresh_due_at.is_some_and(|due| due <= ctx.now());
    let found = x_account::Entity::find_by_id(id).one(&ctx.db.read).await?;
    let Some(account) = found.filter(|account| account.is_active() && is_due(account)) else { return Ok(()) };
    let Some(sealed) = &account.refresh_token else { return Ok(()) };
    let refresh_token = access::open(ctx, REFRESH_TOKEN, id, sealed)?;
    let (began, wall) = (Instant::now(), ctx.wall_now());
    let Some(turn) = x_account::Entity::take_turn(&ctx.db.write, &account, wall, wall - TURN).await? else {
        return match account.refreshing_since {
            Some(since) => Err(JobError::retry_after(left(since, wall), anyhow::anyhow!("somebody else renews it"))),
            None => Err(JobError::retry_after(SOON, anyhow::anyhow!("somebody else renews it just now"))),
        };
    };
    if began.elapsed() > STOPPED {
        return Err(JobError::retry_after(SOON, anyhow::anyhow!("the turn was over before X was asked")));
    }
    match ctx.x_for_app().refresh(&refresh_token).await {
        Ok(grant) => keep(ctx, &account, turn, grant, refresh_token).await,
        Err(error) => fail(ctx, &account, turn, &error).await,
    }
}

/// How long until nobody can be in a turn any more.
fn left(since: DateTime<Utc>, wall: DateTime<Utc>) -> Duration {
    (since + TURN - wall).to_std().unwrap_or_default() + SOON
}

/// Keeps the new pair. A database that is away is asked until it is back; where somebody else has kept another pair, or has
/// taken the account away, this one is to serve nobody.
async fn keep(
    ctx: &Context,
    account: &x_account::Model,
    turn: Turn,
    grant: Grant,
    old: SecretString,
) -> Result<(), JobError> {
    let id = account.id.as_str();
    // Without a new one the old one goes on.
    let refresh_token = grant.refresh_token.clone().unwrap_or(old);
    let now = ctx.now();
    let pair = pair(ctx, id, &grant, &refresh_token, now);
    let what = format!("the new pair of the X account {id}");
    let kept = insist(&what, || x_account::Entity::keep_pair(&ctx.db.write, id, turn, pair.clone(), now)).await?;
    if !kept && !is_kept(ctx, id, &pair).await? {
        tracing::warn!(x_account_id = id, "a new pair came too late, and is revoked");
        let tokens = Tokens(vec![refresh_token, grant.access_token]);
        return tokens.revoke_later(ctx).await;
    }
    tracing::info!(x_account_id = id, pair = turn.pair + 1, "an account's access to X was renewed");
    Ok(trouble::works(ctx, Kind::XAccess, id, now).await?)
}

/// Whether the row holds this very pair: the answer to the commit may have been lost.
async fn is_kept(ctx: &Context, id: &str, pair: &x_account::Pair) -> Result<bool, JobError> {
    let row = x_account::Entity::find_by_id(id).one(&ctx.db.read).await?;
    Ok(row.is_some_and(|row| row.refresh_token.as_ref() == Some(&pair.refresh_token)))
}

/// A pair as its row keeps it, due when half of its life is over.
pub(super) fn pair(
    ctx: &Context,
    id: &str,
    grant: &Grant,
    refresh_token: &SecretString,
    now: DateTime<Utc>,
) -> x_account::Pair {
    let lives = TimeDelta::from_std(grant.lives).unwrap_or(TimeDelta::hours(2));
    x_account::Pair {
        access_token: ctx.keyring.seal(ACCESS_TOKEN.place(id), &grant.access_token),
        access_ends_at: now + lives,
        refresh_token: ctx.keyring.seal(REFRESH_TOKEN.place(id), refresh_token),
        refresh_due_at: now + lives / 2,
        scopes: (!grant.scopes.is_empty()).then(|| StringList(grant.scopes.clone())),
    }
}

/// Keeps what went wrong, and tells whom it concerns.
async fn fail(ctx: &Context, account: &x_account::Model, turn: Turn, error: &Error) -> Result<(), JobError> {
    let (id, now, class) = (account.id.as_str(), ctx.now(), error.class());
    let db = &ctx.db.write;
    match verdict(account, error, now) {
        Verdict::Dead(ended) => {
            // Only if the row still holds the pair that was refused: whoever kept another one is believed.
            if x_account::Entity::call_dead(db, id, turn, (ended, class.as_str()), now).await? {
                tracing::error!(x_account_id = id, %error, ended = ended.as_str(), "an account's access to X has ended");
                trouble::failed(ctx, (Kind::XAccess, Class::TokenDead), Some(id)).await?;
            }
        }
        Verdict::Again { is_unanswered, is_refused, is_unexplained, after } => {
            let again_at = now + TimeDelta::from_std(after).unwrap_or(TimeDelta::minutes(10));
            let failure = Failure { class: class.as_str(), is_unanswered, is_refused, is_unexplained, again_at };
            let is_ours = x_account::Entity::end_turn(db, id, turn, failure, now).await?;
            tracing::warn!(x_account_id = id, %error, again_at = again_at.to_rfc3339(), "an account's access to X was not renewed");
            if is_ours {
                tell(ctx, account, class).await?;
            }
        }
    }
    Ok(())
}

/// Our app's trouble is told at once; what passes, when posts have stopped because of it.
async fn tell(ctx: &Context, account: &x_account::Model, class: Class) -> Result<(), JobError> {
    let whose = match class {
        Class::AppMisconfigured => None,
        _ if ctx.now() < account.access_ends_at => return Ok(()),
        Class::Transient | Class::RateLimited => None,
        _ => Some(account.id.as_str()),
    };
    Ok(trouble::failed(ctx, (Kind::XAccess, class), whose).await?)
}
