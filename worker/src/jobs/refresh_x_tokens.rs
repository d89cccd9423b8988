//! `refresh_x_tokens`: afterwards each pair of tokens that is due is being renewed. Of Instagram it knows nothing: whatever
//! is wrong there, the access to X lives on.
//!
//! It takes no input and looks at the state, so a lost tick heals at the next one.

use entities::x_account;
use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::jobs::RefreshXToken;

/// Rows a page.
const PAGE: u64 = 500;

/// Has the pairs renewed that are due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefreshXTokens {}

impl Job for RefreshXTokens {
    type Context = Context;

    const NAME: &'static str = "refresh_x_tokens";
    const ATTEMPTS: u32 = 3;

    fn key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let (now, mut after, mut pushed) = (ctx.now(), None, 0);
        loop {
            let page = x_account::Entity::refresh_due(&ctx.db.read, now, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            let jobs: Vec<_> = page.into_iter().map(|(_, x_account_id)| RefreshXToken { x_account_id }).collect();
            pushed += ctx.queue.push_all(&jobs).await?.iter().filter(|pushed| !pushed.duplicate).count();
        }
        if pushed > 0 {
            tracing::info!(pushed, "accesses to X are being renewed");
        }
        Ok(())
    }
}
