//! `probe_incident`: afterwards every incident has the newest verdict, those that are due were tried, and what is over is
//! closed, with those that waited for its end on their way.
//!
//! It takes no input and looks at the state, so a lost tick heals at the next one.

use std::time::Duration;

use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::{Context, incidents};

/// Looks after the incidents.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProbeIncident {}

impl Job for ProbeIncident {
    type Context = Context;

    const NAME: &'static str = "probe_incident";
    const ATTEMPTS: u32 = 3;
    /// A dozen calls for each incident of everybody's that is due, and each may take 25 s.
    const TIMEOUT: Duration = Duration::from_mins(10);

    fn key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        incidents::tend(ctx).await
    }
}
