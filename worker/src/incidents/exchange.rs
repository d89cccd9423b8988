//! Connecting fails for many: that is everybody's, and it is over when somebody is connected. Nobody is made to wait for
//! its end: each who connects tries by that itself.

use std::collections::HashSet;

use chrono::TimeDelta;
use entities::incident::{self, Alike, Kind, Seen, open_key};
use entities::job_run::{self, State};
use queue::{Job as _, JobError};
use sea_orm::DbErr;

use crate::Context;
use crate::graph::Class;
use crate::jobs::ExchangeToken;

/// Those who are refused alike within so long, with nobody connected since, are not refused for reasons of their own.
const WINDOW: TimeDelta = TimeDelta::minutes(30);
/// So many of them.
const CROWD: usize = 3;
/// So many ends are looked at.
const ENDS: u64 = 50;

/// Keeps that an exchange was refused for a reason that is not the person's: its run has ended.
pub(crate) async fn refused(ctx: &Context, class: Class) -> Result<(), JobError> {
    // A token that is dead is whoever's it was; a limit is told by what it limits.
    if matches!(class, Class::TokenDead | Class::RateLimited) {
        return Ok(());
    }
    let (now, class) = (ctx.now(), class.as_str());
    let alike = Alike { class, kind: Kind::Exchange, code: None };
    let seen = Seen { alike, subcode: None, fbtrace_id: None, at: now };
    let db = &ctx.db.write;
    if incident::Entity::see_again(db, &open_key(class, Kind::Exchange, None), &seen).await?.is_some() {
        return Ok(());
    }
    let ends = job_run::Entity::ends(&ctx.db.read, ExchangeToken::NAME, now - WINDOW, ENDS).await?;
    let is_alike = |error: &serde_json::Value| error["class"] == class && error["code"] == class;
    let apps: HashSet<String> = ends
        .into_iter()
        .take_while(|end| end.state == State::Failed)
        .filter(|end| end.error.as_ref().is_some_and(is_alike))
        .filter_map(|end| end.app_id)
        .collect();
    if apps.len() >= CROWD
        && let Some(id) = incident::Entity::open(db, None, &seen, None).await?
    {
        tracing::error!(incident_id = id, class, apps = apps.len(), "incident of everybody's: nobody is connected");
    }
    Ok(())
}

/// Keeps that somebody was connected.
pub(crate) async fn connected(ctx: &Context) -> Result<(), DbErr> {
    let keys = Class::ALL.map(|class| open_key(class.as_str(), Kind::Exchange, None)).to_vec();
    for over in incident::Entity::by_keys(&ctx.db.read, keys).await? {
        incident::Entity::close(&ctx.db.write, &over.id, ctx.now()).await?;
        tracing::warn!(incident_id = over.id, class = over.class, "incident of everybody's over");
    }
    Ok(())
}
