//! How many other accounts fail alike now: what tells one account's trouble from everybody's.

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::{self, Scope};
use entities::incident_install;
use entities::install::{self, Status};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};

/// A failure that was not seen for so long is not now.
const NOW: TimeDelta = TimeDelta::hours(2);
/// So many failing accounts are no chance, however many do not fail.
const CROWD: u64 = 3;

/// Other accounts, of other people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Others {
    /// How many fail alike.
    pub failing: u64,
    /// How many there are.
    pub all: u64,
    /// Whether an incident of everybody's has met this account too: then it is no chance, however few there are.
    #[serde(default)]
    pub is_everybodys: bool,
}

impl Others {
    /// Returns whether it looks like everybody's trouble: three and one in fifty, or all there are, if those are two, or
    /// what incidents took for it.
    pub(crate) const fn are_many(self) -> bool {
        let Self { failing, all, is_everybodys } = self;
        is_everybodys || (failing >= CROWD && failing * 50 >= all) || (failing >= 2 && failing >= all)
    }

    /// Counts those who fail alike, as far as incidents know.
    pub(crate) async fn of(
        db: &impl ConnectionTrait,
        install: &install::Model,
        class: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, DbErr> {
        let unrelated = Condition::all()
            .add(install::Column::Status.eq(Status::Active))
            .add(install::Column::Id.ne(install.id.as_str()))
            .add_option(install.facebook_user_id.as_deref().map(|person| {
                install::Column::FacebookUserId.ne(person).or(install::Column::FacebookUserId.is_null())
            }));
        let open = incident::Entity::find()
            .select_only()
            .filter(incident::Column::ClosedAt.is_null())
            .filter(incident::Column::Class.eq(class));
        let of_everybody = open.clone().column(incident::Column::Id).filter(incident::Column::Scope.eq(Scope::App));
        let met = incident_install::Entity::find()
            .select_only()
            .column(incident_install::Column::InstallId)
            .filter(incident_install::Column::Failed.eq(true))
            .filter(incident_install::Column::IncidentId.in_subquery(of_everybody.into_query()));
        let has_met_it = met.clone().filter(incident_install::Column::InstallId.eq(install.id.as_str()));
        let is_everybodys = has_met_it.into_tuple::<String>().one(db).await?.is_some();
        let own = open
            .column(incident::Column::InstallId)
            .filter(incident::Column::Scope.eq(Scope::Account))
            .filter(incident::Column::LastSeenAt.gt(now - NOW));
        let alike =
            install::Column::Id.in_subquery(met.into_query()).or(install::Column::Id.in_subquery(own.into_query()));
        let all = people(db, unrelated.clone()).await?;
        Ok(Self { failing: people(db, unrelated.add(alike)).await?, all, is_everybodys })
    }
}

/// Counts the people behind installs: one person's accounts fail together.
async fn people(db: &impl ConnectionTrait, which: Condition) -> Result<u64, DbErr> {
    let found: Vec<(Option<String>, String)> = install::Entity::find()
        .select_only()
        .columns([install::Column::FacebookUserId, install::Column::PageId])
        .distinct()
        .filter(which)
        .into_tuple()
        .all(db)
        .await?;
    let people: std::collections::HashSet<String> =
        found.into_iter().map(|(person, page)| person.unwrap_or(page)).collect();
    Ok(u64::try_from(people.len()).unwrap_or(u64::MAX))
}
