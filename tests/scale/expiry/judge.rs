//! Holds the mailbox against what owners have to be told.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::lives::{Connection, Stage, Wanted};

/// A mail: what it says, about which account, to whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    pub stage: Stage,
    pub user: String,
    pub owner: String,
}

/// What is told by mails, or by rows of the ledger, with when.
pub(super) type Tellings = BTreeMap<Told, Vec<DateTime<Utc>>>;

/// Reads the mailbox. A mail names its account in its subject, and its stage in its `Message-ID`.
pub(super) fn read(mails: &[Value]) -> Tellings {
    let mut tellings = Tellings::new();
    for mail in mails {
        let text = |name: &str| mail[name].as_str().unwrap_or_default();
        let stage = text("message_id").trim_start_matches('<').split('-').next().and_then(Stage::named);
        let user = text("subject").strip_prefix('@').and_then(|rest| rest.split(':').next()).expect("an account");
        let owner = mail["to"][0].as_str().expect("somebody").to_lowercase();
        let told = Told { stage: stage.expect("a stage"), user: user.to_owned(), owner };
        tellings.entry(told).or_default().push(text("at").parse().expect("a time"));
    }
    tellings
}

/// One line of the table.
#[derive(Debug, Default)]
struct Line {
    wanted: usize,
    came: usize,
    perhaps: usize,
    perhaps_came: usize,
    /// Whose fate the ledger says nobody knows, and how many copies of those came.
    unknown: (usize, usize),
    bad: Vec<String>,
}

/// What came of it all.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    lines: BTreeMap<Stage, Line>,
    pub mails: usize,
    pub lives: usize,
    pub killed: usize,
    /// How long after each kill its owner was told.
    delays: Vec<i64>,
}

impl Verdict {
    /// Judges what came, and what the ledger calls unknown.
    pub(super) fn of(connections: &[Connection], looks: &[DateTime<Utc>], came: &Tellings, unknown: &Tellings) -> Self {
        let mut verdict = Self { mails: came.values().map(Vec::len).sum(), ..Self::default() };
        let mut seen = 0;
        for connection in connections {
            for life in &connection.lives {
                verdict.lives += 1;
                verdict.killed += usize::from(life.killed.is_some());
                for owner in &connection.owners {
                    let in_life = |tellings: &Tellings, stage| {
                        let told = Told { stage, user: connection.user(), owner: owner.clone() };
                        let all = tellings.get(&told).into_iter().flatten();
                        all.copied().filter(|at| life.holds(*at)).collect::<Vec<_>>()
                    };
                    let mut seconds = 0;
                    for stage in Stage::ALL {
                        let (mails, unknown) = (in_life(came, stage), in_life(unknown, stage).len());
                        seen += mails.len();
                        seconds += if stage == Stage::Expiring { 0 } else { mails.len().max(unknown) };
                        let wanted = life.wanted(stage, looks);
                        let line = verdict.lines.entry(stage).or_default();
                        line.count(wanted, mails.len(), unknown, || format!("{owner} of {life:?}: {mails:?}"));
                        if let (Stage::Killed, Some(killed), Some(told)) = (stage, life.killed, mails.first()) {
                            verdict.delays.push((*told - killed).num_hours());
                        }
                    }
                    if seconds > 1 {
                        let line = verdict.lines.entry(Stage::Killed).or_default();
                        line.bad.push(format!("{owner} of {life:?}: told twice that it is over"));
                    }
                }
            }
        }
        assert_eq!(seen, verdict.mails, "every mail is about a life and for one of its owners");
        verdict.delays.sort_unstable();
        verdict
    }

    /// What is not as it has to be.
    pub(super) fn bad(&self) -> Vec<&String> {
        self.lines.values().flat_map(|line| &line.bad).collect()
    }
}

impl Line {
    fn count(&mut self, wanted: Wanted, mails: usize, unknown: usize, what: impl Fn() -> String) {
        if unknown > 0 {
            self.unknown = (self.unknown.0 + unknown, self.unknown.1 + mails);
            if unknown > 1 || mails > 1 {
                self.bad.push(format!("{mails} copies of {unknown} unknown, to {}", what()));
            }
            return;
        }
        match wanted {
            Wanted::Once => (self.wanted, self.came) = (self.wanted + 1, self.came + mails),
            Wanted::Perhaps => (self.perhaps, self.perhaps_came) = (self.perhaps + 1, self.perhaps_came + mails),
            Wanted::Never => {}
        }
        let is_right = match wanted {
            Wanted::Once => mails == 1,
            Wanted::Perhaps => mails <= 1,
            Wanted::Never => mails == 0,
        };
        if !is_right {
            self.bad.push(format!("{mails} mails where wanted {wanted:?}, to {}", what()));
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} lives, of which {} killed; {} mails", self.lives, self.killed, self.mails)?;
        writeln!(
            f,
            "| stage | has to come once | came | close: may come | came | unknown | copies of those | wrong |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for (stage, line) in &self.lines {
            let Line { wanted, came, perhaps, perhaps_came, unknown, bad } = line;
            let (stage, wrong) = (stage.as_str(), bad.len());
            let row = format!("{wanted} | {came} | {perhaps} | {perhaps_came} | {} | {}", unknown.0, unknown.1);
            writeln!(f, "| `{stage}` | {row} | {wrong} |")?;
        }
        let (middle, last) = (self.delays.get(self.delays.len() / 2), self.delays.last());
        write!(f, "told of a kill after {middle:?} hours, in the middle; after {last:?} at the latest")
    }
}
