//! What reached the mailbox and Slack, oldest first. It is on disk before the sender is answered, and survives a restart.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::durable::{Log, hold};

/// How many messages are remembered.
const KEPT: usize = 10_000;

/// The messages of one sort.
#[derive(Debug)]
pub(crate) struct Outbox<T>(Mutex<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    messages: VecDeque<T>,
    log: Log,
    lines: usize,
}

impl<T: Clone + Serialize + DeserializeOwned> Outbox<T> {
    /// Reads the messages of earlier runs.
    pub(crate) fn open(path: PathBuf) -> anyhow::Result<Self> {
        let (log, lines) = Log::open(path)?;
        // A line that cannot be read is a message forgotten, not a reason not to start.
        let mut messages: VecDeque<T> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        messages.drain(..messages.len().saturating_sub(KEPT));
        Ok(Self(Mutex::new(Inner { messages, log, lines: lines.len() })))
    }

    /// Keeps a message.
    pub(crate) fn add(&self, message: T) -> anyhow::Result<()> {
        let mut inner = hold(&self.0);
        inner.log.add(&serde_json::to_string(&message)?)?;
        inner.lines += 1;
        if inner.messages.len() >= KEPT {
            inner.messages.pop_front();
        }
        inner.messages.push_back(message);
        if inner.lines >= 2 * KEPT { inner.shorten_file() } else { Ok(()) }
    }

    /// Returns the messages, oldest first.
    pub(crate) fn list(&self) -> Vec<T> {
        hold(&self.0).messages.iter().cloned().collect()
    }

    /// Returns the newest messages, oldest first.
    pub(crate) fn newest(&self, count: usize) -> Vec<T> {
        let inner = hold(&self.0);
        inner.messages.iter().skip(inner.messages.len().saturating_sub(count)).cloned().collect()
    }

    /// Forgets them all.
    pub(crate) fn forget(&self) -> anyhow::Result<()> {
        let mut inner = hold(&self.0);
        inner.messages.clear();
        inner.shorten_file()
    }
}

impl<T: Serialize> Inner<T> {
    fn shorten_file(&mut self) -> anyhow::Result<()> {
        let lines: Vec<String> = self.messages.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        self.log.rewrite(&lines)?;
        self.lines = lines.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Outbox};

    #[test]
    fn only_the_newest_messages_are_kept_also_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers.log");
        let outbox = Outbox::open(path.clone()).unwrap();
        for number in 0..2 * KEPT + 5 {
            outbox.add(number).unwrap();
        }

        let again = Outbox::<usize>::open(path.clone()).unwrap();

        assert_eq!((again.list().len(), again.list().last()), (KEPT, Some(&(2 * KEPT + 4))));
        assert!(std::fs::read_to_string(path).unwrap().lines().count() < 2 * KEPT);
    }
}
