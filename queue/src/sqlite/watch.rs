//! Noticing what others do to the file: another process pushes, an operator deletes.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use sea_orm::sqlx;
use tokio::sync::Mutex;

use super::file::OpenFile;
use crate::wakes::Wakes;

/// How often the file is looked at: one pragma, which reads no page. A foreign push waits for no more than this.
const EVERY: Duration = Duration::from_millis(500);

/// Looks at the file for as long as it is open; a file that cannot be looked at is spoken of once, and when it is back.
pub(super) fn spawn(file: &Arc<Mutex<OpenFile>>, wakes: Wakes) {
    let file = Arc::downgrade(file);
    tokio::spawn(async move {
        let mut away = false;
        while let Some(changed) = look(&file).await {
            match &changed {
                Ok(_) if away => tracing::info!("the queue's file can be looked at again"),
                Err(error) if !away => tracing::warn!(error = %error, "the queue's file cannot be looked at"),
                _ => {}
            }
            away = changed.is_err();
            if changed.unwrap_or(false) {
                wakes.wake_all();
            }
            tokio::time::sleep(EVERY).await;
        }
    });
}

/// Returns whether the file has changed; nothing once it is closed.
async fn look(file: &Weak<Mutex<OpenFile>>) -> Option<sqlx::Result<bool>> {
    Some(file.upgrade()?.lock().await.changed().await)
}
