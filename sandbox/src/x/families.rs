//! Families of tokens: all that follows from one consent. Each refresh gives the next pair and ends the one before;
//! a refresh token that comes a second time ends its whole family, as one of the two who have it must be a thief.

use serde::{Deserialize, Serialize};

use super::saved::Standing;
use super::token::{Kind, Token};
use crate::signing::Key;
use crate::state::Shared;

/// How long an access token lives.
pub(crate) const ACCESS_LIFE_MS: i64 = 7_200_000;
/// How long a refresh token lives unused: about six months.
const REFRESH_LIFE_MS: i64 = 180 * 86_400_000;

/// What became of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// Its newest pair is good.
    Alive,
    /// The app gave it back.
    Revoked,
    /// A token or the code came a second time.
    Lost,
}

/// All that followed from one consent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Family {
    /// Whose consent it was, by the name that tests use.
    pub(crate) user: String,
    /// What became of it.
    pub(crate) state: Fate,
    /// The number of the newest pair.
    pub(crate) pair: u64,
    /// When that was given, in milliseconds.
    pub(crate) given_ms: i64,
    /// When its access token ends, in milliseconds.
    pub(crate) access_ends_ms: i64,
    /// Whether that was given back alone.
    pub(crate) access_revoked: bool,
    /// The longest time without a living access token until the next pair, in milliseconds.
    pub(crate) longest_gap_ms: i64,
}

/// A new pair.
pub(crate) struct Pair {
    /// For calls.
    pub(crate) access: String,
    /// For the next pair; none if the app did not ask to stay connected.
    pub(crate) refresh: Option<String>,
    /// What both allow.
    pub(crate) token: Token,
}

/// Why there is no new pair.
pub(crate) enum NoPair {
    /// The token is good no more, or came a second time.
    Invalid,
    /// The stand-in failed.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for NoPair {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Gives the first pair of a consent.
pub(crate) fn begin(shared: &Shared, first: Token) -> anyhow::Result<Pair> {
    let now_ms = shared.clock.now_ms();
    let token = Token { pair: 1, ends_ms: now_ms.saturating_add(ACCESS_LIFE_MS), ..first };
    let pair = written(&shared.key, &token, now_ms)?;
    shared.x.saved.update(|saved| {
        let family = Family {
            user: token.person.user.clone(),
            state: Fate::Alive,
            pair: 1,
            given_ms: now_ms,
            access_ends_ms: token.ends_ms,
            access_revoked: false,
            longest_gap_ms: 0,
        };
        saved.families.insert(token.family(), family);
    })?;
    Ok(pair)
}

/// Gives the next pair for a refresh token; on disk before it is told.
pub(crate) fn refresh(shared: &Shared, old: &Token) -> Result<Pair, NoPair> {
    let now_ms = shared.clock.now_ms();
    if now_ms >= old.ends_ms || is_taken_back(shared, old) {
        return Err(NoPair::Invalid);
    }
    let next = Token { pair: old.pair + 1, ends_ms: now_ms.saturating_add(ACCESS_LIFE_MS), ..old.clone() };
    let pair = written(&shared.key, &next, now_ms)?;
    let given = shared.x.saved.update(|saved| {
        let Some(family) = saved.families.get_mut(&old.family()) else { return false };
        if family.state != Fate::Alive {
            return false;
        }
        if family.pair != old.pair {
            family.state = Fate::Lost;
            return false;
        }
        family.longest_gap_ms = family.longest_gap_ms.max(now_ms - family.access_ends_ms);
        (family.pair, family.given_ms, family.access_ends_ms) = (next.pair, now_ms, next.ends_ms);
        family.access_revoked = false;
        true
    })?;
    if given { Ok(pair) } else { Err(NoPair::Invalid) }
}

/// Ends a family whose code came a second time.
pub(crate) fn lose(shared: &Shared, family: &str) -> anyhow::Result<()> {
    shared.x.saved.update(|saved| {
        if let Some(family) = saved.families.get_mut(family).filter(|family| family.state == Fate::Alive) {
            family.state = Fate::Lost;
        }
    })
}

/// Takes a token back: with a refresh token the whole family goes, with an access token it alone.
pub(crate) fn revoke(shared: &Shared, kind: Kind, token: &Token) -> anyhow::Result<()> {
    shared.x.saved.update(|saved| {
        let family = saved.families.get_mut(&token.family());
        let Some(family) = family.filter(|family| family.state == Fate::Alive && family.pair == token.pair) else {
            return;
        };
        match kind {
            Kind::Access => family.access_revoked = true,
            Kind::Refresh => family.state = Fate::Revoked,
        }
    })
}

/// Tells whether calls with an access token are answered.
pub(crate) fn is_good(shared: &Shared, access: &Token) -> bool {
    let is_newest = shared.x.saved.read(|saved| {
        let family = saved.families.get(&access.family());
        family.is_some_and(|family| family.state == Fate::Alive && family.pair == access.pair && !family.access_revoked)
    });
    is_newest && shared.clock.now_ms() < access.ends_ms && !is_taken_back(shared, access)
}

/// Tells whether the person took back what was given until a time after this consent.
fn is_taken_back(shared: &Shared, token: &Token) -> bool {
    let change = shared.x.change(&token.person.user);
    match change.state {
        Standing::AppRemoved => token.consent_ms <= change.since_ms,
        Standing::Suspended => true,
        Standing::Ok | Standing::Locked => false,
    }
}

fn written(key: &Key, token: &Token, now_ms: i64) -> anyhow::Result<Pair> {
    let refresh = Token { ends_ms: now_ms.saturating_add(REFRESH_LIFE_MS), ..token.clone() };
    let stays = token.scopes.has("offline.access");
    Ok(Pair {
        access: token.write(key, Kind::Access)?,
        refresh: stays.then(|| refresh.write(key, Kind::Refresh)).transpose()?,
        token: token.clone(),
    })
}
