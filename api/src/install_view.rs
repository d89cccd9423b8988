//! How a connection is shown: how near its end is, and what keeps its feed from being fetched.

use std::collections::HashMap;

use entities::feed::Source;
use entities::install::State;
use entities::{FeedKey, feed, install};
use worker::reason::Reason;

use crate::problem::Problem;
use crate::state::AppState;

/// A connection, with what is to be said about it.
#[derive(Debug)]
pub(crate) struct InstallView<'a> {
    /// The row.
    pub install: &'a install::Model,
    /// How near its end is.
    pub state: State,
    /// What keeps its feed from being fetched: its end, or else what the last fetch met.
    pub trouble: Option<Reason>,
}

impl<'a> InstallView<'a> {
    /// Looks at connections, all with one question.
    pub(crate) async fn of(state: &AppState, installs: &'a [install::Model]) -> Result<Vec<Self>, Problem> {
        let now = state.now();
        let keys: Vec<FeedKey> =
            installs.iter().filter_map(|install| FeedKey::account(&install.instagram_account).ok()).collect();
        let failures: HashMap<String, String> = feed::Entity::failures(&state.db.read, Source::Graph, keys)
            .await?
            .into_iter()
            .filter_map(|(key, failure)| Some((key.account_name()?.to_owned(), failure)))
            .collect();
        let soon = now + state.config.expiry_warning;
        let view = |install: &'a install::Model| {
            let state = install.state(now, soon);
            let failure = failures.get(&install.instagram_account);
            let trouble = match state {
                State::Expired | State::Dead => Some(Reason::ENDED),
                State::Active | State::Expiring => failure.and_then(|failure| Reason::of(failure)),
            };
            Self { install, state, trouble }
        };
        Ok(installs.iter().map(view).collect())
    }

    /// Returns whether it has not ended.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.state, State::Active | State::Expiring)
    }
}
