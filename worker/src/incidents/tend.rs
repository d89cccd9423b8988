//! What every minute looks after: verdicts, crowds that nobody has counted together, what nobody sees any more, and tokens
//! that are confirmed account by account.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use entities::incident::{self, Alike, Model, Scope};
use entities::install::{self, Status};
use entities::{diagnosis, incident_install};
use queue::JobError;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::widen::{self, WINDOW};
use super::{probe, resume};
use crate::graph::Class;
use crate::throttles::spread;
use crate::{Context, diagnosis as diagnoses};

/// What nobody has met for so long is tried by nobody any more: the account is gone, or nobody asks for its feed.
pub(crate) const UNSEEN: TimeDelta = TimeDelta::hours(24);
/// How long behind a diagnosis an account's verdict follows how many others fail.
const JUDGED: TimeDelta = TimeDelta::minutes(30);
/// So many of those that were looked into are judged anew.
const JUDGED_ANEW: usize = 3;
/// The most ids that one statement binds.
const IDS: usize = 500;

/// Looks after everything that lasts.
pub(crate) async fn tend(ctx: &Context) -> Result<(), JobError> {
    let open = incident::Entity::all_open(&ctx.db.read).await?;
    let installs = installs(ctx, open.iter().filter_map(|row| row.install_id.clone()).collect()).await?;
    let mut counted = HashSet::new();
    // What is X's is looked after where it is met.
    for row in open.iter().filter(|row| !row.kind.is_of_x()) {
        let alike = Alike { class: &row.class, kind: row.kind, code: row.code };
        match row.scope {
            Scope::Account if is_over(ctx, row, &installs) => {
                incident::Entity::close(&ctx.db.write, &row.id, ctx.now()).await?;
            }
            Scope::Account => {
                judge(ctx, row, row.install_id.as_slice()).await?;
                if ctx.now() < row.opened_at + WINDOW && counted.insert(alike) {
                    widen::widen(ctx, &alike).await?;
                }
            }
            Scope::App => everybodys(ctx, row).await?,
        }
    }
    Ok(())
}

async fn everybodys(ctx: &Context, row: &Model) -> Result<(), JobError> {
    let met = incident_install::Entity::install_ids(&ctx.db.read, &row.id).await?;
    judge(ctx, row, &met).await?;
    if row.next_probe_at.is_some_and(|due| due <= ctx.now()) {
        return probe(ctx, row).await;
    }
    let is_each_accounts = row.class == Class::TokenDead.as_str() && row.next_probe_at.is_none();
    let unseen_for = ctx.now() - row.last_seen_at;
    let is_answered = is_each_accounts && confirm(ctx, &met).await? && unseen_for >= WINDOW;
    if is_answered || (unseen_for >= UNSEEN && !row.pauses()) {
        return resume::close(ctx, row).await;
    }
    Ok(())
}

/// Returns everybody's incident with what is known of it by now, should nobody have written that down yet.
pub(crate) async fn with_verdict(ctx: &Context, row: Model) -> Result<Model, JobError> {
    if row.verdict.is_some() {
        return Ok(row);
    }
    let met = incident_install::Entity::install_ids(&ctx.db.read, &row.id).await?;
    judge(ctx, &row, &met).await?;
    Ok(incident::Entity::find_by_id(&row.id).one(&ctx.db.read).await?.unwrap_or(row))
}

/// Whether an account's incident is over without a success: nobody meets it any more, or the account's token has been seen
/// to be dead, and its owner is asked to connect again.
fn is_over(ctx: &Context, row: &Model, installs: &HashMap<String, Status>) -> bool {
    let status = row.install_id.as_ref().and_then(|id| installs.get(id));
    status != Some(&Status::Active) || ctx.now() >= row.last_seen_at + UNSEEN
}

