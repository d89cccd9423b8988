//! What is kept because of an install, and how all of it is deleted.

use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{DatabaseTransaction, QueryOrder, QuerySelect};

use crate::deletion::Kind;
use crate::feed::Source;
use crate::install::{Column, Entity, Killed, Model, Status};
use crate::seal::Sealed;
use crate::{
    app_install, connect_link, crosspost, diagnosis, email_delivery, feed, feed_app, hashtag_refusal, hashtag_search,
    incident, incident_install, job_run, throttle,
};

/// By so much Meta's clock and ours may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// What hangs on an install that is being forgotten: by these ids others know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// The feeds that show the account.
    pub feeds: Vec<String>,
    /// The runs that connected it, or fetched those feeds.
    pub runs: Vec<String>,
}

/// What became of the installs of a subject who has removed our app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deauthorized {
    /// The ids of those that have no token any more.
    pub ended: Vec<String>,
    /// Those that were left as they are, and are to be looked into.
    pub doubted: Vec<Model>,
}

impl Kind {
    /// The column by which the installs of a subject are found.
    const fn column(self) -> Column {
        match self {
            Self::Person => Column::FacebookUserId,
            Self::Page => Column::PageId,
            Self::Install => Column::Id,
        }
    }
}

impl Model {
    /// Returns whether it is a subject's.
    pub fn is_of(&self, kind: Kind, subject: &str) -> bool {
        match kind {
            Kind::Person => self.facebook_user_id.as_deref() == Some(subject),
            Kind::Page => self.page_id == subject,
            Kind::Install => self.id == subject,
        }
    }
}

impl Entity {
    /// Lists the ids of a subject's installs, in order.
    pub async fn ids_of(db: &impl ConnectionTrait, kind: Kind, subject: &str) -> Result<Vec<String>, DbErr> {
        let found = Self::find().select_only().column(Column::Id).filter(kind.column().eq(subject));
        found.order_by_asc(Column::Id).into_tuple().all(db).await
    }

    /// Returns whether an app uses an install.
    pub async fn is_used(db: &impl ConnectionTrait, id: &str) -> Result<bool, DbErr> {
        Ok(app_install::Entity::find().filter(app_install::Column::InstallId.eq(id)).count(db).await? > 0)
    }

    /// Keeps an install from being forgotten until the transaction ends; `false`: it is gone already. (SQLite has locked all by
    /// then.)
    pub async fn hold(tx: &DatabaseTransaction, id: &str) -> Result<bool, DbErr> {
        let held = Self::find_by_id(id).select_only().column(Column::Id).lock(LockType::KeyShare);
        Ok(held.into_tuple::<String>().one(tx).await?.is_some())
    }

