//! How a connection is shown: how near its end is, and what keeps its feed from being fetched.

use std::collections::HashMap;

use entities::feed::Source;
use entities::install::State;
use entities::{FeedKey, diagnosis, feed, install};
use worker::diagnosis::{Verdict, WhoActs};
use worker::reason::Reason;

use crate::problem::Problem;
use crate::state::AppState;

/// What an owner does where somebody else has to act.
const NOT_YOURS: &str = "Nothing to do on your side: the operator of this service has to act.";

/// A connection, with what is to be said about it.
#[derive(Debug)]
pub(crate) struct InstallView<'a> {
    /// The row.
    pub install: &'a install::Model,
    /// How near its end is.
    pub state: State,
    /// What keeps its feed from being fetched: its end, or else what the last fetch met.
    pub trouble: Option<Trouble>,
}

/// What keeps a feed from being fetched.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// In short.
    pub reason: Reason,
    /// What raised it, and what was found out about it; `None`: nobody has looked.
    pub diagnosis: Option<diagnosis::Model>,
    /// What was found out.
    pub verdict: Option<Verdict>,
}

impl Trouble {
    /// Of a diagnosis only what is about this failure of this credential is shown. An end says nothing of why it came:
    /// whatever was found out about it counts.
    fn new(reason: Reason, install: &install::Model, known: Option<&diagnosis::Model>) -> Self {
        let is_about = |known: &&diagnosis::Model| {
            known.generation == install.generation && (reason == Reason::ENDED || known.class == reason.word)
        };
        let diagnosis = known.filter(is_about).cloned();
        let verdict = diagnosis.as_ref().and_then(|known| serde_json::from_value(known.verdict.clone()?).ok());
        Self { reason, diagnosis, verdict }
    }

    /// Returns what happened, for the owner: what was found out, where it is the owner's.
    pub(crate) fn message(&self) -> String {
        match &self.verdict {
            Some(verdict) if verdict.who_acts == WhoActs::Owner => verdict.summary.clone(),
            _ => self.reason.message.to_owned(),
        }
    }

    /// Returns the owner's next step.
    pub(crate) fn advice(&self) -> String {
        match &self.verdict {
            Some(verdict) => match verdict.who_acts {
                WhoActs::Owner | WhoActs::Nobody => verdict.next_step.clone(),
                WhoActs::Operator | WhoActs::Developer => NOT_YOURS.to_owned(),
            },
            None => self.reason.advice.to_owned(),
        }
    }
}

impl<'a> InstallView<'a> {
    /// Looks at connections, all with two questions.
    pub(crate) async fn of(state: &AppState, installs: &'a [install::Model]) -> Result<Vec<Self>, Problem> {
        let now = state.now();
        let keys: Vec<FeedKey> =
            installs.iter().filter_map(|install| FeedKey::account(&install.instagram_account).ok()).collect();
        let failures: HashMap<String, String> = feed::Entity::failures(&state.db.read, Source::Graph, keys)
            .await?
            .into_iter()
            .filter_map(|(key, failure)| Some((key.account_name()?.to_owned(), failure)))
            .collect();
        let ids: Vec<&str> = installs.iter().map(|install| install.id.as_str()).collect();
        let known = diagnosis::Entity::of_installs(&state.db.read, &ids).await?;
        let known: HashMap<&str, &diagnosis::Model> =
            known.iter().map(|known| (known.install_id.as_str(), known)).collect();
        let soon = now + state.config.expiry_warning;
        let view = |install: &'a install::Model| {
            let state = install.state(now, soon);
            let failure = failures.get(&install.instagram_account);
            let reason = match state {
                State::Expired | State::Dead => Some(Reason::ENDED),
                State::Active | State::Expiring => failure.and_then(|failure| Reason::of(failure)),
            };
            let known = known.get(install.id.as_str()).copied();
            Self { install, state, trouble: reason.map(|reason| Trouble::new(reason, install, known)) }
        };
        Ok(installs.iter().map(view).collect())
    }

    /// Returns whether it has not ended.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.state, State::Active | State::Expiring)
    }
}
