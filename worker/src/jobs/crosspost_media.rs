//! `crosspost_media`: afterwards the media that a cross-post has planned are on X, in order of their time, or it stands in
//! the ledger what they wait for.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entities::incident::Kind;
use entities::{crosspost, crosspost_delivery};
use queue::{Death, Job, JobError, Lane};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::crosspost::{Standing, Step, Wait, step};
use crate::graph::Class;
use crate::x_accounts::{Access, access, trouble};

/// So long media are begun in one attempt: the last one has time to end.
const BEGUN_WITHIN: Duration = Duration::from_mins(3);
/// How long a media is left alone that ended its job.
const LEFT_ALONE: TimeDelta = TimeDelta::hours(1);

/// Posts what a cross-post has planned.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CrosspostMedia {
    /// The cross-post: one job for all of its media, so that they go in order.
    pub crosspost_id: String,
}

impl Job for CrosspostMedia {
    type Context = Context;

    const NAME: &'static str = "crosspost_media";
    const QUEUE: Lane = Lane::Bulk;
    const ATTEMPTS: u32 = 5;
    /// A large video is fetched and handed over in pieces.
    const TIMEOUT: Duration = Duration::from_mins(10);

    fn key(&self) -> Option<String> {
        Some(self.crosspost_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let began = Instant::now();
        loop {
            let Some(crosspost) = crosspost::Entity::find_by_id(&self.crosspost_id).one(&ctx.db.read).await? else {
                return Ok(());
            };
            let Some(row) = self.next(ctx).await? else { return Ok(()) };
            if let Some(next) = row.next_try_at.filter(|next| ctx.now() < *next) {
                return Err(JobError::retry_at(next, anyhow::anyhow!("a media waits for its next try")));
            }
            let standing = Standing::of(&ctx.db.read, crosspost, ctx.now()).await?;
            // Whether something is there is found out whatever it waits for, but for X.
            let is_at_x = |wait: &Wait| matches!(wait, Wait::XAccount | Wait::XStopped(_));
            if let Some(wait) = standing.waits(ctx.now()).filter(|wait| !row.state.is_in_doubt() || is_at_x(wait)) {
                tracing::info!(
                    crosspost_id = self.crosspost_id,
                    waits_for = wait.as_str(),
                    "nothing is posted to X now"
                );
                return Ok(());
            }
            let Access::Granted(granted) = access(ctx, &standing.crosspost.x_account_id).await? else { return Ok(()) };
            if step(ctx, &standing, &granted, &row).await? == Step::Wait {
                return Ok(());
            }
            if began.elapsed() > BEGUN_WITHIN {
                return Err(JobError::retry_after(
                    Duration::from_secs(1),
                    anyhow::anyhow!("more media are to be posted"),
                ));
            }
        }
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        let Some(row) = self.next(ctx).await? else { return Ok(()) };
        let (why, again) = (format!("given up for now: {reason}"), ctx.now() + LEFT_ALONE);
        crosspost_delivery::Entity::put_off(&ctx.db.write, &row.id, &why, again).await?;
        // What comes behind it waits as well: somebody has to know.
        let crosspost = crosspost::Entity::find_by_id(&self.crosspost_id).one(&ctx.db.read).await?;
        let account = crosspost.as_ref().map(|crosspost| crosspost.x_account_id.as_str());
        Ok(trouble::failed(ctx, (Kind::XPosts, Class::Transient), account).await?)
    }
}

impl CrosspostMedia {
    /// The earliest media that is still to be posted.
    async fn next(&self, ctx: &Context) -> Result<Option<crosspost_delivery::Model>, JobError> {
        Ok(crosspost_delivery::Entity::open_of(&ctx.db.read, &self.crosspost_id, 1).await?.pop())
    }
}
