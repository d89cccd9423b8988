//! One media on its way to X, step by step, each committed before the next.
//!
//! 1. Its files are handed over, and the row keeps X's ids of them.
//! 2. The row says `posting` and keeps the text, in the commit that looks once more whether it is still to be posted.
//! 3. X is asked to post it, and the row says what became of that.
//!
//! Whoever finds a row that says `posting` is behind a crash between 2 and 3, and X is asked first (`reconcile`).

use chrono::TimeDelta;
use entities::crosspost;
use entities::crosspost_delivery::{self, Model, State};
use queue::JobError;
use sea_orm::EntityTrait;

use super::files::Skip;
use super::missed::{self, Left};
use super::seen::Item;
use super::standing::Standing;
use super::text::{Words, compose};
use super::trouble::{Step, met, put_off, works};
use super::upload::{self, Stop};
use super::{ended, reconcile};
use crate::Context;
use crate::x::{Error, Processing};
use crate::x_accounts::Granted;

/// X keeps files for a day that nobody has posted; what is older is handed over again.
const FILES_LAST: TimeDelta = TimeDelta::hours(20);
/// How often a file is fetched that is not there, or not allowed.
const MOST_FETCHES: i32 = 8;

/// Takes a media as far as it goes.
pub(crate) async fn step(ctx: &Context, standing: &Standing, granted: &Granted, row: &Model) -> Result<Step, JobError> {
    if row.state.is_in_doubt() {
        return reconcile::look(ctx, granted, row).await;
    }
    if is_gone(standing, row) {
        return skip(ctx, row, Skip::Deleted, "").await;
    }
    let Some(mut item) = item(standing, row) else {
        return skip(ctx, row, Skip::UnknownKind, "what was kept of it cannot be read").await;
    };
    if row.state == State::Uploaded && is_at_x(ctx, row) {
        return publish(ctx, granted, (row, &item)).await;
    }
    let is_shown = standing.seen.as_ref().is_none_or(|seen| seen.item(&row.media_id).is_some());
    if !is_shown {
        match missed::look(ctx, standing, row).await? {
            Left::Read(now) => item = *now,
            Left::Gone => return skip(ctx, row, Skip::Deleted, "").await,
            // What was planned may serve still.
            Left::Later(_) if row.failures >= MOST_FETCHES => {}
            Left::Later(error) => return Err(put_off(ctx, row, error).await?),
            Left::Unknown => {}
        }
    }
    match prepare(ctx, standing, granted, (row, &item)).await {
        Ok(Processing::Ready) => match crosspost_delivery::Entity::find_by_id(&row.id).one(&ctx.db.read).await? {
            Some(row) if row.state == State::Uploaded => publish(ctx, granted, (&row, &item)).await,
            _ => Ok(Step::Next),
        },
        Ok(Processing::Wait(wait)) => Err(JobError::retry_after(wait, anyhow::anyhow!("X looks at the video"))),
        Ok(Processing::Refused(why)) => skip(ctx, row, Skip::FileRefused, &why).await,
        Err(Stopped::Here(Stop::Skipped(why, said))) => skip(ctx, row, why, &said).await,
        Err(Stopped::Here(Stop::X(error))) => met(ctx, granted, row, error).await,
        Err(Stopped::Here(Stop::Download(error))) => {
            if row.failures >= MOST_FETCHES {
                return skip(ctx, row, Skip::WithoutFile, &error.to_string()).await;
            }
            // By then the feed has been read anew, and with it the address.
            Err(put_off(ctx, row, error).await?)
        }
        Err(Stopped::Job(error)) => Err(error),
    }
}

/// Why a media is not ready to be posted.
enum Stopped {
    Here(Stop),
    Job(JobError),
}

impl From<Stop> for Stopped {
    fn from(stop: Stop) -> Self {
        Self::Here(stop)
    }
}

impl From<sea_orm::DbErr> for Stopped {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Job(error.into())
    }
}

