//! Incidents: a failure opens one or joins it, unrelated accounts that fail alike become one of everybody's, and that one
//! makes all work of its kind wait until a few canaries succeed.
//!
//! | file | is |
//! |---|---|
//! | `widen` | from accounts that fail alike to one incident of everybody's |
//! | `probe` | whether that one is over: a few calls, and what follows |
//! | `canary` | one such call |
//! | `exchange` | connecting, where each tries for all |
//! | `outlet` | the outlet, where each feed of its tries for all |
//! | `resume` | how those that waited go on, spread out |
//! | `tend` | what every minute looks after: verdicts, what nobody sees any more, what is each account's own |
//!
//! Each step is a commit of its own and looks at the rows, so a crash between two of them heals at the next failure, or the
//! next minute.

mod canary;
pub(crate) mod exchange;
pub(crate) mod outlet;
mod probe;
mod resume;
mod tend;
mod widen;

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::{self, Alike, Kind, Seen, open_key};
use entities::{incident_install, install};
use queue::JobError;
use sea_orm::{ConnectionTrait, DbErr, Iterable};

pub(crate) use probe::probe;
pub(crate) use tend::{UNSEEN, tend, with_verdict};

use crate::Context;
use crate::feeds::begin_anew;
use crate::graph::{self, Class, Scope};
use crate::reason::Reason;

/// How long behind a probe those who wait look by themselves, should it have woken nobody.
const BEHIND_PROBE: TimeDelta = TimeDelta::minutes(2);
/// How long no call has to meet a limit of our app before a success means that it is over: calls that were on their way
/// are answered still.
const LIMIT_IS_OVER: TimeDelta = TimeDelta::minutes(5);

/// A failure of work for an install.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure<'a> {
    /// For whom it was done.
    pub install: &'a install::Model,
    /// What failed.
    pub kind: Kind,
    /// Its class.
    pub class: Class,
    /// Meta's code.
    pub code: Option<i64>,
    /// Meta's subcode.
    pub subcode: Option<i64>,
    /// Meta's name for it.
    pub fbtrace_id: Option<&'a str>,
}

impl<'a> Failure<'a> {
    /// Returns what an error is to incidents. `None`: nothing. What passes counts only when a job died of it, and a limit
    /// that is not our whole app's is no incident, nor is one that we keep without asking.
    pub(crate) fn of(install: &'a install::Model, kind: Kind, error: &'a graph::Error) -> Option<Self> {
        let (class, details) = (error.class(), error.details());
        let counts = match class {
            Class::Transient => false,
            Class::RateLimited => error.limited() == Some(Scope::App) && details.status.is_some(),
            _ => true,
        };
        let (code, subcode, fbtrace_id) = (details.code, details.subcode, details.fbtrace_id.as_deref());
        counts.then_some(Self { install, kind, class, code, subcode, fbtrace_id })
    }

    /// Returns a failure of which nothing but its class is known.
    pub(crate) const fn bare(install: &'a install::Model, kind: Kind, class: Class) -> Self {
        Self { install, kind, class, code: None, subcode: None, fbtrace_id: None }
    }

    fn seen(&self, at: DateTime<Utc>) -> Seen<'a> {
        let alike = Alike { class: self.class.as_str(), kind: self.kind, code: self.code };
        Seen { alike, subcode: self.subcode, fbtrace_id: self.fbtrace_id, at }
    }
}

/// Work of one kind waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    /// Why.
    pub reason: Reason,
    /// When it looks again, should nobody wake it before.
    pub until: DateTime<Utc>,
}

/// Keeps an error that work for an install has met, if it is anything to incidents.
pub(crate) async fn met(
    ctx: &Context,
    install: &install::Model,
    kind: Kind,
    error: &graph::Error,
) -> Result<(), JobError> {
    match Failure::of(install, kind, error) {
        Some(failure) => failed(ctx, &failure).await,
        None => Ok(()),
    }
}

/// Keeps a failure: it opens an incident or joins the one that lasts.
pub(crate) async fn failed(ctx: &Context, failure: &Failure<'_>) -> Result<(), JobError> {
    let seen = failure.seen(ctx.now());
    note(ctx, failure, &seen).await?;
    if failure.class != Class::RateLimited {
        widen::widen(ctx, &seen.alike).await?;
    }
    Ok(())
}

