//! The lock that makes one process the only one that claims. It is a file beside the queue's, so an operator who deletes
//! the one may well delete the other, and a locked file that has no name any more keeps nobody out.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::Context;

use super::file::identity;
use crate::store::StoreError;

/// Is the lock, held while this lives.
pub(super) struct Lock {
    path: PathBuf,
    file: Mutex<File>,
}

impl Lock {
    /// Takes the lock of the queue at a path.
    pub(super) fn take(queue: &Path) -> Result<Self, StoreError> {
        let mut path = queue.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        Ok(Self { file: Mutex::new(locked(&path)?), path })
    }

    /// Makes sure that nobody else can take it: if the locked file is not the one at the path any more, that one is locked,
    /// unless another process was faster.
    pub(super) fn keep(&self) -> Result<(), StoreError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if identity(fs::metadata(&self.path)) != identity(file.metadata()) {
            *file = locked(&self.path)?;
            tracing::warn!(path = %self.path.display(), "the lock of the queue was deleted: it has been taken anew");
        }
        Ok(())
    }
}

fn locked(path: &Path) -> Result<File, StoreError> {
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()));
    let file = file.map_err(StoreError::Unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Owned(path.with_extension("").display().to_string())),
        Err(TryLockError::Error(error)) => Err(StoreError::Unavailable(error.into())),
    }
}
