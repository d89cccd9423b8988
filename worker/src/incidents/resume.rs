//! How those that waited for the end of an incident go on: spread out, not as a herd.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use entities::incident::{self, Kind, Model};
use entities::{feed, hashtag_refusal};
use queue::JobError;
use sea_orm::DatabaseTransaction;

use crate::Context;
use crate::throttles::spread;

/// So fine are the times at which they go on.
const STEP: TimeDelta = TimeDelta::seconds(5);

/// Closes an incident of everybody's, and lets those go on that waited for its end.
pub(super) async fn close(ctx: &Context, row: &Model) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    let now = ctx.now();
    if !incident::Entity::close(&tx, &row.id, now).await? {
        return Ok(tx.rollback().await?);
    }
    let feeds = all(&tx, row, now).await?;
    tx.commit().await?;
    let minutes = (now - row.opened_at).num_minutes();
    tracing::warn!(incident_id = row.id, class = row.class, minutes, feeds, "incident of everybody's over");
    Ok(())
}

/// Lets all go on that wait for an incident of this kind; returns how many.
pub(super) async fn all(tx: &DatabaseTransaction, row: &Model, now: DateTime<Utc>) -> Result<usize, JobError> {
    // Accounts that refused a hashtag in its way are asked again.
    if row.kind == Kind::Hashtags {
        hashtag_refusal::Entity::take_back(tx, &row.class).await?;
    }
    let ids = feed::Entity::lock_waiting(tx, row.kind, &row.class, now).await?;
    let count = ids.len();
    let mut leaving: BTreeMap<DateTime<Utc>, Vec<String>> = BTreeMap::new();
    for id in ids {
        let at = now + spread(&id, count as u64);
        leaving.entry(at.duration_trunc(STEP).unwrap_or(at).max(now)).or_default().push(id);
    }
    for (at, ids) in leaving {
        feed::Entity::go_on(tx, &ids, at, now).await?;
    }
    Ok(count)
}