    /// Takes the tokens out of an install: from now on nobody calls with them.
    pub async fn wipe_tokens(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::UserToken, Expr::value(Option::<Sealed>::None))
            .col_expr(Column::PageToken, Expr::value(Option::<Sealed>::None))
            .col_expr(Column::Status, Expr::value(Status::Dead))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Takes the tokens out of all installs of a subject, who has removed our app at `removed_at`, and says so in their rows.
    /// Of what Meta was asked since, that says nothing: it may have been connected anew.
    pub async fn deauthorize(
        tx: &DatabaseTransaction,
        (kind, subject): (Kind, &str),
        removed_at: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<Deauthorized, DbErr> {
        let found = Self::find().filter(kind.column().eq(subject)).order_by_asc(Column::Id);
        let mut deauthorized = Deauthorized::default();
        for install in found.lock_exclusive().all(tx).await? {
            if install.is_active() && removed_at + CLOCKS_DIFFER < install.checked_at {
                deauthorized.doubted.push(install);
                continue;
            }
            Self::wipe_tokens(tx, &install.id, now).await?;
            Self::kill(tx, &install.id, Killed::AppRemoved, now).await?;
            deauthorized.ended.push(install.id);
        }
        Ok(deauthorized)
    }

    /// Finds what hangs on an install. A feed of its name stays where another install serves the same name; and what the
    /// outlet tells of the account, unless it is a person or a Page that is to be forgotten: other apps show it.
    pub async fn traces(db: &impl ConnectionTrait, install: &Model, kind: Kind) -> Result<Traces, DbErr> {
        let sources: &[Source] = match kind {
            Kind::Install => &[Source::Graph],
            Kind::Person | Kind::Page => &[Source::Graph, Source::Outlet],
        };
        let feeds = feed::Entity::of_install(db, install, sources).await?;
        let runs = job_run::Entity::to_forget(db, &install.id, &feeds).await?;
        Ok(Traces { feeds, runs })
    }

    /// Whether an account's name is served by another install: an account that was renamed leaves its name to others.
    pub(crate) async fn is_served_by_another(db: &impl ConnectionTrait, install: &Model) -> Result<bool, DbErr> {
        let others = Self::find()
            .filter(Column::InstagramAccount.eq(&install.instagram_account))
            .filter(Column::Id.ne(&install.id))
            .filter(Column::Status.eq(Status::Active));
        Ok(others.count(db).await? > 0)
    }

    /// Deletes an install with everything that is kept because of it: feeds, what was read of the account, runs, ledgers. What
    /// the host platform says of its own apps stays.
    pub async fn forget(tx: &DatabaseTransaction, install: &Model, traces: &Traces) -> Result<(), DbErr> {
        let id = install.id.as_str();
        let Traces { feeds, runs } = traces;
        feed_app::Entity::delete_many().filter(feed_app::Column::FeedId.is_in(feeds)).exec(tx).await?;
        feed::Entity::delete_many().filter(feed::Column::Id.is_in(feeds)).exec(tx).await?;
        job_run::Entity::delete_many().filter(job_run::Column::Id.is_in(runs)).exec(tx).await?;
        forget_ledgers(tx, install).await?;
        forget_troubles(tx, id).await?;
        email_delivery::Entity::delete_many().filter(email_delivery::Column::InstallId.eq(id)).exec(tx).await?;
        connect_link::Entity::delete_many().filter(connect_link::Column::InstallId.eq(id)).exec(tx).await?;
        crosspost::Entity::forget_of_install(tx, id).await?;
        app_install::Entity::delete_many().filter(app_install::Column::InstallId.eq(id)).exec(tx).await?;
        Self::delete_by_id(id).exec(tx).await?;
        Ok(())
    }
}

/// Which hashtags were asked for with the account, and how far the allowances of its keys are used. A person and a Page may
/// have other accounts, which the same allowance holds for.
async fn forget_ledgers(tx: &DatabaseTransaction, install: &Model) -> Result<(), DbErr> {
    let account_id = install.instagram_business_account_id.as_str();
    let searched = hashtag_search::Entity::delete_many().filter(hashtag_search::Column::AccountId.eq(account_id));
    searched.exec(tx).await?;
    let refused = hashtag_refusal::Entity::delete_many().filter(hashtag_refusal::Column::InstallId.eq(&install.id));
    refused.exec(tx).await?;
    let mut keys = vec![format!("account:{account_id}")];
    for (kind, subject) in [(Kind::Person, install.facebook_user_id.as_deref()), (Kind::Page, Some(&*install.page_id))]
    {
        let Some(subject) = subject else { continue };
        if Entity::ids_of(tx, kind, subject).await?.iter().all(|id| *id == install.id) {
            let word = if kind == Kind::Person { "user" } else { "page" };
            keys.push(format!("{word}:{subject}"));
        }
    }
    throttle::Entity::delete_many().filter(throttle::Column::Key.is_in(keys)).exec(tx).await?;
    Ok(())
}

async fn forget_troubles(tx: &DatabaseTransaction, install_id: &str) -> Result<(), DbErr> {
    diagnosis::Entity::delete_many().filter(diagnosis::Column::InstallId.eq(install_id)).exec(tx).await?;
    let met = incident_install::Entity::delete_many().filter(incident_install::Column::InstallId.eq(install_id));
    met.exec(tx).await?;
    incident::Entity::delete_many().filter(incident::Column::InstallId.eq(install_id)).exec(tx).await?;
    Ok(())
}
