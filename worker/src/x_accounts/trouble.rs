//! What the operator is told of X: through the same incidents as everything else, by kinds that nothing of Meta's waits for.

use entities::incident::{self, Kind};
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

/// Keeps that it works for an account: what was wrong with it is over, and what was wrong for everybody.
pub(crate) async fn works(ctx: &Context, kind: Kind, x_account_id: &str) -> Result<(), DbErr> {
    for whose in [Some(x_account_id), None] {
        for over in incident::Entity::open_of_x(&ctx.db.read, kind, whose).await? {
            if incident::Entity::close(&ctx.db.write, &over.id, ctx.now()).await? {
                tracing::info!(incident_id = over.id, class = over.class, "incident of X over");
            }
        }
    }
    Ok(())
}
