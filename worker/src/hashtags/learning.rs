//! What Meta tells of hashtags: their ids, and which of them it has counted that the ledger lacks.

use chrono::{DateTime, Utc};
use entities::hashtag_search::{self, Model as Search};
use entities::{hashtag, install};
use queue::JobError;
use sea_orm::{DatabaseTransaction, DbErr};

use super::accounts::by_id;
use super::ledger::Place;
use super::room;
use crate::Context;
use crate::throttles::{Key, Priority};

/// Keeps a hashtag's id, and gives its name to the rows that had only the id.
pub(crate) async fn keep_id(ctx: &Context, tag: &str, id: &str) -> Result<(), DbErr> {
    let tx = ctx.db.begin().await?;
    hashtag::Entity::keep(&tx, tag, id, ctx.now()).await?;
    let rows = hashtag_search::Entity::of_names(&tx, &[tag.to_owned(), by_id(id)]).await?;
    for unnamed in rows.iter().filter(|row| row.tag != tag) {
        let named = rows.iter().find(|row| row.account_id == unnamed.account_id && row.tag == tag);
        let first = named.map_or(unnamed.earliest(), |named| named.earliest().min(unnamed.earliest()));
        let last = named.map_or(unnamed.searched_at, |named| named.searched_at.max(unnamed.searched_at));
        if !hashtag_search::Entity::remove(&tx, &unnamed.account_id, &unnamed.tag).await? {
            continue;
        }
        let row = Search {
            account_id: unnamed.account_id.clone(),
            tag: tag.to_owned(),
            searched_at: last,
            unsure_since: Some(first).filter(|first| *first < last),
            is_answered: true,
        };
        hashtag_search::Entity::write(&tx, row).await?;
    }
    tx.commit().await
}

/// Asks Meta which hashtags it has counted with an account that it refused for their number, and writes down those that
/// the ledger lacks. `true` if they are as many as an account may have; then the hashtag is none of the others.
pub(crate) async fn learn(ctx: &Context, place: &Place) -> Result<bool, JobError> {
    let install_id = &place.install.id;
    let graph = ctx.graph_for(Key::of(&place.install), Priority::Waiting);
    let ids = match graph.searched_hashtags(&place.token, place.account_id()).await {
        Ok(ids) => ids,
        Err(error) => {
            tracing::warn!(%error, install_id, "Meta does not say which hashtags it has counted");
            return Ok(false);
        }
    };
    let tx = ctx.db.begin().await?;
    let is_full = ids.len() >= room::PLACES;
    if install::Entity::lock_business_account(&tx, place.account_id()).await?.is_none() {
        // Whoever was forgotten meanwhile stays forgotten.
        tx.rollback().await?;
        return Ok(is_full);
    }
    let is_one_of_them = write_lacking(&tx, place, &ids, ctx.now()).await?;
    if is_full && !is_one_of_them {
        hashtag_search::Entity::remove(&tx, place.account_id(), place.tag()).await?;
    }
    tx.commit().await?;
    Ok(is_full)
}

/// Writes down what Meta has counted and the ledger lacks, as begun whenever; says whether the place's own hashtag is
/// counted.
async fn write_lacking(
    tx: &DatabaseTransaction,
    place: &Place,
    ids: &[String],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let known = hashtag::Entity::behind(tx, ids).await?;
    let rows = hashtag_search::Entity::of_accounts(tx, &[place.account_id()]).await?;
    let mut lacking = 0_usize;
    for id in ids {
        let name = known.iter().find(|known| known.hashtag_id == *id).map(|known| known.tag.clone());
        let names = [by_id(id), name.clone().unwrap_or_default()];
        if rows.iter().any(|row| names.contains(&row.tag) && now < room::ends_at(row.searched_at)) {
            continue;
        }
        let row = Search {
            account_id: place.account_id().to_owned(),
            tag: name.unwrap_or_else(|| by_id(id)),
            searched_at: now,
            unsure_since: Some(room::over_since(now)),
            is_answered: true,
        };
        hashtag_search::Entity::write(tx, row).await?;
        lacking += 1;
    }
    if lacking > 0 {
        tracing::warn!(install_id = place.install.id, lacking, "Meta has counted hashtags that we have not");
    }
    Ok(known.iter().any(|known| known.tag == place.tag()))
}
