//! Noticing what others do to the file: another process pushes, an operator deletes.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::Mutex;

use super::{file::OpenFile, wakes::Wakes};

/// How often the file is looked at: one pragma, which reads no page. A foreign push waits for no more than this.
const EVERY: Duration = Duration::from_millis(500);

/// Looks at the file for as long as it is open.
pub(super) fn spawn(file: &Arc<Mutex<OpenFile>>, wakes: Wakes) {
    let file = Arc::downgrade(file);
    tokio::spawn(async move {
        while let Some(changed) = look(&file).await {
            if changed {
                wakes.wake_all();
            }
            tokio::time::sleep(EVERY).await;
        }
    });
}

/// Returns whether the file has changed; nothing once it is closed.
async fn look(file: &Weak<Mutex<OpenFile>>) -> Option<bool> {
    let changed = file.upgrade()?.lock().await.changed().await;
    Some(changed.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "the queue's file cannot be looked at");
        false
    }))
}
