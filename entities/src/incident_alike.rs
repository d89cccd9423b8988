//! Which incidents are alike, and how many unrelated accounts fail in the same way: what tells one account's trouble from
//! everybody's.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect, QueryTrait};

use crate::incident::{Column, Entity, Kind, Model, Scope};
use crate::install;

/// What failures have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alike<'a> {
    /// Their class.
    pub class: &'a str,
    /// What fails.
    pub kind: Kind,
    /// Meta's code.
    pub code: Option<i64>,
}

impl Alike<'_> {
    /// Filters the open incidents of single accounts that are alike.
    fn of_accounts(&self) -> Condition {
        let code = self.code.map_or(Column::Code.is_null(), |code| Column::Code.eq(code));
        Condition::all()
            .add(Column::ClosedAt.is_null())
            .add(Column::Scope.eq(Scope::Account))
            .add(Column::Class.eq(self.class))
            .add(Column::Kind.eq(self.kind))
            .add(code)
    }
}

impl Entity {
    /// Lists the open incidents of single accounts that are alike and began at `since` or later, oldest first.
    pub async fn alike(
        db: &impl ConnectionTrait,
        alike: &Alike<'_>,
        since: Option<DateTimeUtc>,
    ) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .filter(alike.of_accounts())
            .apply_if(since, |found, since| found.filter(Column::OpenedAt.gte(since)))
            .order_by_asc(Column::OpenedAt)
            .order_by_asc(Column::Id)
            .all(db)
            .await
    }

    /// Counts the people whose installs these are.
    pub async fn unrelated(db: &impl ConnectionTrait, installs: &[String]) -> Result<u64, DbErr> {
        let mut all = HashSet::new();
        for some in installs.chunks(500) {
            all.extend(people(db, Condition::all().add(install::Column::Id.is_in(some))).await?);
        }
        Ok(all.len() as u64)
    }
}

async fn people(db: &impl ConnectionTrait, who: Condition) -> Result<HashSet<String>, DbErr> {
    let found: Vec<(Option<String>, String)> = install::Entity::find()
        .select_only()
        .columns([install::Column::FacebookUserId, install::Column::PageId])
        .filter(who)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(|(person, page)| person.unwrap_or(page)).collect())
}
