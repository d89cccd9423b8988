//! `scan_crossposts`: afterwards every new media that a feed shows is planned in the ledgers of the cross-posts that post it,
//! and whatever is still to be posted is on its way.
//!
//! It looks at the state, so that a lost tick heals at the next one; a feed that was just fetched for cross-posts asks for
//! those of its own, so that nobody waits for a tick.

use std::time::Duration;

use entities::{crosspost, crosspost_delivery, feed, install};
use queue::{Job, JobError};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::crosspost::{Seen, demand, note_gone, plan};
use crate::jobs::CrosspostMedia;

/// Rows a page.
const PAGE: u64 = 200;
/// So many of the media that are still to be posted are looked for in a feed.
const OPEN: u64 = 1_000;

/// Compares feeds with ledgers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScanCrossposts {
    /// The feed whose cross-posts are looked at; all are, where it names none.
    pub feed_id: Option<String>,
}

impl Job for ScanCrossposts {
    type Context = Context;

    const NAME: &'static str = "scan_crossposts";
    const ATTEMPTS: u32 = 3;
    const TIMEOUT: Duration = Duration::from_mins(5);

    fn key(&self) -> Option<String> {
        Some(self.feed_id.clone().unwrap_or_default())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        if let Some(feed_id) = &self.feed_id {
            let feed = feed::Entity::find_by_id(feed_id).one(&ctx.db.read).await?;
            let Some(name) = feed.as_ref().and_then(|feed| feed.key.account_name()) else { return Ok(()) };
            let crossposts = crosspost::Entity::active_of(&ctx.db.read, name).await?;
            return scan(ctx, &crossposts).await;
        }
        let mut after = String::new();
        loop {
            let page = crosspost::Entity::page_of_active(&ctx.db.read, &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.id);
            scan(ctx, &page).await?;
        }
        Ok(feed::Entity::demand_no_more(&ctx.db.write).await?)
    }
}

/// Looks at the feeds of some cross-posts, and pushes what is to be posted.
async fn scan(ctx: &Context, crossposts: &[crosspost::Model]) -> Result<(), JobError> {
    let mut planned = 0;
    for crosspost in crossposts {
        let Some(install) = install::Entity::find_by_id(&crosspost.install_id).one(&ctx.db.read).await? else {
            continue;
        };
        if let Some(fetch) = demand(&ctx.db, &install, ctx.now()).await? {
            ctx.queue.push(&fetch).await?;
        }
        // Before the feed, which is no older then than what these were planned from.
        let open = crosspost_delivery::Entity::open_of(&ctx.db.read, &crosspost.id, OPEN).await?;
        let feed = feed::Entity::of_account(&ctx.db.read, &install.instagram_account).await?;
        if let Some(seen) = feed.and_then(|feed| Seen::of(&feed, &install)) {
            note_gone(ctx, &open, &seen).await?;
            planned += plan(ctx, (crosspost, &install), &seen).await?;
        }
    }
    let ids = crossposts.iter().map(|crosspost| crosspost.id.as_str());
    let waiting = crosspost_delivery::Entity::waiting(&ctx.db.read, ids).await?;
    let jobs: Vec<_> = waiting.into_iter().map(|crosspost_id| CrosspostMedia { crosspost_id }).collect();
    ctx.queue.push_all(&jobs).await?;
    if planned > 0 {
        tracing::info!(planned, "new media are to be posted to X");
    }
    Ok(())
}
