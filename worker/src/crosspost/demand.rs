//! What cross-posts demand of feeds: a look every ten minutes.

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::{self, Source};
use entities::{Db, FeedKey, install, job_run, new_id};
use queue::Job as _;
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, EntityTrait};

use crate::jobs::FetchFeed;

/// How often a feed is read from which is posted, in seconds.
const EVERY_S: i32 = 600;
/// How often it is noted that somebody wants it.
const NOTED_EVERY: TimeDelta = TimeDelta::hours(12);

/// Demands an install's feed; a feed that nobody had asked for is made. Returns the one to fetch now, if there is one.
pub async fn demand(db: &Db, install: &install::Model, now: DateTime<Utc>) -> Result<Option<FetchFeed>, DbErr> {
    let Ok(key) = FeedKey::account(&install.instagram_account) else { return Ok(None) };
    let known = match feed::Entity::of_key(&db.read, Source::Graph, &key).await? {
        Some(feed) => Some(feed),
        None => make(db, &key, now).await?,
    };
    let Some(feed) = known.filter(|feed| !feed.is_demanded(EVERY_S, now - NOTED_EVERY)) else { return Ok(None) };
    feed::Entity::demand(&db.write, &feed.id, EVERY_S, now).await?;
    Ok(Some(FetchFeed { feed_id: feed.id }))
}

/// Makes a feed's row, with the run that everybody polls who asks for it before it is there.
async fn make(db: &Db, key: &FeedKey, now: DateTime<Utc>) -> Result<Option<feed::Model>, DbErr> {
    let (feed_id, run_id) = (new_id(), new_id());
    let tx = db.begin().await?;
    if feed::Entity::insert_due(&tx, Source::Graph, key, (&feed_id, &run_id), now).await? {
        let run = job_run::ActiveModel {
            subject: Set(Some(feed_id)),
            ..job_run::Entity::pending(run_id, FetchFeed::NAME, now)
        };
        job_run::Entity::insert(run).exec_without_returning(&tx).await?;
    }
    let feed = feed::Entity::of_key(&tx, Source::Graph, key).await?;
    tx.commit().await?;
    Ok(feed)
}
