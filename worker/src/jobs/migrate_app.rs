//! `migrate_app`: afterwards an app's row says which of its feeds the Graph serves, by the accounts that are connected to it.
//!
//! An account was connected or disconnected: that is a time in the app's row, kept in the commit that did it. The job locks
//! the row and writes what follows from the connections and feeds that there are by then, whichever of them brought it about;
//! so it may come twice, or late, or for two at once. Whoever connects an account behind its look makes it due again.

use chrono::{DateTime, TimeDelta, Utc};
use entities::{app, install};
use queue::{Death, Job, JobError, Lane};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::migrating::Kept;

/// When an app is looked at again whose migration could not be written.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// Writes how far an app has moved off the outlet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MigrateApp {
    /// The app.
    pub app_id: String,
    /// Since when it is due. What became due behind a look that is just ending is another job, and not dropped with that one.
    pub due_at: DateTime<Utc>,
}

impl Job for MigrateApp {
    type Context = Context;

    const NAME: &'static str = "migrate_app";
    /// Whoever connected the account looks at the widget.
    const QUEUE: Lane = Lane::Interactive;

    fn key(&self) -> Option<String> {
        Some(format!("{} {}", self.due_at.timestamp_micros(), self.app_id))
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let tx = ctx.db.begin().await?;
        let app = app::Entity::lock(&tx, &self.app_id).await?;
        let Some(app) = app.filter(|app| app.migrate_due_at.is_some()) else { return Ok(tx.rollback().await?) };
        // Behind the lock: who is connecting an account waits for it with the app's row.
        let connected = install::Entity::names_of_app(&tx, &self.app_id).await?;
        let kept = Kept::when_connected(&ctx.migrating, &app, &connected, ctx.now());
        match &kept {
            Some(Kept { migrated_at, not_migrated_feeds }) => {
                let migrated_at = migrated_at.as_deref();
                app::Entity::keep_migration(&tx, &self.app_id, migrated_at, not_migrated_feeds, ctx.now()).await?;
            }
            None => app::Entity::end_migration(&tx, &self.app_id).await?,
        }
        tx.commit().await?;
        if let Some(kept) = kept {
            let (feeds, stay) = (app.feeds.0.len(), kept.not_migrated_feeds.0.len());
            tracing::info!(
                app_id = self.app_id,
                feeds,
                stay,
                "an app's feeds are divided between the Graph and the outlet"
            );
        }
        Ok(())
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        tracing::error!(app_id = self.app_id, %reason, "an app was to move off the outlet, and does not yet");
        app::Entity::postpone_migration(&ctx.db.write, &self.app_id, ctx.now() + AGAIN).await?;
        Ok(())
    }
}