/// An account's own incident goes on, whatever befalls the others; else everybody's does; else the account's own begins.
async fn note(ctx: &Context, failure: &Failure<'_>, seen: &Seen<'_>) -> Result<(), JobError> {
    let install_id = failure.install.id.as_str();
    // A limit of our app is everybody's from the first sight on.
    let own = Some(install_id).filter(|_| failure.class != Class::RateLimited);
    let (class, kind) = (seen.alike.class, seen.alike.kind);
    let tx = ctx.db.begin().await?;
    // Whoever was forgotten while Meta was called stays forgotten. What was met is everybody's, if it is our app's limit.
    let is_there = install::Entity::hold(&tx, install_id).await?;
    if own.is_some() && !is_there {
        return Ok(tx.rollback().await?);
    }
    let mut known = None;
    for key in [open_key(class, kind, own), open_key(class, kind, None)] {
        if known.is_none() {
            known = incident::Entity::see_again(&tx, &key, seen).await?;
        }
    }
    let id = if let Some(id) = known {
        id
    } else {
        let Some(id) = incident::Entity::open(&tx, own, seen, None).await? else {
            tx.rollback().await?;
            return Err(begin_anew("the incident began meanwhile"));
        };
        let kind = kind.as_str();
        if own.is_none() {
            // Nobody is called while it lasts, so nobody else would be met.
            incident_install::Entity::all_wait(&tx, &id, seen.at).await?;
        }
        tracing::warn!(incident_id = id, class, kind, install_id, code = seen.alike.code, "incident begins");
        id
    };
    if is_there {
        incident_install::Entity::meet(&tx, &id, install_id, seen.at).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Keeps that work for an install succeeded: what was wrong with it is over.
pub(crate) async fn succeeded(ctx: &Context, install_id: &str, kind: Kind) -> Result<(), DbErr> {
    let own = Class::ALL.map(|class| open_key(class.as_str(), kind, Some(install_id)));
    let limit = open_key(Class::RateLimited.as_str(), kind, None);
    // Whatever is read with a token, it is alive.
    let token = open_key(Class::TokenDead.as_str(), Kind::Feeds, Some(install_id));
    let now = ctx.now();
    for over in incident::Entity::by_keys(&ctx.db.read, own.into_iter().chain([limit, token]).collect()).await? {
        if over.scope == incident::Scope::App && now < over.last_seen_at + LIMIT_IS_OVER {
            continue;
        }
        if incident::Entity::close(&ctx.db.write, &over.id, now).await? {
            tracing::info!(incident_id = over.id, class = over.class, install_id, "incident over");
        }
    }
    Ok(())
}

/// Closes what is open of an install alone, which has a new credential: whatever is wrong with that one begins anew.
pub(crate) async fn healed(db: &impl ConnectionTrait, install_id: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    let keys = Kind::iter().flat_map(|kind| Class::ALL.map(|class| open_key(class.as_str(), kind, Some(install_id))));
    for over in incident::Entity::by_keys(db, keys.collect()).await? {
        if incident::Entity::close(db, &over.id, now).await? {
            tracing::info!(incident_id = over.id, class = over.class, install_id, "incident over: connected anew");
        }
    }
    Ok(())
}

/// Returns whether work of a kind waits for the end of an incident, for an install or for nobody in particular.
pub(crate) async fn pause(ctx: &Context, kind: Kind, install_id: Option<&str>) -> Result<Option<Pause>, DbErr> {
    let keys = Class::ALL.map(|class| open_key(class.as_str(), kind, None)).to_vec();
    for row in incident::Entity::by_keys(&ctx.db.read, keys).await? {
        let Some(probe) = row.next_probe_at.filter(|_| row.pauses()) else { continue };
        if row.everybody_waits || has_met(&ctx.db.read, &row.id, install_id).await? {
            let reason = Reason::of(&row.class).unwrap_or(Class::Ambiguous.into());
            return Ok(Some(Pause { reason, until: probe.max(ctx.now()) + BEHIND_PROBE }));
        }
    }
    Ok(None)
}

async fn has_met(db: &impl ConnectionTrait, incident_id: &str, install_id: Option<&str>) -> Result<bool, DbErr> {
    match install_id {
        Some(install_id) => incident_install::Entity::has_met(db, incident_id, install_id).await,
        None => Ok(false),
    }
}

/// Returns whether an install's owner is not to be written to about failures now: what fails is everybody's, or it is not
/// known yet to be the owner's to mend.
pub async fn suppresses_mails(db: &impl ConnectionTrait, install_id: &str) -> Result<bool, DbErr> {
    for row in incident::Entity::all_open(db).await? {
        let is_owners = row.verdict.as_ref().is_some_and(|verdict| verdict["who_acts"] == "owner");
        let concerns = match row.scope {
            incident::Scope::App => {
                row.pauses() && (row.everybody_waits || has_met(db, &row.id, Some(install_id)).await?)
            }
            incident::Scope::Account => row.install_id.as_deref() == Some(install_id) && !is_owners,
        };
        if concerns {
            return Ok(true);
        }
    }
    Ok(false)
}
