//! What a feed does not show: a feed is an account's newest media, and more may have been published while nothing was read.

use chrono::{DateTime, Utc};
use entities::incident::Kind;
use entities::{crosspost_delivery, install};
use queue::JobError;

use super::seen::Item;
use super::standing::Standing;
use crate::graph::{self, Class};
use crate::throttles::{Key, Priority};
use crate::{Context, incidents, page_token};

/// Reads an account's media back to `since`; `None` if that does not go now. It is tried again at the next look.
pub(super) async fn read(
    ctx: &Context,
    install: &install::Model,
    since: DateTime<Utc>,
) -> Result<Option<Vec<Item>>, JobError> {
    if incidents::pause(ctx, Kind::Feeds, Some(&install.id)).await?.is_some() {
        return Ok(None);
    }
    // Whose key is missing is waited for, and keeps nobody else waiting.
    let Some(token) = page_token::open(ctx, install).unwrap_or_default() else { return Ok(None) };
    let graph = ctx.graph_for(Key::of(install), Priority::Refresh);
    match graph.media_since(&token, &install.instagram_business_account_id, since).await {
        Ok(media) => {
            let reaches = media.is_all || media.items.iter().filter_map(|item| item.timestamp).any(|at| at < since);
            if reaches {
                tracing::info!(install_id = install.id, read = media.items.len(), "read back to what was known");
            } else {
                tracing::error!(
                    install_id = install.id,
                    read = media.items.len(),
                    "what lies further back is not posted"
                );
            }
            Ok(Some(media.items.iter().filter_map(Item::of).collect()))
        }
        Err(error) => {
            tracing::warn!(install_id = install.id, %error, "media that were missed cannot be read now");
            Ok(None)
        }
    }
}

/// What a media is that has left the newest.
pub(super) enum Left {
    /// As it is now, with addresses that serve.
    Read(Box<Item>),
    /// It was deleted.
    Gone,
    /// Nobody can say.
    Unknown,
    /// Meta does not answer, for now.
    Later(graph::Error),
}

/// Reads a media that its account's feed does not show any more.
pub(super) async fn look(
    ctx: &Context,
    standing: &Standing,
    row: &crosspost_delivery::Model,
) -> Result<Left, JobError> {
    let Some(install) = &standing.install else { return Ok(Left::Unknown) };
    let Some(token) = page_token::open(ctx, install)? else { return Ok(Left::Unknown) };
    let graph = ctx.graph_for(Key::of(install), Priority::Refresh);
    let error = match graph.media_by_id(&token, &row.media_id).await {
        Ok(media) => return Ok(Item::of(&media).map_or(Left::Unknown, |item| Left::Read(Box::new(item)))),
        Err(error) => error,
    };
    match error.class() {
        Class::Transient if !matches!(error, graph::Error::NotAsked { .. }) => Ok(Left::Later(error)),
        Class::RateLimited | Class::Transient => Err(error.into()),
        Class::NotFound | Class::Ambiguous => {
            // Reads by id have failed for weeks while lists went on: one that is surely there tells them apart.
            let Some(there) = standing.seen.as_ref().and_then(|seen| seen.newest()) else { return Ok(Left::Unknown) };
            let is_gone = graph.one_media(&token, &there.id).await.is_ok();
            Ok(if is_gone { Left::Gone } else { Left::Unknown })
        }
        _ => Ok(Left::Unknown),
    }
}
