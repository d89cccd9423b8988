//! The end of a media: kept in the ledger, and counted by the name of `docs/metrics.md`.

use entities::crosspost_delivery::{self, State};
use metrics::counter;
use sea_orm::DbErr;

use crate::Context;

/// Keeps what became of a media that X was asked to post, by the number of the attempt.
pub(super) async fn asked(
    ctx: &Context,
    attempt: (&str, i32),
    (state, reason, x_post_id): (State, Option<&str>, Option<&str>),
) -> Result<(), DbErr> {
    let ended = (state, reason, x_post_id);
    count(state, crosspost_delivery::Entity::end(&ctx.db.write, attempt, ended, ctx.now()).await?);
    Ok(())
}

/// Keeps why a media is not posted, before X was asked to.
pub(super) async fn unasked(ctx: &Context, id: &str, ended: (State, &str, &str)) -> Result<(), DbErr> {
    count(ended.0, crosspost_delivery::Entity::end_unasked(&ctx.db.write, id, ended, ctx.now()).await?);
    Ok(())
}

/// Whoever was overtaken ended nothing.
fn count(state: State, is_kept: bool) {
    if is_kept {
        counter!("feedkeeper_crosspost_media_total", "state" => state.as_str()).increment(1);
    }
}
