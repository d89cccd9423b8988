//! `refresh_x_token`: afterwards an account's access to X lives on, or its row says why not and when it is tried again.
//!
//! How it went before, and when it is tried again, stands in the row, so a failure burns no attempt here.

use std::time::Duration;

use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::{Context, x_accounts};

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
}
