//! The record of who called what: the judge in tests. A call is written when it arrives, with no
//! status, and again when it is answered; paths are kept without their query, so without tokens.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::durable::{Log, hold};

/// How many calls are remembered.
const KEPT: usize = 10_000;
/// How many lines the file may hold before it is written anew.
const FILE_LINES: usize = 4 * KEPT;
/// How much of a path is remembered.
const PATH_LEN: usize = 2_000;

/// One call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    /// When it arrived.
    pub(crate) at: String,
    /// The service that it was for.
    pub(crate) service: Service,
    /// GET, POST, ….
    pub(crate) method: String,
    /// The path, without the query.
    pub(crate) path: String,
    /// The Instagram account that it was about.
    pub(crate) ig_user_id: Option<String>,
    /// The consent that its token or code stems from; absent in what older sandboxes wrote.
    #[serde(default)]
    pub(crate) grant: Option<String>,
    /// The account on X by whose leave it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) x_user_id: Option<String>,
    /// How it was answered; none while it waits, or if the caller left or the connection was cut.
    pub(crate) status: Option<u16>,
}

/// The other sides that the sandbox stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    /// Meta: the Graph and its dialog.
    Graph,
    /// X.
    X,
    /// Slack.
    Slack,
    /// The legacy source.
    Outlet,
    /// Pictures and videos.
    Cdn,
    /// The mail server. Its steps meet faults, and are no calls: `/_sandbox/mails` tells what came of them.
    Smtp,
}

impl Service {
    /// Tells by the first segment of a path who is meant.
    pub(crate) fn of_path(path: &str) -> Self {
        let first = path.trim_start_matches('/').split('/').next();
        match first {
            Some("cdn") => Self::Cdn,
            Some("x") => Self::X,
            Some("slack") => Self::Slack,
            Some("outlet") => Self::Outlet,
            _ => Self::Graph,
        }
    }
}

/// A line of the file: a call's arrival or its status.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    id: u64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    call: Option<Call>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered: Option<u16>,
}

#[derive(Debug)]
struct Inner {
    calls: VecDeque<(u64, Call)>,
    next_id: u64,
    log: Log,
    lines: usize,
}

/// All remembered calls.
#[derive(Debug)]
pub(crate) struct Calls(Mutex<Inner>);

impl Calls {
    /// Reads the calls of earlier runs.
    pub(crate) fn open(path: PathBuf) -> anyhow::Result<Self> {
        let (log, lines) = Log::open(path)?;
        let mut inner = Inner { calls: VecDeque::new(), next_id: 1, log, lines: lines.len() };
        for line in lines {
            // A line that cannot be read is a call forgotten, not a reason not to start.
            let Ok(line) = serde_json::from_str::<Line>(&line) else {
                continue;
            };
            inner.next_id = inner.next_id.max(line.id.saturating_add(1));
            if let Some(call) = line.call {
                inner.remember(line.id, call);
            } else {
                inner.answer(line.id, line.answered);
            }
        }
        inner.shorten_file()?;
        Ok(Self(Mutex::new(inner)))
    }

    /// Writes down that a call arrived; the answer is its number.
    pub(crate) fn arrive(&self, mut call: Call) -> u64 {
        if let Some((end, _)) = call.path.char_indices().nth(PATH_LEN) {
            call.path.truncate(end);
        }
        let mut inner = hold(&self.0);
        let id = inner.next_id;
        inner.next_id += 1;
        inner.write(&Line { id, call: Some(call.clone()), answered: None });
        inner.remember(id, call);
        id
    }

    /// Writes down how a call was answered.
    pub(crate) fn answered(&self, id: u64, status: u16) {
        let mut inner = hold(&self.0);
        inner.answer(id, Some(status));
        inner.write(&Line { id, call: None, answered: Some(status) });
    }

    /// Returns the calls whose path contains the text, oldest first.
    pub(crate) fn list(&self, path_contains: &str) -> Vec<Call> {
        hold(&self.0)
            .calls
            .iter()
            .map(|(_, call)| call)
            .filter(|call| call.path.contains(path_contains))
            .cloned()
            .collect()
    }

    /// Returns the newest calls, oldest first, each with its number.
    pub(crate) fn newest(&self, count: usize) -> Vec<(u64, Call)> {
        let inner = hold(&self.0);
        inner.calls.iter().skip(inner.calls.len().saturating_sub(count)).cloned().collect()
    }

    /// Forgets the calls whose path contains the text.
    pub(crate) fn forget(&self, path_contains: &str) -> anyhow::Result<()> {
        let mut inner = hold(&self.0);
        inner.calls.retain(|(_, call)| !call.path.contains(path_contains));
        inner.rewrite_file()
    }
}

impl Inner {
    fn remember(&mut self, id: u64, call: Call) {
        if self.calls.len() >= KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back((id, call));
    }

    fn answer(&mut self, id: u64, status: Option<u16>) {
        // Numbers only grow along the queue.
        if let Ok(index) = self.calls.binary_search_by_key(&id, |(id, _)| *id)
            && let Some((_, call)) = self.calls.get_mut(index)
        {
            call.status = status;
        }
    }

    fn write(&mut self, line: &Line) {
        let written = serde_json::to_string(line).map_err(anyhow::Error::from).and_then(|text| self.log.add(&text));
        self.lines += 1;
        if let Err(error) = written.and_then(|()| self.shorten_file()) {
            tracing::error!(%error, "the sandbox cannot write down a call");
        }
    }

    fn shorten_file(&mut self) -> anyhow::Result<()> {
        if self.lines < FILE_LINES {
            return Ok(());
        }
        self.rewrite_file()
    }

    fn rewrite_file(&mut self) -> anyhow::Result<()> {
        let mut lines = Vec::with_capacity(self.calls.len());
        for (id, call) in &self.calls {
            lines.push(serde_json::to_string(&Line { id: *id, call: Some(call.clone()), answered: None })?);
        }
        self.log.rewrite(&lines)?;
        self.lines = lines.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Calls, FILE_LINES, KEPT, Service};

    fn call(path: &str) -> Call {
        Call {
            at: String::new(),
            service: Service::Graph,
            method: "GET".to_owned(),
            path: path.to_owned(),
            ig_user_id: None,
            grant: None,
            x_user_id: None,
            status: None,
        }
    }

    #[test]
    fn only_the_newest_calls_are_kept_also_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.log");
        let calls = Calls::open(path.clone()).unwrap();
        for number in 0..FILE_LINES / 2 + 10 {
            let id = calls.arrive(call(&format!("/{number}")));
            calls.answered(id, 200);
        }

        let calls = Calls::open(path.clone()).unwrap();

        let kept = calls.list("");
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept.last().map(|call| call.status), Some(Some(200)));
        let lines = std::fs::read_to_string(path).unwrap().lines().count();
        assert!(lines < FILE_LINES, "{lines}");
    }

    #[test]
    fn a_line_cut_off_by_a_crash_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.log");
        Calls::open(path.clone()).unwrap().arrive(call("/whole"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}{}", &text[..20])).unwrap();

        let calls = Calls::open(path.clone()).unwrap();
        calls.arrive(call("/next"));

        assert_eq!(calls.list("").len(), 2);
        assert_eq!(Calls::open(path).unwrap().list("").len(), 2);
    }
}
