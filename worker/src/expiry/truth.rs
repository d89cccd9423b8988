//! When an install ends, as Meta says: `debug_token` is asked, and what it says is kept.
//!
//! An end that Meta tells is a fact, and so is one that has come. A token that died before its end is only doubted here:
//! what killed it is found out, and confirmed, by `diagnose_install`.

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::Kind;
use entities::install::{self, KnownEnd};
use queue::JobError;
use sea_orm::DatabaseTransaction;

use crate::exchange::access::ASSUMED_LIFE;
use crate::graph::{Class, Expiry, TokenInfo};
use crate::jobs::CheckToken;
use crate::throttles::Priority;
use crate::{Context, diagnosis, incidents, page_token};

/// An end that is later by less is the same end: Meta counts it from the second of a visit.
const SAME_END: TimeDelta = TimeDelta::days(1);
/// What was asked less long ago is not asked again.
const JUST_ASKED: TimeDelta = TimeDelta::hours(12);
/// How long a token that outlived our estimate is believed to live on: until it is looked at again.
const LIVES_ON: TimeDelta = TimeDelta::days(1);
/// The subcode of a token that has come to its end.
const EXPIRED: i64 = 463;

/// Returns whether Meta may be asked about an install: it has a credential, and was not asked about just now.
pub(crate) fn is_due(install: &install::Model, now: DateTime<Utc>) -> bool {
    install.is_active() && install.checked_at + JUST_ASKED <= now
}

/// Has Meta asked about an install that has served just now, though its end has come by what is known: data access is a
/// person's, who may have come back with another account. Nobody else asks about what has ended and was told of.
pub(crate) async fn doubt_end(ctx: &Context, install: &install::Model) {
    if !install.has_ended(ctx.now()) || !is_due(install, ctx.now()) {
        return;
    }
    let job = CheckToken { install_id: install.id.clone() };
    if let Err(error) = ctx.queue.push(&job).await {
        tracing::warn!(%error, install_id = install.id, "an end is doubted and nobody asks; the next fetch pushes it");
    }
}

/// Asks Meta when an install ends, and keeps the answer.
pub(crate) async fn check(ctx: &Context, install: &install::Model) -> Result<(), JobError> {
    let Some(token) = page_token::open(ctx, install)? else { return note(ctx, install).await };
    // Meta counts the question against our app alone.
    let info = match ctx.graph_for([], Priority::Backfill).debug_token(&token).await {
        Ok(info) => info,
        Err(error) if matches!(error.class(), Class::Transient | Class::RateLimited) => return Err(error.into()),
        Err(error) => {
            tracing::warn!(install_id = install.id, %error, "Meta does not say when an install ends");
            return note(ctx, install).await;
        }
    };
    if info.is_valid && !ctx.graph.is_our_app(&info.app_id) {
        return note(ctx, install).await;
    }
    if info.is_valid || has_expired(&info, install, ctx.now()) {
        return keep(ctx, install, &info).await;
    }
    if let Some(error) = &info.error {
        tracing::info!(install_id = install.id, %error, "a token seems to have been killed");
        diagnosis::doubt(ctx, install, error).await?;
        incidents::met(ctx, install, Kind::Feeds, error).await?;
    }
    note(ctx, install).await
}

/// Whether a token that is not valid has come to its end, rather than been killed before.
fn has_expired(info: &TokenInfo, install: &install::Model, now: DateTime<Utc>) -> bool {
    let says_so = info.error.as_ref().is_some_and(|error| error.details().subcode == Some(EXPIRED));
    let is_past = |end: DateTime<Utc>| end <= now;
    let known = install.token_expires_at.filter(|_| !install.ends_estimated);
    says_so || matches!(info.expires_at, Expiry::At(end) if is_past(end)) || known.is_some_and(is_past)
}

/// Asked, and nothing learnt.
async fn note(ctx: &Context, install: &install::Model) -> Result<(), JobError> {
    Ok(install::Entity::note_checked(&ctx.db.write, &install.id, ctx.now()).await?)
}

async fn keep(ctx: &Context, install: &install::Model, info: &TokenInfo) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    let now = ctx.now();
    // A reconnect locks the row too: what was asked about the credential before it says nothing of the new one.
    let current = install::Entity::lock(&tx, &install.id).await?;
    let Some(current) = current.filter(|current| current.generation == install.generation) else {
        tx.rollback().await?;
        return Ok(());
    };
    let end = known_end(info, &current, now);
    install::Entity::keep_end(&tx, (&current.id, current.generation), end, now).await?;
    renew(ctx, &tx, &current, end).await?;
    tx.commit().await?;
    Ok(())
}

/// An end that moved behind what the owners were told of is a renewal, though nobody connected anew. Where they were told
/// that it has come, that is also one that is near by now; but no estimate, which says no more than that it still serves.
async fn renew(ctx: &Context, tx: &DatabaseTransaction, old: &install::Model, end: KnownEnd) -> Result<(), JobError> {
    let now = ctx.now();
    let was_told = old.first_verify_email_sent_at.is_some() || old.second_verify_email_sent_at.is_some();
    let is_ahead = |new: DateTime<Utc>| {
        let is_known = !end.is_estimate || end.token != Some(new);
        new > ctx.owners.soon(now) || (old.second_verify_email_sent_at.is_some() && is_known && new > now)
    };
    let has_moved = match (old.ends_at(), install::earlier(end.token, end.data_access)) {
        (Some(old), Some(new)) => old + SAME_END < new && is_ahead(new),
        (Some(_), None) => true,
        (None, _) => false,
    };
    if was_told && has_moved && old.killed.is_none() {
        tracing::info!(install_id = old.id, "an install was renewed without being connected anew");
        install::Entity::renew(tx, &old.id, now).await?;
    }
    Ok(())
}

/// What is known by Meta's answer. An end that it does not tell is an estimate, never "now"; what it told before stands.
fn known_end(info: &TokenInfo, old: &install::Model, now: DateTime<Utc>) -> KnownEnd {
    let data_access = match info.data_access_expires_at {
        Expiry::At(end) => Some(end),
        Expiry::Never => None,
        Expiry::Unknown => old.data_access_expires_at,
    };
    let (token, is_estimate) = match (info.is_valid, info.expires_at) {
        (true, Expiry::Never) => (None, false),
        (_, Expiry::At(end)) => (Some(end), false),
        (true, Expiry::Unknown) => match old.token_expires_at {
            Some(end) if end > now => (Some(end), old.ends_estimated),
            Some(_) => (Some(now + LIVES_ON), true),
            None if old.data_access_expires_at.is_some() => (None, false),
            None => (Some(now + ASSUMED_LIFE), true),
        },
        // It has come: when it was told to, or else by now.
        (false, _) => (Some(old.token_expires_at.map_or(now, |end| end.min(now))), false),
    };
    KnownEnd { token, data_access, is_estimate }
}

#[cfg(test)]
#[path = "truth_tests.rs"]
mod tests;
