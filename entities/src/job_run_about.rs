//! What runs of `job_runs` are about, and how they go with it: an app that is taken away, an account that is forgotten, a
//! feed that loses its name.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, DeleteMany, QueryOrder, QuerySelect, QueryTrait, Select};

use crate::app_install;
use crate::install;
use crate::job_run::{Column, Entity, Model, State};

impl Entity {
    /// Notes which row a run has turned out to be about.
    pub async fn note_subject(db: &impl ConnectionTrait, id: &str, subject: &str) -> Result<(), DbErr> {
        Self::update_many().col_expr(Column::Subject, Expr::value(subject)).filter(Column::Id.eq(id)).exec(db).await?;
        Ok(())
    }

    /// Lists the ids of the runs that go with an install and with its feeds, in order. A run that has ended tells the
    /// account's name, its ids and its Page; one that goes on is somebody's who connects. Of a feed that is gone, no run ends.
    pub(crate) async fn to_forget(
        db: &impl ConnectionTrait,
        install_id: &str,
        feeds: &[String],
    ) -> Result<Vec<String>, DbErr> {
        let of_apps: Vec<String> = Self::ended_of_apps(install_id).into_tuple().all(db).await?;
        let subjects = feeds.iter().map(String::as_str).chain([install_id]);
        let about: Vec<(String, String, Option<DateTimeUtc>)> = Self::about(subjects).into_tuple().all(db).await?;
        let about = about.into_iter().filter(|(_, subject, ended)| ended.is_some() || subject != install_id);
        let ids: BTreeSet<String> = of_apps.into_iter().chain(about.map(|(id, ..)| id)).collect();
        Ok(ids.into_iter().collect())
    }

    /// Returns the question for the ids of the runs that have ended, of the apps that use an install.
    pub fn ended_of_apps(install_id: &str) -> Select<Self> {
        let apps = app_install::Entity::find()
            .select_only()
            .column(app_install::Column::AppId)
            .filter(app_install::Column::InstallId.eq(install_id))
            .into_query();
        let of_apps = Self::find().select_only().column(Column::Id).filter(Column::AppId.in_subquery(apps));
        of_apps.filter(Column::FinishedAt.is_not_null())
    }

    /// Returns the question for the runs about these rows: id, subject, and when they ended.
    pub fn about<'a>(subjects: impl IntoIterator<Item = &'a str>) -> Select<Self> {
        let columns = [Column::Id, Column::Subject, Column::FinishedAt];
        Self::find().select_only().columns(columns).filter(Column::Subject.is_in(subjects))
    }

    /// Returns the statement that deletes the runs of an app that have ended.
    pub fn ended_of_app(app_id: &str) -> DeleteMany<Self> {
        Self::delete_many().filter(Column::AppId.eq(app_id)).filter(Column::FinishedAt.is_not_null())
    }

    /// Returns the question for the runs of an app in one state, in order.
    pub fn of_app(app_id: &str, state: State) -> Select<Self> {
        Self::find().filter(Column::AppId.eq(app_id)).filter(Column::State.eq(state)).order_by_asc(Column::Id)
    }

    /// Finds the runs of an app that have not ended, and locks them until the transaction ends.
    pub async fn lock_pending_of_app(tx: &DatabaseTransaction, app_id: &str) -> Result<Vec<Model>, DbErr> {
        Self::of_app(app_id, State::Pending).lock_exclusive().all(tx).await
    }

    /// Deletes what runs about a row have told at their ends. Who failed told nobody's name.
    pub async fn forget_results(tx: &DatabaseTransaction, subject: &str) -> Result<(), DbErr> {
        let told = Self::delete_many().filter(Column::Subject.eq(subject)).filter(Column::State.eq(State::Done));
        told.exec(tx).await?;
        Ok(())
    }

    /// Deletes the runs of an app that failed, and told of an install's account or Page why: whoever forgets the install finds
    /// them no more, once the app does not use it.
    pub async fn forget_failures(
        tx: &DatabaseTransaction,
        app_id: &str,
        install: &install::Model,
    ) -> Result<(), DbErr> {
        let failed = Self::of_app(app_id, State::Failed).select_only().columns([Column::Id, Column::Error]);
        let failed: Vec<(String, Option<Json>)> = failed.into_tuple().all(tx).await?;
        let account = &install.instagram_account;
        let ids = [&install.page_id, &install.instagram_business_account_id, account].map(|id| format!("\"{id}\""));
        let names = ids.into_iter().chain([format!("@{account}")]).collect::<Vec<_>>();
        let tells = |error: &Json| {
            let error = error.to_string();
            names.iter().any(|name| error.contains(name))
        };
        let ids = failed.into_iter().filter(|(_, error)| error.as_ref().is_some_and(tells)).map(|(id, _)| id);
        Self::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
        Ok(())
    }
}