/// Brings the files to X.
async fn prepare(
    ctx: &Context,
    standing: &Standing,
    granted: &Granted,
    (row, item): (&Model, &Item),
) -> Result<Processing, Stopped> {
    let crosspost = &standing.crosspost;
    let alt_text = item.alt_text.as_deref().filter(|_| crosspost.alt_text);
    // Files that X has looked at since they were handed over, or still does.
    let handed = row.media_ids.as_ref().filter(|_| row.state == State::Planned && is_at_x(ctx, row));
    let (ids, processing) = match handed {
        Some(ids) => (ids.clone(), upload::look(granted, ids).await?),
        None => upload::hand_over(ctx, granted, (item, alt_text)).await?,
    };
    match processing {
        Processing::Ready => {
            crosspost_delivery::Entity::keep_files(&ctx.db.write, &row.id, &ids, ctx.now()).await?;
        }
        Processing::Wait(_) if handed.is_none() => {
            crosspost_delivery::Entity::keep_pending(&ctx.db.write, &row.id, &ids, ctx.now()).await?;
        }
        Processing::Wait(_) | Processing::Refused(_) => {}
    }
    Ok(processing)
}

/// Asks X to post it, if it is still to be posted, in the words that are wanted by now.
async fn publish(ctx: &Context, granted: &Granted, (row, item): (&Model, &Item)) -> Result<Step, JobError> {
    let tx = ctx.db.begin().await?;
    let crosspost = crosspost::Entity::lock(&tx, &row.crosspost_id).await?;
    let Some(crosspost) = crosspost else { return Ok(Step::Wait) };
    let standing = Standing::of(&tx, crosspost, ctx.now()).await?;
    if is_gone(&standing, row) {
        tx.rollback().await?;
        return skip(ctx, row, Skip::Deleted, "").await;
    }
    let (text, asked_at) = (text(&standing, item), ctx.now());
    if standing.waits(asked_at).is_some() || !crosspost_delivery::Entity::take(&tx, row, &text, asked_at).await? {
        tx.rollback().await?;
        return Ok(Step::Wait);
    }
    tx.commit().await?;
    let attempt = (row.id.as_str(), row.attempts + 1);
    let media_ids = row.media_ids.as_ref().map_or(&[][..], |ids| &ids.0);
    let error = match granted.x.post(&granted.token, &text, media_ids).await {
        Ok(x_post_id) => {
            let posted = (State::Posted, None, Some(&*x_post_id));
            ended::asked(ctx, attempt, posted).await?;
            works(ctx, granted, asked_at).await?;
            tracing::info!(delivery_id = row.id, "posted to X");
            return Ok(Step::Next);
        }
        Err(error) => error,
    };
    if error.is_unclear() {
        let again = ctx.now() + reconcile::SETTLES;
        crosspost_delivery::Entity::doubt(&ctx.db.write, attempt, &error.to_string(), again).await?;
        return Err(JobError::retry_at(again, error));
    }
    if let Error::Duplicate(_) = error {
        return reconcile::is_there(ctx, granted, (row, &text), attempt).await;
    }
    crosspost_delivery::Entity::is_not_there(&ctx.db.write, attempt, &error.to_string()).await?;
    met(ctx, granted, row, error).await
}

/// Whether X still has the files that it was handed.
fn is_at_x(ctx: &Context, row: &Model) -> bool {
    row.uploaded_at.is_some_and(|at| ctx.now() < at + FILES_LAST)
}

/// Whether a media was deleted, as far as was seen.
fn is_gone(standing: &Standing, row: &Model) -> bool {
    standing.seen.as_ref().is_some_and(|seen| seen.is_gone(&row.media_id, row.media_at))
}

/// The media as it is shown now: its addresses are fresh. What has left the newest is as it was when it was planned.
fn item(standing: &Standing, row: &Model) -> Option<Item> {
    let shown = standing.seen.as_ref().and_then(|seen| seen.item(&row.media_id)).cloned();
    shown.or_else(|| serde_json::from_str(row.item.as_deref()?).ok())
}

/// The text of a media's post.
pub(super) fn text(standing: &Standing, item: &Item) -> String {
    let Standing { crosspost, install, .. } = standing;
    let words = Words {
        caption: item.caption.as_deref().unwrap_or_default(),
        permalink: item.permalink.as_deref().filter(|_| crosspost.link),
        username: install.as_ref().map_or("", |install| &install.instagram_account),
    };
    compose(&crosspost.template, words)
}

async fn skip(ctx: &Context, row: &Model, why: Skip, said: &str) -> Result<Step, JobError> {
    tracing::info!(delivery_id = row.id, why = why.as_str(), "a media is not posted");
    let skipped = (State::Skipped, why.as_str(), said);
    ended::unasked(ctx, &row.id, skipped).await?;
    Ok(Step::Next)
}