async fn installs(ctx: &Context, ids: Vec<String>) -> Result<HashMap<String, Status>, JobError> {
    let mut found = HashMap::new();
    for some in ids.chunks(IDS) {
        let rows = install::Entity::find().filter(install::Column::Id.is_in(some)).all(&ctx.db.read).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row.status)));
    }
    Ok(found)
}

/// Keeps what was found out about the newest of these installs that was looked into, in the light of how many others fail;
/// whoever looks at one of the newest reads the same.
async fn judge(ctx: &Context, row: &Model, install_ids: &[String]) -> Result<(), JobError> {
    let mut newest: Vec<diagnosis::Model> = Vec::new();
    for some in install_ids.chunks(IDS) {
        let judged = diagnosis::Entity::find()
            .filter(diagnosis::Column::InstallId.is_in(some))
            .filter(diagnosis::Column::Class.eq(row.class.as_str()))
            .filter(diagnosis::Column::DiagnosedAt.gte(row.opened_at - WINDOW))
            .all(&ctx.db.read)
            .await?;
        newest.extend(judged);
        newest.sort_by_key(|known| Reverse(known.diagnosed_at));
        newest.truncate(JUDGED_ANEW);
    }
    let is_new = newest.first().and_then(|known| known.diagnosed_at).is_some_and(|at| ctx.now() < at + JUDGED);
    if row.scope == Scope::Account && row.verdict.is_some() && !is_new {
        return Ok(());
    }
    let mut verdict = None;
    for known in &newest {
        let Some(install) = install::Entity::find_by_id(&known.install_id).one(&ctx.db.read).await? else { continue };
        let others = diagnoses::Others::of(&ctx.db.read, &install, &row.class, ctx.now()).await?;
        let Some(evidence) = diagnoses::judged(known, others) else { continue };
        let own = serde_json::to_value(diagnoses::verdict(&evidence)).map_err(JobError::dead)?;
        if verdict.is_none() {
            verdict = Some(match row.scope {
                Scope::Account => own.clone(),
                Scope::App => serde_json::to_value(diagnoses::verdict_for_all(&evidence)).map_err(JobError::dead)?,
            });
        }
        // What is looked into by itself, or again, has its verdict from there.
        if !known.by_itself && known.diagnose_at.is_none() && known.verdict.as_ref() != Some(&own) {
            diagnosis::Entity::judge_anew(&ctx.db.write, known, own, ctx.now()).await?;
        }
    }
    if let Some(verdict) = verdict.filter(|verdict| row.verdict.as_ref() != Some(verdict)) {
        incident::Entity::keep_verdict(&ctx.db.write, &row.id, verdict, ctx.now()).await?;
    }
    Ok(())
}

/// Has each of these installs looked into by itself, spread out; returns whether all have been.
async fn confirm(ctx: &Context, met: &[String]) -> Result<bool, JobError> {
    let (now, mut open) = (ctx.now(), 0_usize);
    for some in met.chunks(IDS) {
        let active: HashSet<String> = installs(ctx, some.to_vec())
            .await?
            .into_iter()
            .filter_map(|(id, status)| (status == Status::Active).then_some(id))
            .collect();
        let doubts = diagnosis::Entity::find()
            .filter(diagnosis::Column::InstallId.is_in(some))
            .filter(diagnosis::Column::Class.eq(Class::TokenDead.as_str()))
            .all(&ctx.db.read)
            .await?;
        let doubts: Vec<_> = doubts.into_iter().filter(|row| active.contains(&row.install_id)).collect();
        open += doubts.iter().filter(|row| !row.by_itself || row.diagnose_at.is_some()).count();
        let new = doubts.into_iter().filter(|row| !row.by_itself);
        let at = |row: diagnosis::Model| {
            let at = now + spread(&row.install_id, met.len() as u64);
            (row.install_id, at)
        };
        diagnoses::confirm(ctx, &new.map(at).collect::<Vec<_>>()).await?;
    }
    Ok(open == 0)
}
