//! `scan_expiring_installs`: afterwards a mail is on its way to the owners of every install that is close to its end, or
//! past it, or was killed, and who were not told.
//!
//! It takes no input and looks at the state, so that missed days and lost ticks heal at the next one. It reads bounded pages
//! of what an index keeps, so that it costs what is due, however many installs there are.

use std::time::Duration;

use entities::install::{self, Place};
use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::jobs::SendExpiryEmail;

/// Rows a page.
const PAGE: u64 = 500;

/// Has owners told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScanExpiringInstalls {}

impl Job for ScanExpiringInstalls {
    type Context = Context;

    const NAME: &'static str = "scan_expiring_installs";
    const ATTEMPTS: u32 = 3;
    const TIMEOUT: Duration = Duration::from_mins(10);

    fn key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        if ctx.mailer.is_none() || ctx.owners.public_url.is_none() {
            tracing::warn!("no owner is told when a connection ends: set SMTP_URL, MAIL_FROM and PUBLIC_URL");
            return Ok(());
        }
        let now = ctx.now();
        let span = (now, ctx.owners.soon(now));
        let db = &ctx.db.read;
        let (mut after, mut near, mut killed) = (None, 0, 0);
        loop {
            let page = install::Entity::near_end(db, span, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            near += push(ctx, page).await?;
        }
        after = None;
        loop {
            let page = install::Entity::killed(db, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            killed += push(ctx, page).await?;
        }
        tracing::info!(near, killed, "looked for connections that end");
        Ok(())
    }
}

async fn push(ctx: &Context, page: Vec<Place>) -> Result<usize, JobError> {
    let jobs: Vec<_> = page.into_iter().map(|(_, install_id)| SendExpiryEmail { install_id }).collect();
    let pushed = ctx.queue.push_all(&jobs).await?;
    Ok(pushed.iter().filter(|pushed| !pushed.duplicate).count())
}
