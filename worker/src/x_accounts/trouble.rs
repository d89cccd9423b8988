//! What the operator is told of X: through the same incidents as everything else, by kinds that nothing of Meta's waits for.

use chrono::{DateTime, Utc};
use entities::incident::{self, Kind};
use entities::x_account;
use sea_orm::DbErr;

use crate::Context;
use crate::graph::Class;

/// Keeps that something of X's fails, for one account or, without one, for everybody. However often, it is told once.
pub(crate) async fn failed(
    ctx: &Context,
    (kind, class): (Kind, Class),
    x_account_id: Option<&str>,
) -> Result<(), DbErr> {
    let class = class.as_str();
    if incident::Entity::meet_of_x(&ctx.db.write, (class, kind), x_account_id, ctx.now()).await? {
        tracing::warn!(class, kind = kind.as_str(), x_account_id, "incident of X begins");
    }
    Ok(())
}

/// What passes by itself: of everybody's it is over when it has passed for all.
const PASSING: [&str; 2] = [Class::Transient.as_str(), Class::RateLimited.as_str()];

/// Keeps that it works for an account, which was asked for at `asked_at`: what was wrong with it is over, and what was wrong
/// for everybody. A refusal that came later is not.
pub(crate) async fn works(ctx: &Context, kind: Kind, x_account_id: &str, asked_at: DateTime<Utc>) -> Result<(), DbErr> {
    for whose in [Some(x_account_id), None] {
        for over in incident::Entity::open_of_x(&ctx.db.read, kind, whose).await? {
            let passes = PASSING.contains(&over.class.as_str());
            if !passes && asked_at <= over.opened_at {
                continue;
            }
            let is_everybodys_access = passes && whose.is_none() && kind == Kind::XAccess;
            if is_everybodys_access
                && x_account::Entity::others_fail(&ctx.db.read, x_account_id, PASSING, ctx.now()).await?
            {
                continue;
            }
            if incident::Entity::close(&ctx.db.write, &over.id, ctx.now()).await? {
                tracing::info!(incident_id = over.id, class = over.class, "incident of X over");
            }
        }
    }
    Ok(())
}
