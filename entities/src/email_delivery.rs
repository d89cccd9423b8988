//! `email_deliveries`: the ledger of the mails about an install's end. Each is one row and one mail: to one recipient,
//! about one stage of one credential.
//!
//! A row is `sending` before the server is handed the text, so that whoever finds it so after a crash knows that the mail
//! may have been taken: it is recorded as `unknown`, and not sent again.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, QueryOrder};

pub use crate::email_delivery_plan::MOST_REFUSALS;

/// What a mail says.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Stage {
    /// The end comes soon.
    #[sea_orm(string_value = "expiring")]
    Expiring,
    /// It has come.
    #[sea_orm(string_value = "expired")]
    Expired,
    /// The connection was ended before its time.
    #[sea_orm(string_value = "killed")]
    Killed,
}

/// What became of a mail.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// It is to be sent; nobody has it.
    #[sea_orm(string_value = "planned")]
    Planned,
    /// It is being handed over.
    #[sea_orm(string_value = "sending")]
    Sending,
    /// The server has said that it has it.
    #[sea_orm(string_value = "sent")]
    Sent,
    /// It was handed over, and nobody knows whether it was taken.
    #[sea_orm(string_value = "unknown")]
    Unknown,
    /// The server does not take it, for good. Nobody has it: it may be planned again ([`MOST_REFUSALS`]).
    #[sea_orm(string_value = "refused")]
    Refused,
}

impl Stage {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Killed => "killed",
        }
    }
}

impl State {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }

    /// Returns whether nothing more becomes of it, for now.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Sent | Self::Unknown | Self::Refused)
    }
}

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "email_deliveries")]
pub struct Model {
    /// Our id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The install that it is about.
    pub install_id: String,
    /// Its credential.
    pub generation: i32,
    /// What it says.
    pub stage: Stage,
    /// The address that it goes to.
    pub recipient: String,
    /// The recipient's language (BCP 47), if it is known.
    pub language: Option<String>,
    /// What names it, in whatever attempt: the part of `Message-ID` before `@`.
    pub message_id: String,
    /// What became of it.
    pub state: State,
    /// How often it was begun to be handed over.
    pub attempts: i32,
    /// How often the server did not take it for good.
    pub refusals: i32,
    /// Why it was not taken, or not known to be; free of secrets.
    pub failure: Option<String>,
    /// When the row was made.
    pub planned_at: DateTimeUtc,
    /// When it was last begun to be handed over.
    pub sending_at: Option<DateTimeUtc>,
    /// When it was settled.
    pub ended_at: Option<DateTimeUtc>,
}

/// The install may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Which mails belong together: one stage of one credential.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct About<'a> {
    /// The install.
    pub install_id: &'a str,
    /// Its credential.
    pub generation: i32,
    /// What they say.
    pub stage: Stage,
}

impl Model {
    /// Returns which mails it belongs to.
    pub fn about(&self) -> About<'_> {
        About { install_id: &self.install_id, generation: self.generation, stage: self.stage }
    }
}

impl About<'_> {
    pub(crate) fn filter(&self) -> Condition {
        Condition::all()
            .add(Column::InstallId.eq(self.install_id))
            .add(Column::Generation.eq(self.generation))
            .add(Column::Stage.eq(self.stage))
    }
}

impl Entity {
    /// Lists the mails of one stage of one credential, in order of recipient.
    pub async fn about(db: &impl ConnectionTrait, about: &About<'_>) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(about.filter()).order_by_asc(Column::Recipient).all(db).await
    }

    /// Lists the mails about an install that are being sent, or were when a process ended, of whatever credential.
    pub async fn sending(db: &impl ConnectionTrait, install_id: &str) -> Result<Vec<Model>, DbErr> {
        let all = Self::find().filter(Column::InstallId.eq(install_id)).filter(Column::State.eq(State::Sending));
        all.order_by_asc(Column::Id).all(db).await
    }

    /// Lists who was told, as far as is known, that this credential is over, in other words: of what ended by itself that
    /// it was killed, or the other way round.
    pub async fn told_otherwise(db: &impl ConnectionTrait, about: &About<'_>) -> Result<Vec<String>, DbErr> {
        let stage = match about.stage {
            Stage::Expiring => return Ok(Vec::new()),
            Stage::Expired => Stage::Killed,
            Stage::Killed => Stage::Expired,
        };
        let rows = Self::about(db, &About { stage, ..*about }).await?;
        let told = rows.into_iter().filter(|row| !matches!(row.state, State::Planned | State::Refused));
        Ok(told.map(|row| row.recipient).collect())
    }

    /// Takes a planned mail to be sent; `false` if somebody else has, or if it is settled.
    pub async fn take(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<bool, DbErr> {
        let taken = Self::update_many()
            .col_expr(Column::State, Expr::value(State::Sending))
            .col_expr(Column::Attempts, ExprTrait::add(Expr::col(Column::Attempts), 1))
            .col_expr(Column::SendingAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(State::Planned))
            .exec(db)
            .await?;
        Ok(taken.rows_affected > 0)
    }

    /// Keeps what became of the attempt of this number, at a mail that was being sent. An attempt that was given up for
    /// unknown, and then turns out to have ended, is believed; another attempt's end is not this one's. `false`: it was.
    pub async fn end(
        db: &impl ConnectionTrait,
        (id, attempt): (&str, i32),
        state: State,
        failure: Option<&str>,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let refused = i32::from(state == State::Refused);
        let ended = Self::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::Refusals, ExprTrait::add(Expr::col(Column::Refusals), refused))
            .col_expr(Column::Failure, Expr::value(failure.map(str::to_owned)))
            .col_expr(Column::EndedAt, Expr::value(state.is_settled().then_some(now)))
            .filter(Column::Id.eq(id))
            .filter(Column::Attempts.eq(attempt))
            .filter(Column::State.is_in([State::Sending, State::Unknown]))
            .exec(db)
            .await?;
        Ok(ended.rows_affected > 0)
    }

    /// Keeps why a planned mail was not taken for now, before it was handed over.
    pub async fn note_failure(db: &impl ConnectionTrait, id: &str, failure: &str) -> Result<(), DbErr> {
        tried(id, failure).exec(db).await?;
        Ok(())
    }

    /// Keeps that a planned mail is not taken for good, before it was handed over.
    pub async fn refuse(db: &impl ConnectionTrait, id: &str, failure: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        tried(id, failure)
            .col_expr(Column::State, Expr::value(State::Refused))
            .col_expr(Column::Refusals, ExprTrait::add(Expr::col(Column::Refusals), 1))
            .col_expr(Column::EndedAt, Expr::value(now))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Lists the mails about these installs that were not taken, for good or so far, or are not known to be, oldest first.
    pub async fn troubled(
        db: &impl ConnectionTrait,
        install_ids: impl IntoIterator<Item = &str>,
    ) -> Result<Vec<Model>, DbErr> {
        let is_tried_again = Condition::all().add(Column::State.eq(State::Planned)).add(Column::Failure.is_not_null());
        Self::find()
            .filter(Column::InstallId.is_in(install_ids))
            .filter(Condition::any().add(Column::State.is_in([State::Refused, State::Unknown])).add(is_tried_again))
            .order_by_asc(Column::PlannedAt)
            .order_by_asc(Column::Id)
            .all(db)
            .await
    }
}

/// An attempt at a planned mail that came to nothing.
fn tried(id: &str, failure: &str) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Attempts, ExprTrait::add(Expr::col(Column::Attempts), 1))
        .col_expr(Column::Failure, Expr::value(Some(failure)))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Planned))
}
