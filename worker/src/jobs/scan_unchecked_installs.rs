//! `scan_unchecked_installs`: afterwards Meta is being asked about every install that it was not asked about for a day.
//!
//! It takes no input and looks at the state, so a lost tick heals at the next one. Each install has its own time of day, by
//! when it was connected, so that they are not asked about all at once.

use chrono::TimeDelta;
use entities::install;
use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::jobs::CheckToken;

/// How often Meta is asked about an install.
const ASKED_EVERY: TimeDelta = TimeDelta::days(1);
/// Rows a page.
const PAGE: u64 = 500;

/// Has the installs checked whose time has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScanUncheckedInstalls {}

impl Job for ScanUncheckedInstalls {
    type Context = Context;

    const NAME: &'static str = "scan_unchecked_installs";
    const ATTEMPTS: u32 = 3;

    fn key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let until = ctx.now() - ASKED_EVERY;
        let (mut after, mut pushed) = (None, 0);
        loop {
            let page = install::Entity::unchecked(&ctx.db.read, until, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            let jobs: Vec<_> = page.into_iter().map(|(_, install_id)| CheckToken { install_id }).collect();
            pushed += ctx.queue.push_all(&jobs).await?.iter().filter(|pushed| !pushed.duplicate).count();
        }
        if pushed > 0 {
            tracing::info!(pushed, "installs are being checked");
        }
        Ok(())
    }
}
