//! What an error of X's means for a media that nobody sees yet: who waits, until when, and what the operator is told.

use chrono::{DateTime, TimeDelta, Utc};
use entities::crosspost_delivery::{self, Model, State};
use entities::incident::Kind;
use entities::x_account::{self, Stopped};
use queue::JobError;

use super::ended;
use crate::Context;
use crate::graph::Class;
use crate::x::Error;
use crate::x_accounts::{Granted, doubt, trouble};

/// How long an account is left alone that X lets post nothing: whoever mends that needs hours.
const STOPPED_FOR: TimeDelta = TimeDelta::hours(6);
/// After so many failures of one media the operator is told; it is tried again all the same.
pub(super) const TOLD_AFTER: i32 = 3;
/// So often X may forbid a media, which is three days; then it is the media's fault.
const MOST_FORBIDDEN: i32 = 12;
/// The longest wait between two tries.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The next media.
    Next,
    /// Nothing, for now: what the rows say brings it back.
    Wait,
}

/// Returns when something is tried again that has come to nothing so often: after 1, 2, 4, … 60 minutes.
pub(super) fn tries_again(now: DateTime<Utc>, failures: i32) -> DateTime<Utc> {
    let doublings = u32::try_from(failures).unwrap_or_default().min(6);
    now + LONGEST.min(TimeDelta::minutes(1) * 2_i32.pow(doublings))
}

/// Keeps what went wrong with a media that X has surely not posted.
pub(super) async fn met(ctx: &Context, granted: &Granted, row: &Model, error: Error) -> Result<Step, JobError> {
    let (account, now) = (&granted.account, ctx.now());
    let class = error.class();
    match error {
        Error::RateLimited { .. } | Error::NotAsked { .. } => Err(error.into()),
        Error::TokenDead(_) => Err(doubt(ctx, granted, error).await?),
        Error::Unreachable { .. } | Error::Unclear { .. } => {
            if row.failures + 1 >= TOLD_AFTER {
                trouble::failed(ctx, (Kind::XPosts, Class::Transient), Some(&account.id)).await?;
            }
            Err(put_off(ctx, row, error).await?)
        }
        Error::OutOfCredits(_) => stop(ctx, granted, Stopped::Credits, (class, None)).await,
        Error::Forbidden(_) if row.forbidden + 1 < MOST_FORBIDDEN => {
            crosspost_delivery::Entity::note_forbidden(&ctx.db.write, &row.id, &error.to_string()).await?;
            stop(ctx, granted, Stopped::Forbidden, (class, Some(&*account.id))).await
        }
        Error::AppMisconfigured(_) => {
            trouble::failed(ctx, (Kind::XPosts, class), None).await?;
            let again = now + LONGEST;
            crosspost_delivery::Entity::put_off(&ctx.db.write, &row.id, &error.to_string(), again).await?;
            Ok(Step::Wait)
        }
        Error::Duplicate(_) | Error::NotFound(_) | Error::Rejected(_) | Error::Forbidden(_) => {
            tracing::warn!(delivery_id = row.id, %error, "X does not take a media");
            let said = error.to_string();
            let refused = (State::Failed, "refused", said.as_str());
            ended::unasked(ctx, &row.id, refused).await?;
            Ok(Step::Next)
        }
    }
}

/// Leaves a media alone for a while that met a passing error. It is never given up for that.
pub(super) async fn put_off(ctx: &Context, row: &Model, error: impl Into<anyhow::Error>) -> Result<JobError, JobError> {
    let (now, error) = (ctx.now(), error.into());
    let again = tries_again(now, row.failures);
    crosspost_delivery::Entity::put_off(&ctx.db.write, &row.id, &format!("{error:#}"), again).await?;
    Ok(JobError::retry_at(again, error).of_class(Class::Transient.as_str()))
}

/// Posts nothing to an account for a while, and tells the operator.
async fn stop(
    ctx: &Context,
    granted: &Granted,
    why: Stopped,
    (class, whose): (Class, Option<&str>),
) -> Result<Step, JobError> {
    let now = ctx.now();
    x_account::Entity::stop(&ctx.db.write, &granted.account.id, why, now + STOPPED_FOR, now).await?;
    trouble::failed(ctx, (Kind::XPosts, class), whose).await?;
    Ok(Step::Wait)
}

/// Keeps that an account was posted to by what was asked for at `asked_at`: what was wrong with that before is over.
pub(super) async fn works(ctx: &Context, granted: &Granted, asked_at: DateTime<Utc>) -> Result<(), JobError> {
    let id = &granted.account.id;
    x_account::Entity::go_on(&ctx.db.write, id, asked_at + STOPPED_FOR, ctx.now()).await?;
    Ok(trouble::works(ctx, Kind::XPosts, id, asked_at).await?)
}
