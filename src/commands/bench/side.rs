//! What one side is told, in `BENCH_…`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use url::Url;

use crate::config::Env;

/// What a job of the bench does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// Nothing.
    Noop,
    /// Asks `BENCH_HTTP` and parses the answer.
    Io,
    /// Says how long it has waited.
    Latency,
}

impl Case {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::Io => "io",
            Self::Latency => "latency",
        }
    }
}

impl FromStr for Case {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Self::Noop, Self::Io, Self::Latency];
        all.into_iter().find(|case| case.as_str() == word).ok_or("it is `noop`, `io` or `latency`")
    }
}

/// How jobs are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// One call at a time.
    Seq,
    /// One job a call, 50 calls in flight.
    Single,
    /// 1000 jobs a call.
    Bulk,
    /// One job a call, with a pause from each to the next.
    Paced(Duration),
}

impl FromStr for Mode {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "seq" => Ok(Self::Seq),
            "single" => Ok(Self::Single),
            "bulk" => Ok(Self::Bulk),
            _ => {
                let ms = word.strip_prefix("paced:").and_then(|ms| ms.parse().ok()).filter(|ms| *ms > 0);
                let ms = ms.ok_or("it is `seq`, `single`, `bulk` or `paced:<ms>`")?;
                Ok(Self::Paced(Duration::from_millis(ms)))
            }
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Seq => f.write_str("seq"),
            Self::Single => f.write_str("single"),
            Self::Bulk => f.write_str("bulk"),
            Self::Paced(pause) => write!(f, "paced:{}", pause.as_millis()),
        }
    }
}

/// What one side is told.
#[derive(Debug)]
pub(super) struct Side {
    /// `BENCH_CASE`.
    pub case: Case,
    /// `BENCH_N`.
    pub jobs: u64,
    /// `BENCH_CONC`: what a worker runs at once.
    pub at_once: usize,
    /// `BENCH_MODE`.
    pub mode: Mode,
    /// `BENCH_DELAY`: how long after its push each job is due.
    pub delay: Duration,
    /// `BENCH_HTTP`.
    pub http: Option<Url>,
    /// `BENCH_OUT`.
    pub out: Option<PathBuf>,
}

impl Side {
    /// Reads it; what is not said is as in the case of that name of `bench queue`.
    pub(super) fn read(env: &Env) -> anyhow::Result<Self> {
        let case = env.parsed("BENCH_CASE", Case::Noop)?;
        let (jobs, at_once, mode) = match case {
            Case::Noop => (20_000, 50, Mode::Bulk),
            Case::Io => (3_000, 100, Mode::Bulk),
            Case::Latency => (500, 10, Mode::Paced(Duration::from_millis(20))),
        };
        let side = Self {
            case,
            jobs: env.parsed("BENCH_N", jobs)?,
            at_once: env.parsed("BENCH_CONC", at_once)?,
            mode: env.parsed("BENCH_MODE", mode)?,
            delay: Duration::from_millis(env.parsed("BENCH_DELAY", 0)?),
            http: env.optional("BENCH_HTTP")?,
            out: env.optional("BENCH_OUT")?,
        };
        anyhow::ensure!((1..=100_000_000).contains(&side.jobs), "BENCH_N={}: 1 to 100000000 jobs", side.jobs);
        anyhow::ensure!((1..=10_000).contains(&side.at_once), "BENCH_CONC={}: 1 to 10000 jobs at once", side.at_once);
        Ok(side)
    }

    /// Returns where the report goes.
    pub(super) fn out(&self) -> anyhow::Result<&PathBuf> {
        self.out.as_ref().context("BENCH_OUT is not set: name the file that the report is written to")
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Mode};

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for word in ["noop", "io", "latency"] {
            assert_eq!(word.parse::<Case>().map(Case::as_str), Ok(word));
        }
        for word in ["seq", "single", "bulk", "paced:20"] {
            assert_eq!(word.parse::<Mode>().map(|mode| mode.to_string()), Ok(word.to_owned()));
        }
        for word in ["", "paced", "paced:", "paced:0", "paced:fast", "SEQ"] {
            assert!(word.parse::<Mode>().is_err(), "{word}");
        }
        assert!("sleep".parse::<Case>().is_err());
    }
}
