//! Which mails are to be sent: planned, planned again where they were refused, and forgotten where nobody is to be told.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition};

use crate::email_delivery::{About, ActiveModel, Column, Entity, State};
use crate::new_id;

/// So often one mail may be refused: a server may be wrong about an address for a day.
pub const MOST_REFUSALS: i32 = 3;

impl Entity {
    /// Plans a mail, unless it is in the ledger already.
    pub async fn plan(
        db: &impl ConnectionTrait,
        about: &About<'_>,
        recipient: &str,
        language: Option<&str>,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let id = new_id();
        let row = ActiveModel {
            install_id: Set(about.install_id.to_owned()),
            generation: Set(about.generation),
            stage: Set(about.stage),
            recipient: Set(recipient.to_owned()),
            language: Set(language.map(str::to_owned)),
            message_id: Set(format!("{}-{id}", about.stage.as_str())),
            state: Set(State::Planned),
            attempts: Set(0),
            refusals: Set(0),
            failure: Set(None),
            planned_at: Set(now),
            sending_at: Set(None),
            ended_at: Set(None),
            id: Set(id),
        };
        let already = [Column::InstallId, Column::Generation, Column::Stage, Column::Recipient];
        Self::insert(row).on_conflict_do_nothing_on(already).exec_without_returning(db).await?;
        Ok(())
    }

    /// Plans those mails to these recipients again that were last refused until `until`, unless that was too often.
    pub async fn plan_again<'a>(
        db: &impl ConnectionTrait,
        about: &About<'_>,
        recipients: impl IntoIterator<Item = &'a str>,
        until: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::State, Expr::value(State::Planned))
            .col_expr(Column::EndedAt, Expr::value(Option::<DateTimeUtc>::None))
            .filter(about.filter())
            .filter(Column::State.eq(State::Refused))
            .filter(Column::Refusals.lt(MOST_REFUSALS))
            .filter(Column::EndedAt.lte(until))
            .filter(Column::Recipient.is_in(recipients))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Forgets what is planned about an install beside these mails to these recipients: nobody has it, and nobody is to be
    /// told it any more.
    pub async fn forget_planned<'a>(
        db: &impl ConnectionTrait,
        about: &About<'_>,
        recipients: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), DbErr> {
        Self::delete_many()
            .filter(Column::InstallId.eq(about.install_id))
            .filter(Column::State.eq(State::Planned))
            .filter(Condition::any().add(about.filter().not()).add(Column::Recipient.is_not_in(recipients)))
            .exec(db)
            .await?;
        Ok(())
    }
}
