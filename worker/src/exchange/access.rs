//! What a token is good for, as `debug_token` tells it.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use super::pages::ChosenPage;
use super::refusal::{Refusal, Stop};
use crate::graph::{Expiry, Graph, IgUser, TokenInfo};

/// What a connection cannot do without (graph-api: Instagram API with Facebook Login, permissions).
pub(crate) const REQUIRED_SCOPES: [&str; 3] = ["instagram_basic", "pages_show_list", "pages_read_engagement"];

/// A long-lived user token's life where Meta does not tell (graph-api: long-lived access tokens).
pub(crate) const ASSUMED_LIFE: TimeDelta = TimeDelta::days(60);

/// The person behind a user token, and what was granted.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// App-scoped id.
    pub user_id: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// When the user token ends; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// When a Page token's access ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// The token's own end; `None`: never.
    pub token: Option<DateTime<Utc>>,
    /// The end of data access: 90 days after the person's last visit.
    pub data_access: Option<DateTime<Utc>>,
    /// Whether the token's is an estimate: Meta does not tell it.
    pub is_estimate: bool,
}

/// Access that was seen to work.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// The long-lived user token.
    pub user_token: SecretString,
    /// Whose it is.
    pub person: Person,
    /// The Page with its token.
    pub page: ChosenPage,
    /// The account, as the Page's token read it.
    pub profile: IgUser,
    /// When it ends.
    pub end: End,
}

/// Asks about a user token: ours, valid, with every scope that a connection needs.
pub(crate) async fn of_person(graph: &Graph, token: &SecretString, now: DateTime<Utc>) -> Result<Person, Stop> {
    let info = valid(graph, token).await?;
    let missing: Vec<String> = REQUIRED_SCOPES
        .into_iter()
        .filter(|scope| !info.scopes.iter().any(|granted| granted == scope))
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::MissingScopes(missing).into());
    }
    let expires_at = at(info.expires_at, now);
    Ok(Person { user_id: info.user_id, scopes: info.scopes, expires_at })
}

/// Asks about a Page's token: when its access ends.
pub(crate) async fn of_page(graph: &Graph, token: &SecretString, now: DateTime<Utc>) -> Result<End, Stop> {
    let info = valid(graph, token).await?;
    let data_access = match info.data_access_expires_at {
        Expiry::At(at) => Some(at),
        Expiry::Never | Expiry::Unknown => None,
    };
    Ok(End { token: at(info.expires_at, now), data_access, is_estimate: info.expires_at == Expiry::Unknown })
}

async fn valid(graph: &Graph, token: &SecretString) -> Result<TokenInfo, Stop> {
    let info = graph.debug_token(token).await?;
    // Validity first: of a token that it cannot read, Meta names no app either.
    if !info.is_valid {
        return Err(info.error.map_or(Refusal::InvalidToken, Refusal::Graph).into());
    }
    if graph.is_our_app(&info.app_id) { Ok(info) } else { Err(Refusal::ForeignToken.into()) }
}

/// An end that Meta does not tell is an estimate, never "now".
fn at(expiry: Expiry, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match expiry {
        Expiry::Never => None,
        Expiry::At(at) => Some(at),
        Expiry::Unknown => Some(now + ASSUMED_LIFE),
    }
}
