//! Writing what was checked: one app, or a page of them.

use std::collections::BTreeMap;

use entities::rollout::{self, MIGRATE_APPS};
use entities::{app, feed_app};
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, TryInsertResult, TryIntoModel,
};
use worker::migrating::{Kept, Terms};

use super::Checked;

/// What apps are saved under: the same for all of a transaction.
#[derive(Debug)]
pub(crate) struct Saving<'a> {
    tx: &'a DatabaseTransaction,
    terms: &'a Terms,
    rollout: Option<rollout::Model>,
    now: DateTimeUtc,
}

/// An app, as it was written.
#[derive(Debug)]
pub(crate) struct Written {
    /// Its row.
    pub row: app::Model,
    /// Whether nobody had registered it before.
    pub is_new: bool,
}

/// How many apps were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Nobody had registered them before.
    pub made: i64,
    /// They were known.
    pub changed: i64,
}

impl<'a> Saving<'a> {
    /// Looks who may move off the outlet; once, however many apps are saved.
    pub(crate) async fn begin(tx: &'a DatabaseTransaction, terms: &'a Terms, now: DateTimeUtc) -> Result<Self, DbErr> {
        let rollout = rollout::Entity::find_by_id(MIGRATE_APPS).one(tx).await?;
        Ok(Self { tx, terms, rollout, now })
    }

    /// Registers an app, or updates it: what was left out keeps its value.
    pub(crate) async fn write(&self, told: Checked) -> Result<Written, DbErr> {
        let is_new = app::Entity::register(self.tx, &told.app_id, &told.user, "", self.now).await?;
        let row = app::Entity::lock(self.tx, &told.app_id).await?;
        let gone = || DbErr::RecordNotFound("the app was deleted while it was written".to_owned());
        Ok(Written { row: self.update(row.ok_or_else(gone)?, told).await?, is_new })
    }

    /// Updates an app whose row is locked; what is told of it and known already changes nothing.
    async fn update(&self, before: app::Model, told: Checked) -> Result<app::Model, DbErr> {
        let mut row = before.clone();
        fill(&mut row, told);
        let kept = Kept::of_saved(self.tx, self.terms, &row, self.is_in_rollout(&row)).await?;
        keep(&mut row, kept);
        if row == before {
            return Ok(row);
        }
        row.updated_at = self.now;
        let row = row.into_active_model().reset_all().update(self.tx).await?;
        if row.feeds != before.feeds {
            feed_app::Entity::keep_listed(self.tx, &row.app_id, &row.feeds.0).await?;
        }
        Ok(row)
    }

    /// Does the same for a page of apps. Those that nobody had registered are one statement, and those that are known are
    /// one question.
    pub(crate) async fn write_page(&self, told: Vec<Checked>) -> Result<Counts, DbErr> {
        let all = i64::try_from(told.len()).unwrap_or(i64::MAX);
        let mut known = self.known(&told).await?;
        let (mut fresh, mut others) = (BTreeMap::new(), Vec::new());
        for told in told {
            // What a page tells of an app for the second time is an update.
            if known.contains_key(&told.app_id) || fresh.contains_key(&told.app_id) {
                others.push(told);
            } else {
                fresh.insert(told.app_id.clone(), told);
            }
        }
        let made = self.insert(fresh.values()).await?;
        let counts = Counts { made, changed: all - made };
        if made < i64::try_from(fresh.len()).unwrap_or(i64::MAX) {
            // Somebody else registered some of them since we looked: they are known by now.
            others.splice(..0, fresh.into_values());
        }
        for told in others {
            let row = match known.remove(&told.app_id) {
                Some(row) => self.update(row, told).await?,
                None => self.write(told).await?.row,
            };
            known.insert(row.app_id.clone(), row);
        }
        Ok(counts)
    }

    /// Finds and locks those that are known: in order, so that of two that write the same apps neither waits for the other for
    /// ever.
    async fn known(&self, told: &[Checked]) -> Result<BTreeMap<String, app::Model>, DbErr> {
        let ids = told.iter().map(|told| told.app_id.as_str());
        let found = app::Entity::find().filter(app::Column::AppId.is_in(ids)).order_by_asc(app::Column::AppId);
        let rows = found.lock_exclusive().all(self.tx).await?;
        Ok(rows.into_iter().map(|row| (row.app_id.clone(), row)).collect())
    }

    /// Inserts apps that nobody has registered; returns how many of them that was true of.
    async fn insert(&self, fresh: impl ExactSizeIterator<Item = &Checked>) -> Result<i64, DbErr> {
        let mut rows = Vec::with_capacity(fresh.len());
        for told in fresh {
            let mut row = app::Entity::fresh(&told.app_id, &told.user, "", self.now).try_into_model()?;
            fill(&mut row, told.clone());
            // Nothing is connected to it yet.
            let kept = Kept::when_saved(self.terms, &row, self.is_in_rollout(&row), &[]);
            keep(&mut row, kept);
            rows.push(row.into_active_model().reset_all());
        }
        let inserted = app::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([app::Column::AppId])
            .exec_without_returning(self.tx)
            .await?;
        Ok(match inserted {
            TryInsertResult::Inserted(rows) => i64::try_from(rows).unwrap_or(i64::MAX),
            TryInsertResult::Empty | TryInsertResult::Conflicted => 0,
        })
    }

    fn is_in_rollout(&self, row: &app::Model) -> bool {
        self.rollout.as_ref().is_some_and(|rollout| rollout.includes(&row.user))
    }
}

/// What is left out keeps its value.
fn fill(row: &mut app::Model, told: Checked) {
    row.user = told.user;
    row.app_type = told.app_type.unwrap_or_else(|| std::mem::take(&mut row.app_type));
    row.feeds = told.feeds.unwrap_or_else(|| std::mem::take(&mut row.feeds));
    row.saved_before = told.saved_before.unwrap_or(row.saved_before);
    row.owner_email = told.owner_email.unwrap_or_else(|| row.owner_email.take());
    row.language = told.language.unwrap_or_else(|| row.language.take());
    row.allowed_origins = told.allowed_origins.unwrap_or_else(|| std::mem::take(&mut row.allowed_origins));
}

fn keep(row: &mut app::Model, kept: Kept) {
    row.instagram_graph_api_migrated_at = kept.migrated_at;
    row.instagram_not_migrated_feeds = kept.not_migrated_feeds;
}
