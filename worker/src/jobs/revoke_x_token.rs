//! `revoke_x_token`: afterwards X knows that tokens are to serve no more, and nobody has them.

use std::time::Duration;

use entities::job_run::{self, State};
use queue::{Death, Job, JobError, Lane};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Context;
use crate::exchange::opened;
use crate::x_accounts::{Tokens, Written, revoke};

/// Revokes the tokens of one run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeXToken {
    /// The run in `job_runs` that holds the tokens, sealed.
    pub run_id: String,
}

impl Job for RevokeXToken {
    type Context = Context;

    const NAME: &'static str = "revoke_x_token";
    const QUEUE: Lane = Lane::Bulk;
    const ATTEMPTS: u32 = 12;
    /// Somebody wanted them gone: they are not kept for longer, whether X has heard of it or not.
    const MAX_AGE: Duration = Duration::from_hours(24);

    fn key(&self) -> Option<String> {
        Some(self.run_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let Some(run) = job_run::Entity::find_by_id(&self.run_id).one(&ctx.db.read).await? else { return Ok(()) };
        if run.state != State::Pending {
            return Ok(());
        }
        let tokens = Tokens::from(opened::<Written>(&ctx.keyring, &run)?);
        revoke(ctx, &tokens).await?;
        job_run::Entity::finish(&ctx.db.write, &self.run_id, json!({}), ctx.end()).await?;
        Ok(())
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        tracing::error!(%reason, "tokens were not revoked at X, and are not kept any longer");
        let error = json!({"code": "transient", "class": "transient", "message": "X was not told.", "advice": ""});
        job_run::Entity::fail(&ctx.db.write, &self.run_id, error, ctx.end()).await?;
        Ok(())
    }
}
