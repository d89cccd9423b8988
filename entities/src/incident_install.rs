//! `incident_installs`: which installs an incident concerns: those that it has met, and those that wait for its end unmet.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{QueryOrder, QuerySelect, QueryTrait};

use crate::install::Status;
use crate::{app_install, incident, install};

/// One install in one incident.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incident_installs")]
pub struct Model {
    /// The incident.
    #[sea_orm(primary_key, auto_increment = false)]
    pub incident_id: String,
    /// The install.
    #[sea_orm(primary_key, auto_increment = false)]
    pub install_id: String,
    /// Whether work for it has failed; else it waits with the others.
    pub failed: bool,
    /// First sight.
    pub first_seen_at: DateTimeUtc,
    /// Last sight.
    pub last_seen_at: DateTimeUtc,
}

/// Either side may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Notes that an incident has met an install: work for it failed.
    pub async fn meet(
        db: &impl ConnectionTrait,
        incident_id: &str,
        install_id: &str,
        at: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let row = ActiveModel {
            incident_id: Set(incident_id.to_owned()),
            install_id: Set(install_id.to_owned()),
            failed: Set(true),
            first_seen_at: Set(at),
            last_seen_at: Set(at),
        };
        let again = OnConflict::columns([Column::IncidentId, Column::InstallId])
            .update_columns([Column::Failed, Column::LastSeenAt])
            .to_owned();
        Self::insert(row).on_conflict(again).exec_without_returning(db).await?;
        Ok(())
    }

    /// Returns whether an incident has met an install.
    pub async fn has_met(db: &impl ConnectionTrait, incident_id: &str, install_id: &str) -> Result<bool, DbErr> {
        let row = Self::find_by_id((incident_id.to_owned(), install_id.to_owned())).one(db).await?;
        Ok(row.is_some_and(|row| row.failed))
    }

    /// Notes that all installs that serve wait for an incident's end.
    pub async fn all_wait(db: &impl ConnectionTrait, incident_id: &str, at: DateTimeUtc) -> Result<(), DbErr> {
        let all = install::Entity::find()
            .select_only()
            .expr(Expr::value(incident_id))
            .column(install::Column::Id)
            .expr(Expr::value(false))
            .expr(Expr::value(at))
            .expr(Expr::value(at))
            .filter(install::Column::Status.eq(Status::Active))
            .filter(install::Column::Id.not_in_subquery(concerned(incident_id)))
            .into_query();
        let columns = [Column::IncidentId, Column::InstallId, Column::Failed, Column::FirstSeenAt, Column::LastSeenAt];
        let mut insert = Query::insert();
        insert.into_table(Entity).columns(columns);
        insert.select_from(all).map_err(|error| DbErr::Custom(error.to_string()))?;
        insert.on_conflict(OnConflict::columns([Column::IncidentId, Column::InstallId]).do_nothing().to_owned());
        db.execute(&insert).await?;
        Ok(())
    }

    /// Notes that those wait no longer that an incident has not met.
    pub async fn none_waits(db: &impl ConnectionTrait, incident_id: &str) -> Result<(), DbErr> {
        Self::delete_many()
            .filter(Column::IncidentId.eq(incident_id))
            .filter(Column::Failed.eq(false))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Counts the installs that an incident concerns.
    pub async fn number(db: &impl ConnectionTrait, incident_id: &str) -> Result<u64, DbErr> {
        Self::find().filter(Column::IncidentId.eq(incident_id)).count(db).await
    }

    /// Counts the installs that an incident has met.
    pub async fn number_met(db: &impl ConnectionTrait, incident_id: &str) -> Result<u64, DbErr> {
        Self::find().filter(Column::IncidentId.eq(incident_id)).filter(Column::Failed.eq(true)).count(db).await
    }

    /// Lists the ids of the installs that an incident has met, in order.
    pub async fn install_ids(db: &impl ConnectionTrait, incident_id: &str) -> Result<Vec<String>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::InstallId)
            .filter(Column::IncidentId.eq(incident_id))
            .filter(Column::Failed.eq(true))
            .order_by_asc(Column::InstallId)
            .into_tuple()
            .all(db)
            .await
    }

    /// Lists some of the installs that an incident concerns: those that it has met, the first one first.
    pub async fn some_installs(
        db: &impl ConnectionTrait,
        incident_id: &str,
        limit: u64,
    ) -> Result<Vec<install::Model>, DbErr> {
        let first: Vec<String> = Self::find()
            .select_only()
            .column(Column::InstallId)
            .filter(Column::IncidentId.eq(incident_id))
            .order_by_desc(Column::Failed)
            .order_by_asc(Column::FirstSeenAt)
            .order_by_asc(Column::InstallId)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        install::Entity::find()
            .filter(install::Column::Id.is_in(first))
            .order_by_asc(install::Column::InstagramAccount)
            .all(db)
            .await
    }

    /// Lists the apps that use an install that an incident concerns.
    pub async fn app_ids(db: &impl ConnectionTrait, incident_id: &str) -> Result<Vec<String>, DbErr> {
        app_install::Entity::find()
            .select_only()
            .column(app_install::Column::AppId)
            .distinct()
            .filter(app_install::Column::InstallId.in_subquery(concerned(incident_id)))
            .order_by_asc(app_install::Column::AppId)
            .into_tuple()
            .all(db)
            .await
    }

    /// Counts the installs that serve: those that an incident has met, or has not.
    pub async fn number_serving(db: &impl ConnectionTrait, incident_id: &str, is_met: bool) -> Result<u64, DbErr> {
        serving(incident_id, is_met).count(db).await
    }

    /// Lists a few installs that serve, from a place in their order on: those that an incident has met, or has not.
    pub async fn canaries(
        db: &impl ConnectionTrait,
        incident_id: &str,
        is_met: bool,
        (skip, limit): (u64, u64),
    ) -> Result<Vec<install::Model>, DbErr> {
        serving(incident_id, is_met).order_by_asc(install::Column::Id).offset(skip).limit(limit).all(db).await
    }

    /// Forgets what belongs to incidents that are forgotten.
    pub async fn sweep(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let known = incident::Entity::find().select_only().column(incident::Column::Id).into_query();
        let swept = Self::delete_many().filter(Column::IncidentId.not_in_subquery(known)).exec(db).await?;
        Ok(swept.rows_affected)
    }
}

fn concerned(incident_id: &str) -> sea_orm::sea_query::SelectStatement {
    Entity::find().select_only().column(Column::InstallId).filter(Column::IncidentId.eq(incident_id)).into_query()
}

fn met(incident_id: &str) -> sea_orm::sea_query::SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::InstallId)
        .filter(Column::IncidentId.eq(incident_id))
        .filter(Column::Failed.eq(true))
        .into_query()
}

fn serving(incident_id: &str, is_met: bool) -> sea_orm::Select<install::Entity> {
    let met = met(incident_id);
    let id = install::Column::Id;
    install::Entity::find()
        .filter(install::Column::Status.eq(Status::Active))
        .filter(install::Column::PageToken.is_not_null())
        .filter(if is_met { id.in_subquery(met) } else { id.not_in_subquery(met) })
}
