//! Comparing what a feed shows with a cross-post's ledger: what is new is planned.

use entities::{crosspost, crosspost_delivery};
use sea_orm::DbErr;

use super::seen::{Seen, planned};
use crate::Context;

/// Plans what is new; returns how much.
pub(crate) async fn plan(ctx: &Context, crosspost: &crosspost::Model, seen: &Seen) -> Result<usize, DbErr> {
    let new: Vec<_> = seen.new_to(crosspost).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let ids = new.iter().map(|(item, _)| item.id.as_str());
    let known = crosspost_delivery::Entity::known(&ctx.db.read, &crosspost.id, ids).await?;
    let unknown: Vec<_> =
        new.into_iter().filter(|(item, _)| !known.contains(&item.id)).map(|(item, at)| planned(item, at)).collect();
    let count = unknown.len();
    if count > 0 {
        crosspost_delivery::Entity::plan(&ctx.db.write, &crosspost.id, unknown, ctx.now()).await?;
    }
    Ok(count)
}
