//! Comparing what a feed shows with a cross-post's ledger: what is new is planned.

use entities::crosspost_delivery::{self, Model, Planned, State};
use entities::{crosspost, install};
use queue::JobError;

use super::files::Skip;
use super::seen::{Seen, planned};
use super::{ended, missed};
use crate::Context;

/// Plans what is new; returns how much. All of it or nothing: what is planned shows how far the ledger reaches.
pub(crate) async fn plan(
    ctx: &Context,
    (crosspost, install): (&crosspost::Model, &install::Model),
    seen: &Seen,
) -> Result<usize, JobError> {
    let (db, id) = (&ctx.db.read, crosspost.id.as_str());
    let shown: Vec<_> = seen.new_to(crosspost).collect();
    let known = crosspost_delivery::Entity::known(db, id, shown.iter().map(|(item, _)| &*item.id)).await?;
    let is_new = |media_id: &str| !known.contains(media_id);
    let mut new: Vec<Planned> =
        shown.iter().filter(|(item, _)| is_new(&item.id)).map(|(item, at)| planned(item, *at)).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let reaches = crosspost_delivery::Entity::newest_of(db, id).await?.unwrap_or(crosspost.created_at);
    if known.is_empty() && seen.begins_after(reaches) {
        let Some(missed) = missed::read(ctx, install, reaches).await? else { return Ok(0) };
        let behind =
            missed.iter().filter_map(|item| Some((item, item.timestamp.filter(|at| *at >= crosspost.created_at)?)));
        let behind = behind.filter(|(item, _)| seen.item(&item.id).is_none());
        new.extend(behind.map(|(item, at)| planned(item, at)));
    }
    let count = new.len();
    let tx = ctx.db.begin().await?;
    // Whoever deleted it meanwhile deleted what was kept of its media: nothing comes after that.
    if crosspost::Entity::lock(&tx, id).await?.is_none() {
        tx.rollback().await?;
        return Ok(0);
    }
    crosspost_delivery::Entity::plan(&tx, id, new, ctx.now()).await?;
    tx.commit().await?;
    Ok(count)
}

/// Keeps which of these media are gone that were still to be posted, whatever they wait for. They were read before what is
/// seen.
pub(crate) async fn note_gone(ctx: &Context, open: &[Model], seen: &Seen) -> Result<(), JobError> {
    for row in open {
        if !row.state.is_in_doubt() && seen.is_gone(&row.media_id, row.media_at) {
            ended::unasked(ctx, &row.id, (State::Skipped, Skip::Deleted.as_str(), "")).await?;
        }
    }
    Ok(())
}
