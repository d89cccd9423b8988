//! Whose account is asked next: those of the apps that want the hashtag, by what they refused and by their ledgers.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use entities::hashtag_account::{Account, Refused, Wanted};
use entities::hashtag_search::{self, Model as Search};
use entities::hashtag_waiting::Line;
use entities::{feed, hashtag, hashtag_refusal, install};
use queue::{JobError, JobState};
use sea_orm::{ConnectionTrait, DbErr};

use super::room::{self, Choice, Ledger, Own};
use crate::Context;
use crate::feeds::{LOOK_AGAIN, SLEEPS_AFTER};
use crate::jobs::FetchFeed;
use crate::reason::Reason;

/// So long is a fetch waited for that is just ending.
const ENDS: Duration = Duration::from_millis(250);

/// What a look at the accounts comes to.
pub(crate) enum Look {
    /// This one may be asked.
    Ask(Account),
    /// None before this time.
    Wait {
        until: DateTime<Utc>,
        /// The feeds for which a place is kept that is free now: they wait since before.
        heirs: Vec<String>,
    },
    /// There is none that has not refused; why the first of them did.
    Nobody(Reason),
}

/// Looks for the account that a hashtag is asked for with, without a lock. One that has refused with the credential that
/// it has comes last, and not before it is time to look again.
pub(crate) async fn look(
    db: &impl ConnectionTrait,
    feed_id: &str,
    tag: &str,
    without: &[String],
    now: DateTime<Utc>,
) -> Result<Look, DbErr> {
    let (wanted, names) = (wanted(feed_id, now), names(db, tag).await?);
    let mut waits: Vec<_> = wanted.limited_until(db).await?.into_iter().collect();
    let mut heirs = Vec::new();
    for refused in [Refused::Never, Refused::Before(now - LOOK_AGAIN)] {
        let mut accounts = wanted.accounts(db, refused, (&names, room::over_since(now)), without).await?;
        let ids: Vec<&str> = accounts.iter().map(|account| account.account_id.as_str()).collect();
        let rows = hashtag_search::Entity::of_accounts(db, &ids).await?;
        let ledgers: Vec<Ledger> = ids.iter().map(|account| ledger(&rows, account, &names)).collect();
        let mut choice = room::choose(&ledgers, &[], now);
        if let Choice::Place(_) | Choice::Wait(_) = choice {
            let installs: Vec<&str> = accounts.iter().map(|account| account.install_id.as_str()).collect();
            let waiting = line(&installs, now).waiting(db, Some(feed_id)).await?;
            let seats =
                |theirs: &HashSet<String>| (0..installs.len()).filter(|at| theirs.contains(installs[*at])).collect();
            let ahead: Vec<Vec<usize>> = waiting.iter().map(|(_, theirs)| seats(theirs)).collect();
            let alone = std::mem::replace(&mut choice, room::choose(&ledgers, &ahead, now));
            if let (Choice::Place(_), Choice::Wait(_)) = (alone, choice) {
                heirs.extend(waiting.into_iter().take(room::PLACES).map(|(id, _)| id));
            }
        }
        match choice {
            Choice::Free(chosen) | Choice::Again(chosen) | Choice::Place(chosen) => {
                return Ok(Look::Ask(accounts.swap_remove(chosen)));
            }
            Choice::Wait(until) => waits.push(until),
            Choice::Nobody => {}
        }
    }
    if let Some(until) = waits.into_iter().min() {
        return Ok(Look::Wait { until, heirs });
    }
    let reason = wanted.reason(db).await?;
    Ok(Look::Nobody(reason.as_deref().and_then(Reason::of).unwrap_or(Reason::NOT_CONNECTED)))
}

/// Keeps that an account refused a feed: it is not asked first again before it was connected anew.
pub(crate) async fn refused(ctx: &Context, feed_id: &str, account: &Account, reason: Reason) -> Result<(), DbErr> {
    keep(ctx, feed_id, account, reason, None).await
}

/// Keeps that an account is not to be called for a feed before a limit ends, whatever its credential.
pub(crate) async fn limited(
    ctx: &Context,
    feed_id: &str,
    account: &Account,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    keep(ctx, feed_id, account, crate::graph::Class::RateLimited.into(), Some(until)).await
}

/// The same for all accounts that one person connected: the limit is the person's.
pub(crate) async fn limited_person(
    ctx: &Context,
    feed_id: &str,
    install: &install::Model,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    limited(ctx, feed_id, &account(install), until).await?;
    let Some(person) = &install.facebook_user_id else { return Ok(()) };
    for other in wanted(feed_id, ctx.now()).of_person(&ctx.db.read, person).await? {
        limited(ctx, feed_id, &other, until).await?;
    }
    Ok(())
}

