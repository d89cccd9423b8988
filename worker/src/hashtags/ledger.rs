//! The ledger at work: a place is reserved before Meta is asked, kept once it answered, and taken back where it said that
//! nothing was counted.

use chrono::{DateTime, Utc};
use entities::hashtag_search::{self, Model as Search};
use entities::{feed, hashtag, install};
use queue::JobError;
use sea_orm::{DatabaseTransaction, DbErr};
use secrecy::SecretString;

use super::room::{self, Choice, Ledger};
use crate::feeds::SLEEPS_AFTER;
use crate::graph::{self, Scope};
use crate::{Context, page_token};

/// One credential of one install: its id, and which one it is.
pub(crate) type Credential = (String, i32);

/// An account that a hashtag may be asked for with, now.
pub(crate) struct Place {
    pub install: install::Model,
    pub token: SecretString,
    tag: String,
    /// Whether this attempt took the place: then a refusal gives it back.
    is_fresh: bool,
    is_answered: bool,
}

/// What came of asking for a place.
pub(crate) enum Reserved {
    Place(Box<Place>),
    /// The account that would serve has no token that opens.
    Closed(Credential),
    /// No account has room before.
    Wait(DateTime<Utc>),
    /// No account is left.
    Nobody,
}

/// Returns which credential an install has.
pub(crate) fn credential(install: &install::Model) -> Credential {
    (install.id.clone(), install.generation)
}

/// Chooses an account and writes its ledger, before Meta is asked: two fetches of two hashtags cannot take the same last
/// place, and a crash leaves a place taken rather than forgotten.
pub(crate) async fn reserve(
    ctx: &Context,
    feed_id: &str,
    tag: &str,
    passed_over: &[Credential],
) -> Result<Reserved, JobError> {
    let tx = ctx.db.begin().await?;
    let mut installs = install::Entity::lock_wanting(&tx, feed_id, ctx.now() - SLEEPS_AFTER).await?;
    installs.retain(|install| !passed_over.contains(&credential(install)));
    let accounts: Vec<&str> = installs.iter().map(|install| install.instagram_business_account_id.as_str()).collect();
    let rows = hashtag_search::Entity::of_accounts(&tx, &accounts).await?;
    let ledgers: Vec<Ledger> = accounts.iter().map(|account| ledger(&rows, account, tag)).collect();

    // Read when the locks are held: our time is a moment before Meta's, not a wait before it.
    let now = ctx.now();
    let (chosen, is_fresh) = match room::choose(&ledgers, now) {
        Choice::Free(account) => (account, false),
        Choice::Place(account) => (account, true),
        Choice::Wait(until) => return Ok(Reserved::Wait(until)),
        Choice::Nobody => return Ok(Reserved::Nobody),
    };
    let install = installs.swap_remove(chosen);
    let Some(token) = page_token::open(ctx, &install)? else { return Ok(Reserved::Closed(credential(&install))) };
    let account_id = &install.instagram_business_account_id;
    let is_ours = |row: &&Search| row.account_id == *account_id && row.tag == tag;
    let is_answered = !is_fresh && rows.iter().find(is_ours).is_some_and(|row| row.is_answered);
    if !is_answered {
        // Nobody knows whether Meta counted what it did not answer: of two such queries the later one counts longer.
        let row = Search { account_id: account_id.clone(), tag: tag.to_owned(), searched_at: now, is_answered };
        hashtag_search::Entity::write(&tx, row).await?;
        hashtag_search::Entity::forget(&tx, account_id, room::over_since(now)).await?;
    }
    tx.commit().await?;

    Ok(Reserved::Place(Box::new(Place { install, token, tag: tag.to_owned(), is_fresh, is_answered })))
}

