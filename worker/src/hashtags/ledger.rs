//! The ledger at work: a place is reserved before Meta is asked, kept once it answered, and taken back where it said that
//! nothing was counted.

use entities::hashtag_account::Account;
use entities::hashtag_search::{self, Model as Search};
use entities::install::{self, Status};
use queue::JobError;
use sea_orm::DbErr;
use secrecy::SecretString;

use super::accounts::{self, Look, look};
use super::room::{self, Choice};
use crate::feeds::begin_anew;
use crate::{Context, graph, page_token};

/// So often an account is chosen whose ledger turns out to be another one by the time it is locked.
const LOOKS: usize = 8;

/// An account that a hashtag may be asked for with, now.
pub(crate) struct Place {
    pub install: install::Model,
    pub token: SecretString,
    tag: String,
    is_answered: bool,
    /// What stood on the ledger before: a refusal that counts nothing puts it back.
    before: Option<Search>,
}

/// What came of asking for a place.
pub(crate) enum Reserved {
    Place(Box<Place>),
    /// The account that would serve has no token that opens.
    Closed(Account),
    /// No account has a place now.
    Nothing,
}

/// Chooses an account and writes its ledger, before Meta is asked: two fetches of two hashtags cannot take the same last
/// place, and a crash leaves a place taken rather than forgotten. Only the chosen account is locked.
pub(crate) async fn reserve(ctx: &Context, feed_id: &str, tag: &str, without: &[String]) -> Result<Reserved, JobError> {
    for _ in 0..LOOKS {
        match look(&ctx.db.read, feed_id, tag, without, ctx.now()).await? {
            Look::Ask(account) => {
                if let Some(reserved) = take(ctx, &account, tag).await? {
                    return Ok(reserved);
                }
            }
            Look::Wait { .. } | Look::Nobody(_) => return Ok(Reserved::Nothing),
        }
    }
    Err(begin_anew("the accounts' places were taken by others meanwhile"))
}

/// Takes a place of this account's; `None` if it has none now.
pub(crate) async fn reserve_with(
    ctx: &Context,
    install: &install::Model,
    tag: &str,
) -> Result<Option<Box<Place>>, JobError> {
    match take(ctx, &accounts::account(install), tag).await? {
        Some(Reserved::Place(place)) => Ok(Some(place)),
        Some(Reserved::Closed(_) | Reserved::Nothing) | None => Ok(None),
    }
}

/// Takes the account's place; `None` if it has none any more, or another credential.
async fn take(ctx: &Context, account: &Account, tag: &str) -> Result<Option<Reserved>, JobError> {
    let tx = ctx.db.begin().await?;
    let locked = install::Entity::lock_business_account(&tx, &account.account_id).await?;
    let Some(install) = locked.filter(|install| accounts::account(install) == *account) else { return Ok(None) };
    if install.status != Status::Active {
        return Ok(None);
    }
    let Some(token) = page_token::open(ctx, &install)? else { return Ok(Some(Reserved::Closed(account.clone()))) };
    let names = accounts::names(&tx, tag).await?;
    let rows = hashtag_search::Entity::of_accounts(&tx, &[&account.account_id]).await?;
    let ledger = accounts::ledger(&rows, &account.account_id, &names);

    // Read when the lock is held: our time is a moment before Meta's, not a wait before it.
    let now = ctx.now();
    let unsure_since = match room::choose(std::slice::from_ref(&ledger), &[], now) {
        Choice::Free(_) => {
            let tag = tag.to_owned();
            return Ok(Some(Reserved::Place(Box::new(Place { install, token, tag, is_answered: true, before: None }))));
        }
        // Nobody knows which of the queries began the window: it counts from the last, and is free by the first.
        Choice::Again(_) => ledger.own.map(|own| own.earliest.max(room::over_since(now))),
        Choice::Place(_) => None,
        Choice::Wait(_) | Choice::Nobody => return Ok(None),
    };
    let account_id = account.account_id.clone();
    let before = ledger.own.filter(|own| now < room::ends_at(own.latest)).map(|own| Search {
        account_id: account_id.clone(),
        tag: tag.to_owned(),
        searched_at: own.latest,
        unsure_since: Some(own.earliest).filter(|earliest| *earliest < own.latest),
        is_answered: own.is_answered,
    });
    for name in names.iter().filter(|name| *name != tag) {
        hashtag_search::Entity::remove(&tx, &account_id, name).await?;
    }
    let row = Search { account_id, tag: tag.to_owned(), searched_at: now, unsure_since, is_answered: false };
    hashtag_search::Entity::write(&tx, row).await?;
    hashtag_search::Entity::forget(&tx, &account.account_id, room::over_since(now)).await?;
    tx.commit().await?;
    let tag = tag.to_owned();
    Ok(Some(Reserved::Place(Box::new(Place { install, token, tag, is_answered: false, before }))))
}

impl Place {
    /// Returns Meta's id of the account.
    pub(crate) fn account_id(&self) -> &str {
        &self.install.instagram_business_account_id
    }

    /// Returns the hashtag.
    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    /// Returns the account, and the credential that was used.
    pub(crate) fn account(&self) -> Account {
        accounts::account(&self.install)
    }

    /// Keeps that Meta answered: the window has begun.
    pub(crate) async fn answered(&mut self, ctx: &Context) -> Result<(), DbErr> {
        if !self.is_answered {
            hashtag_search::Entity::answer(&ctx.db.write, self.account_id(), &self.tag).await?;
            self.is_answered = true;
        }
        Ok(())
    }

    /// Puts the ledger back to what it was where Meta refused before it counted; returns whether a place is free again. A
    /// search that found nothing is an answer.
    pub(crate) async fn refused(&mut self, ctx: &Context, error: &graph::Error) -> Result<bool, DbErr> {
        if error.is_empty_answer() {
            self.answered(ctx).await?;
            return Ok(false);
        }
        if self.is_answered || !error.counts_nothing() {
            return Ok(false);
        }
        if let Some(before) = self.before.clone() {
            let tx = ctx.db.begin().await?;
            // Whoever was forgotten meanwhile stays forgotten.
            if install::Entity::lock_business_account(&tx, self.account_id()).await?.is_some() {
                hashtag_search::Entity::write(&tx, before).await?;
            }
            tx.commit().await?;
            return Ok(false);
        }
        hashtag_search::Entity::remove(&ctx.db.write, self.account_id(), &self.tag).await?;
        Ok(true)
    }
}
