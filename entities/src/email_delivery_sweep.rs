//! How long the ledger of mails is kept: what goes with time, and what goes with an app.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, QuerySelect, QueryTrait};

use crate::email_delivery::{Column, Entity, State};
use crate::{app, app_install, install};

impl Entity {
    /// Forgets what ended before `ended_before`, unless it may still decide who is told of a credential's end; and what is
    /// planned about a credential that is gone, which nobody has or is to get. Returns how many.
    pub async fn sweep(db: &impl ConnectionTrait, ended_before: DateTimeUtc) -> Result<u64, DbErr> {
        let is_untold = install::Column::SecondVerifyEmailSentAt.is_null();
        let old = Self::delete_many()
            .filter(Column::EndedAt.lt(ended_before))
            .filter(about_current(Condition::all().add(is_untold)).not())
            .exec(db)
            .await?;
        let planned = Self::delete_many()
            // What is under way has no end; an index finds it by that.
            .filter(Column::EndedAt.is_null())
            .filter(Column::State.eq(State::Planned))
            .filter(about_current(Condition::all()).not())
            .exec(db)
            .await?;
        Ok(old.rows_affected + planned.rows_affected)
    }

    /// Forgets the mails about an install to addresses that no app has which uses it: they are nobody's here any more.
    pub async fn forget_strangers(db: &impl ConnectionTrait, install_id: &str) -> Result<(), DbErr> {
        let apps = app::Entity::find()
            .inner_join(app_install::Entity)
            .filter(app_install::Column::InstallId.eq(install_id))
            .filter(app::Column::OwnerEmail.is_not_null());
        let owners: BTreeSet<_> = apps.all(db).await?.iter().filter_map(app::Model::owner).collect();
        let strangers = Self::delete_many().filter(Column::InstallId.eq(install_id));
        strangers.filter(Column::Recipient.is_not_in(owners)).exec(db).await?;
        Ok(())
    }
}

/// Whether a mail is about the credential that its install has now, where that is `which`.
fn about_current(which: Condition) -> Expr {
    let same = |of: Column, is: install::Column| Expr::col((install::Entity, is)).equals((Entity, of));
    let current = install::Entity::find()
        .select_only()
        .column(install::Column::Id)
        .filter(same(Column::InstallId, install::Column::Id))
        .filter(same(Column::Generation, install::Column::Generation))
        .filter(which);
    Expr::exists(current.into_query())
}