/// Makes those of an app's hashtags due that wait for room and for nothing else, and returns their feeds: an account that
/// was just given to the app may have some. What another limit holds back stays parked until its time.
pub(crate) async fn wake_waiting(
    tx: &DatabaseTransaction,
    app_id: &str,
    install_id: &str,
    now: DateTime<Utc>,
) -> Result<Vec<String>, DbErr> {
    let mut due = Vec::new();
    for (feed_id, key) in feed::Entity::limited_hashtags(tx, app_id).await? {
        let installs = install::Entity::wanting(tx, &feed_id, now - SLEEPS_AFTER).await?;
        let others = installs.iter().filter(|install| install.id != install_id);
        let accounts: Vec<&str> = others.map(|install| install.instagram_business_account_id.as_str()).collect();
        let rows = hashtag_search::Entity::of_accounts(tx, &accounts).await?;
        let tag = key.tag().unwrap_or_default();
        let ledgers: Vec<Ledger> = accounts.iter().map(|account| ledger(&rows, account, tag)).collect();
        if matches!(room::choose(&ledgers, now), Choice::Wait(_)) {
            due.push(feed_id);
        }
    }
    feed::Entity::make_due(tx, &due, now).await?;
    Ok(due)
}

fn ledger(rows: &[Search], account_id: &str, tag: &str) -> Ledger {
    let mut ledger = Ledger::default();
    for row in rows.iter().filter(|row| row.account_id == account_id) {
        if row.tag == tag {
            ledger.own = Some(row.searched_at);
        } else {
            ledger.others.push(row.searched_at);
        }
    }
    ledger
}

impl Place {
    /// Returns Meta's id of the account.
    pub(crate) fn account_id(&self) -> &str {
        &self.install.instagram_business_account_id
    }

    /// Keeps that Meta answered: the window has begun.
    pub(crate) async fn answered(&mut self, ctx: &Context) -> Result<(), DbErr> {
        if !self.is_answered {
            hashtag_search::Entity::answer(&ctx.db.write, self.account_id(), &self.tag).await?;
            self.is_answered = true;
        }
        Ok(())
    }

    /// Gives the place back where Meta refused before it counted. That the thirty are used up also says that this
    /// hashtag is none of them.
    pub(crate) async fn refused(&self, ctx: &Context, error: &graph::Error) -> Result<(), DbErr> {
        let is_none_of_them = error.limited() == Some(Scope::Hashtag);
        let is_unused = self.is_fresh && !self.is_answered && error.counts_nothing();
        if is_none_of_them || is_unused {
            hashtag_search::Entity::remove(&ctx.db.write, self.account_id(), &self.tag).await?;
        }
        Ok(())
    }

    /// Asks Meta which hashtags it has counted, and writes down those that the ledger lacks, as counted just now. `true`
    /// if they are as many as an account may have.
    pub(crate) async fn learn(&self, ctx: &Context) -> Result<bool, JobError> {
        let ids = match ctx.graph.searched_hashtags(&self.token, self.account_id()).await {
            Ok(ids) => ids,
            Err(error) => {
                tracing::warn!(%error, install_id = self.install.id, "Meta does not say which hashtags it has counted");
                return Ok(false);
            }
        };
        let names = hashtag::Entity::behind(&ctx.db.read, &ids).await?;
        let tx = ctx.db.begin().await?;
        install::Entity::lock_business_account(&tx, self.account_id()).await?;
        let now = ctx.now();
        let rows = hashtag_search::Entity::of_accounts(&tx, &[self.account_id()]).await?;
        for id in &ids {
            let name = names.iter().find(|known| known.hashtag_id == *id);
            let tag = name.map_or_else(|| format!("id:{id}"), |known| known.tag.clone());
            if !rows.iter().any(|row| row.tag == tag && now < room::ends_at(row.searched_at)) {
                let account_id = self.account_id().to_owned();
                let row = Search { account_id, tag, searched_at: now, is_answered: true };
                hashtag_search::Entity::write(&tx, row).await?;
            }
        }
        tx.commit().await?;
        tracing::warn!(install_id = self.install.id, counted = ids.len(), "Meta has counted hashtags that we have not");
        Ok(ids.len() >= room::PLACES)
    }
}
