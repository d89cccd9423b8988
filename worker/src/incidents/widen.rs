//! From accounts that fail alike to one incident of everybody's.

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::{self, Alike, Model, Seen};
use entities::install::{self, Status};
use entities::{feed, incident_install};
use queue::JobError;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use super::probe;
use crate::Context;

/// Those who begin to fail alike within so long do not do so by chance.
pub(super) const WINDOW: TimeDelta = TimeDelta::minutes(30);
/// Who failed beside the first of them may have written it down behind them: so long a job may take.
const BESIDE: TimeDelta = TimeDelta::minutes(5);
/// So many of them, at least.
const CROWD: u64 = 3;
/// And at least one in so many of all.
const ONE_IN: u64 = 50;
/// Where all fail that were tried, so many are enough, if they are at least a quarter of all.
const ALL_OF: u64 = 2;

/// Makes accounts that fail alike one incident of everybody's, if they are a crowd; joins those to it that are not yet.
pub(super) async fn widen(ctx: &Context, alike: &Alike<'_>) -> Result<(), JobError> {
    let db = &ctx.db.read;
    let since = match incident::Entity::of_everybody(db, alike.class, alike.kind).await? {
        Some(everybodys) => Some(everybodys.opened_at - BESIDE),
        None => match began(db, alike, ctx.now()).await? {
            Some(since) => Some(since),
            None => return Ok(()),
        },
    };
    let tx = ctx.db.begin().await?;
    let parts = incident::Entity::alike(&tx, alike, since).await?;
    let everybodys = match incident::Entity::of_everybody(&tx, alike.class, alike.kind).await? {
        Some(everybodys) => everybodys,
        None => match open(ctx, &tx, alike, &parts).await? {
            Some(everybodys) => everybodys,
            None => return Ok(()),
        },
    };
    let joined = incident::Entity::join(&tx, &everybodys, parts, ctx.now()).await?;
    for part in &joined {
        if let Some(install_id) = &part.install_id {
            incident_install::Entity::meet(&tx, &everybodys.id, install_id, part.last_seen_at).await?;
        }
    }
    if everybodys.pauses() && !everybodys.everybody_waits {
        let failing = incident_install::Entity::number_met(&tx, &everybodys.id).await?;
        // Where one in ten succeeds, each finds out for itself whether it is among those that fail.
        let well = feed::Entity::went_well(&tx, alike.kind, everybodys.opened_at).await?;
        if well * 10 < failing {
            incident_install::Entity::all_wait(&tx, &everybodys.id, ctx.now()).await?;
            incident::Entity::go_on(&tx, &everybodys.id, true, everybodys.next_probe_at, ctx.now()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Returns since when accounts fail alike, if they are a crowd.
async fn began(
    db: &impl ConnectionTrait,
    alike: &Alike<'_>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let all = incident::Entity::alike(db, alike, None).await?;
    if (all.len() as u64) < ALL_OF {
        return Ok(None);
    }
    let active = install::Entity::find().filter(install::Column::Status.eq(Status::Active)).count(db).await?;
    let lately: Vec<&Model> = all.iter().filter(|row| row.opened_at >= now - WINDOW).collect();
    if people(db, lately.iter().copied()).await? >= CROWD.max(active.div_ceil(ONE_IN)) {
        return Ok(lately.first().map(|row| row.opened_at - BESIDE));
    }
    let failing = people(db, &all).await?;
    let Some(first) = all.first().map(|row| row.opened_at) else { return Ok(None) };
    let are_all = failing >= ALL_OF && failing * 4 >= active;
    let is_so = are_all && feed::Entity::went_well(db, alike.kind, first).await? == 0;
    Ok(is_so.then_some(first))
}

async fn people(db: &impl ConnectionTrait, rows: impl IntoIterator<Item = &Model>) -> Result<u64, DbErr> {
    let installs: Vec<String> = rows.into_iter().filter_map(|row| row.install_id.clone()).collect();
    incident::Entity::unrelated(db, &installs).await
}

/// Opens an incident of everybody's in the name of those that fail; `None` if they are over meanwhile.
async fn open(
    ctx: &Context,
    tx: &impl ConnectionTrait,
    alike: &Alike<'_>,
    parts: &[Model],
) -> Result<Option<Model>, JobError> {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(None) };
    let (subcode, fbtrace_id) = (first.subcode, last.fbtrace_id.as_deref());
    let now = ctx.now();
    let seen = Seen { alike: *alike, subcode, fbtrace_id, at: now };
    incident::Entity::open(tx, None, &seen, Some(now + probe::wait(0))).await?;
    let opened = incident::Entity::of_everybody(tx, alike.class, alike.kind).await?;
    if let Some(row) = &opened {
        let (class, kind, accounts) = (alike.class, alike.kind.as_str(), parts.len());
        tracing::error!(incident_id = row.id, class, kind, code = alike.code, accounts, "incident of everybody's");
    }
    Ok(opened)
}