/// Returns an install's account, and the credential that it has.
pub(super) fn account(install: &install::Model) -> Account {
    Account {
        install_id: install.id.clone(),
        generation: install.generation,
        account_id: install.instagram_business_account_id.clone(),
    }
}

/// Returns what a hashtag is called on the ledgers: by its name; by its id, where Meta named it before we asked.
pub(super) async fn names(db: &impl ConnectionTrait, tag: &str) -> Result<Vec<String>, DbErr> {
    let id = hashtag::Entity::id_of(db, tag).await?;
    Ok([tag.to_owned()].into_iter().chain(id.map(|id| by_id(&id))).collect())
}

/// Returns how a hashtag is called of which Meta's id is known and nothing else.
pub(super) fn by_id(id: &str) -> String {
    format!("id:{id}")
}

/// Returns one account's ledger for a hashtag that goes by these names.
pub(super) fn ledger(rows: &[Search], account_id: &str, names: &[String]) -> Ledger {
    let mut ledger = Ledger::default();
    for row in rows.iter().filter(|row| row.account_id == account_id) {
        if names.contains(&row.tag) {
            let own = Own { earliest: row.earliest(), latest: row.searched_at, is_answered: row.is_answered };
            ledger.own = ledger.own.filter(|known| known.latest > own.latest).or(Some(own));
        } else {
            ledger.others.push(row.searched_at);
        }
    }
    ledger
}

/// Wakes the feed that waits for room on an account since before all others.
pub(crate) async fn wake_next(ctx: &Context, account: &Account) -> Result<(), JobError> {
    let installs = [account.install_id.as_str()];
    let waiting = line(&installs, ctx.now()).waiting(&ctx.db.read, None).await?;
    let next: Vec<String> = waiting.into_iter().take(1).map(|(id, _)| id).collect();
    wake(ctx, next).await
}

/// Has feeds fetched that wait for an account.
pub(crate) async fn wake(ctx: &Context, mut ids: Vec<String>) -> Result<(), JobError> {
    if ids.is_empty() {
        return Ok(());
    }
    // Locked in this order, as everybody does.
    ids.sort_unstable();
    let tx = ctx.db.begin().await?;
    let mut jobs = Vec::new();
    for id in &ids {
        let woken = feed::Entity::wake_hashtag(&tx, id, ctx.now()).await?;
        jobs.extend(woken.into_iter().map(|feed_id| FetchFeed { feed_id }));
    }
    tx.commit().await?;
    push(ctx, jobs).await
}

/// Pushes fetches of feeds that were just made due. One that is just ending has looked at its row already, and keeps a push
/// out until it has ended: it is waited for, a moment. One that goes on will see that its feed is due.
async fn push(ctx: &Context, mut jobs: Vec<FetchFeed>) -> Result<(), JobError> {
    let began = Instant::now();
    while !jobs.is_empty() {
        let pushed = ctx.queue.push_all(&jobs).await?;
        let mut held = Vec::new();
        for (job, _) in jobs.into_iter().zip(&pushed).filter(|(_, pushed)| pushed.duplicate) {
            let holder = ctx.queue.find::<FetchFeed>(&job.feed_id).await?;
            if holder.is_none_or(|holder| holder.state == JobState::Running) {
                held.push(job);
            }
        }
        if held.is_empty() || began.elapsed() > ENDS {
            break;
        }
        jobs = held;
        tokio::time::sleep(ENDS / 25).await;
    }
    Ok(())
}

fn line<'a>(install_ids: &'a [&'a str], now: DateTime<Utc>) -> Line<'a> {
    Line { install_ids, asked_since: now - SLEEPS_AFTER, refused_since: now - LOOK_AGAIN, now }
}

fn wanted(feed_id: &str, now: DateTime<Utc>) -> Wanted<'_> {
    Wanted { feed_id, asked_since: now - SLEEPS_AFTER, now }
}

async fn keep(
    ctx: &Context,
    feed_id: &str,
    account: &Account,
    reason: Reason,
    limited_until: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    let row = hashtag_refusal::Model {
        feed_id: feed_id.to_owned(),
        install_id: account.install_id.clone(),
        generation: account.generation,
        reason: reason.word.to_owned(),
        refused_at: ctx.now(),
        limited_until,
    };
    hashtag_refusal::Entity::keep(&ctx.db.write, row).await
}
