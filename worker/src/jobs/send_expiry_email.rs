//! `send_expiry_email`: afterwards the owners who depend on an install know that it ends, or has ended, each by one mail a
//! stage; or it is written down why one does not.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entities::email_delivery::{About, Stage};
use entities::install;
use queue::{Job, JobError, Lane};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::expiry::delivery::{self, Outcome, Post};
use crate::expiry::{recipients, truth};
use crate::{Context, incidents};

/// What Meta said longer ago is asked again before anybody is told.
const FRESH: TimeDelta = TimeDelta::hours(26);
/// How soon it is looked again whether an incident is over, of which nobody is to be told by mail.
const INCIDENT_LASTS: Duration = Duration::from_mins(30);
/// So long mails are begun in one attempt: what began last has time to end.
const BEGUN_WITHIN: Duration = Duration::from_mins(3);

/// Tells the owners of one install.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendExpiryEmail {
    /// The install; what is to be told is looked up.
    pub install_id: String,
}

impl Job for SendExpiryEmail {
    type Context = Context;

    const NAME: &'static str = "send_expiry_email";
    const QUEUE: Lane = Lane::Bulk;
    const ATTEMPTS: u32 = 5;
    const TIMEOUT: Duration = Duration::from_mins(8);
    /// Behind it the daily scan finds what is still to be told.
    const MAX_AGE: Duration = Duration::from_hours(3 * 24);

    fn key(&self) -> Option<String> {
        Some(self.install_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let (Some(mailer), Some(public_url)) = (&ctx.mailer, &ctx.owners.public_url) else { return Ok(()) };
        delivery::settle_left_behind(ctx, &self.install_id).await?;
        if self.due(ctx).await?.is_some_and(|(install, _)| install.checked_at + FRESH < ctx.now()) {
            self.look_again(ctx).await;
        }
        let Some((install, stage)) = self.due(ctx).await? else { return Ok(()) };
        if stage == Stage::Killed && incidents::suppresses_mails(&ctx.db.read, &install.id).await? {
            let why = anyhow::anyhow!("an incident lasts, of which this may be part");
            return Err(JobError::retry_after(INCIDENT_LASTS, why));
        }
        let about = About { install_id: &install.id, generation: install.generation, stage };
        let post = Post { mailer, public_url, install: &install, about };
        let recipients = recipients::of(&ctx.db.read, &install.id).await?;
        let (began, mut again): (_, Option<Duration>) = (Instant::now(), None);
        for row in post.plan(ctx, &recipients).await? {
            let Some(recipient) = recipients.iter().find(|recipient| recipient.key == row.recipient) else { continue };
            if began.elapsed() > BEGUN_WITHIN {
                again = Some(Duration::from_secs(1));
                break;
            }
            match post.send(ctx, &row, recipient).await? {
                Outcome::Settled => {}
                Outcome::Later(wait) => again = Some(again.map_or(wait, |again| again.min(wait))),
                Outcome::Over => break,
            }
        }
        match again {
            Some(wait) => Err(JobError::retry_after(wait, anyhow::anyhow!("not all mails were taken"))),
            None => Ok(()),
        }
    }
}

impl SendExpiryEmail {
    /// The install and what its owners are to be told, if there is anything.
    async fn due(&self, ctx: &Context) -> Result<Option<(install::Model, Stage)>, JobError> {
        let now = ctx.now();
        let install = install::Entity::find_by_id(&self.install_id).one(&ctx.db.read).await?;
        let stage = |install: install::Model| {
            let stage = install.mail_due(now, ctx.owners.soon(now))?;
            Some((install, stage))
        };
        Ok(install.and_then(stage))
    }

    /// Asks Meta once more. If it does not answer, what it said before stands.
    async fn look_again(&self, ctx: &Context) {
        let asked = async {
            match install::Entity::find_by_id(&self.install_id).one(&ctx.db.read).await? {
                Some(install) if install.is_active() => truth::check(ctx, &install).await,
                _ => Ok(()),
            }
        };
        if let Err(error) = asked.await {
            tracing::warn!(install_id = self.install_id, %error, "Meta does not say again when an install ends");
        }
    }
}
