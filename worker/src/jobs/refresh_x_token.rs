//! `refresh_x_token`: afterwards an account's access to X lives on, or its row says why not and when it is tried again.
//!
//! How it went before, and when it is tried again, stands in the row, so a failure burns no attempt here.

use std::time::Duration;

use chrono::TimeDelta;
use entities::x_account;
use queue::{Death, Job, JobError};
use serde::{Deserialize, Serialize};

use crate::graph::Class;
use crate::{Context, x_accounts};

/// How long a pair is left alone that could not be worked on.
const PUT_OFF: TimeDelta = TimeDelta::hours(1);

/// Renews one account's pair of tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefreshXToken {
    /// The account.
    pub x_account_id: String,
}

impl Job for RefreshXToken {
    type Context = Context;

    const NAME: &'static str = "refresh_x_token";
    const ATTEMPTS: u32 = 3;
    /// One call, and a database that is away behind it.
    const TIMEOUT: Duration = Duration::from_mins(3);

    fn key(&self) -> Option<String> {
        Some(self.x_account_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        x_accounts::renew(ctx, &self.x_account_id).await
    }

    /// Its token does not open, or its worker died with it: nothing that another minute mends.
    async fn on_dead(&self, ctx: &Context, _: &Death) -> Result<(), JobError> {
        let (now, class) = (ctx.now(), Class::Ambiguous.as_str());
        let put_off = (now + PUT_OFF, class);
        Ok(x_account::Entity::put_off(&ctx.db.write, &self.x_account_id, put_off, now).await?)
    }
}
