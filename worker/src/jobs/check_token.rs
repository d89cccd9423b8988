//! `check_token`: afterwards an install's end is what Meta says that it is, or there is a doubt about its token that is
//! looked into. Meta advises to ask at least daily.

use entities::install;
use queue::{Death, Job, JobError, Lane};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::expiry::truth;

/// Asks Meta about one install's token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckToken {
    /// The install.
    pub install_id: String,
}

impl Job for CheckToken {
    type Context = Context;

    const NAME: &'static str = "check_token";
    const QUEUE: Lane = Lane::Bulk;
    const ATTEMPTS: u32 = 5;

    fn key(&self) -> Option<String> {
        Some(self.install_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let install = install::Entity::find_by_id(&self.install_id).one(&ctx.db.read).await?;
        match install.filter(|install| truth::is_due(install, ctx.now())) {
            Some(install) => truth::check(ctx, &install).await,
            None => Ok(()),
        }
    }

    /// It is asked again tomorrow, not before.
    async fn on_dead(&self, ctx: &Context, _: &Death) -> Result<(), JobError> {
        Ok(install::Entity::note_checked(&ctx.db.write, &self.install_id, ctx.now()).await?)
    }
}
