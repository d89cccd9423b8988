//! Files that survive a `kill -9`: a JSON value replaced as a whole, and a log that only grows.
//! Writes are small and local, so they block the caller instead of a thread pool.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that is on disk before anybody sees its change.
#[derive(Debug)]
pub(crate) struct Durable<T> {
    path: PathBuf,
    value: Mutex<T>,
}

impl<T: Clone + Serialize + DeserializeOwned> Durable<T> {
    /// Reads the file, or writes `first` when there is none yet.
    pub(crate) fn open(path: PathBuf, first: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<Self> {
        let value = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!("{} is not readable as the sandbox's state; delete it to start afresh", path.display())
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let value = first()?;
                replace(&path, &serde_json::to_vec_pretty(&value)?)?;
                value
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        Ok(Self { path, value: Mutex::new(value) })
    }

    /// Looks at the value.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&hold(&self.value))
    }

    /// Changes a copy, writes it, and only then lets others see it.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> anyhow::Result<R> {
        let mut value = hold(&self.value);
        let mut next = value.clone();
        let result = change(&mut next);
        replace(&self.path, &serde_json::to_vec_pretty(&next)?)?;
        *value = next;
        Ok(result)
    }
}

/// A file of lines that are only ever added.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log and returns it with the whole lines it already holds.
    /// A last line without an end was cut off by a crash and is dropped.
    pub(crate) fn open(path: PathBuf) -> anyhow::Result<(Self, Vec<String>)> {
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let lines: Vec<String> = whole.lines().map(str::to_owned).collect();
        if whole.len() != text.len() {
            replace(&path, whole.as_bytes())?;
        }
        let file = append_to(&path)?;
        Ok((Self { path, file }, lines))
    }

    /// Adds a line: safe from the end of this process, not from a power cut.
    pub(crate) fn add(&mut self, line: &str) -> anyhow::Result<()> {
        self.file
            .write_all(format!("{line}\n").as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Adds a line and waits until the disk has it.
    pub(crate) fn add_synced(&mut self, line: &str) -> anyhow::Result<()> {
        self.add(line)?;
        self.file.sync_data()?;
        Ok(())
    }

    /// Replaces all lines.
    pub(crate) fn rewrite(&mut self, lines: &[String]) -> anyhow::Result<()> {
        let mut text = lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        replace(&self.path, text.as_bytes())?;
        self.file = append_to(&self.path)?;
        Ok(())
    }
}

/// Locks, also after a panic elsewhere: every value here is whole between two statements.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn append_to(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new().create(true).append(true).open(path).with_context(|| format!("cannot write {}", path.display()))
}

fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let draft = path.with_extension("new");
    let written = (|| {
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        // The rename itself lives in the folder.
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    })();
    written.with_context(|| format!("cannot write {}", path.display()))
}
