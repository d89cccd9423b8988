//! `alert_channels`: whether the ways to the operator work; and, in a row of its own, whose turn it is to tell.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Condition, IntoActiveModel, QueryOrder};

/// Slack's row.
pub const SLACK: &str = "slack";
/// The mail's row.
pub const MAIL: &str = "mail";
/// The row of what both have in common: the turn, and the last digest.
const OPERATOR: &str = "operator";

/// One way, by which `slack` or `mail` is configured; or the row `operator`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_channels")]
pub struct Model {
    /// Its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel: String,
    /// Where it leads, as a fingerprint: what is known of one webhook says nothing of another.
    pub leads_to: Option<String>,
    /// Since when nothing gets through; null: it works, as far as was tried.
    pub failing_since: Option<DateTimeUtc>,
    /// Why not; free of secrets.
    pub failure: Option<String>,
    /// When a message last got through.
    pub sent_at: Option<DateTimeUtc>,
    /// Of the row `operator`: when the last digest got through.
    pub digest_at: Option<DateTimeUtc>,
    /// Before when it does not want to be asked.
    pub not_before: Option<DateTimeUtc>,
    /// Of the row `operator`: until when somebody tells, and nobody else does.
    pub claimed_until: Option<DateTimeUtc>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// A channel belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Returns the row of a way that nobody has tried yet.
    pub fn untried(channel: &str, leads_to: &str, now: DateTimeUtc) -> Self {
        Self {
            channel: channel.to_owned(),
            leads_to: Some(leads_to.to_owned()),
            failing_since: None,
            failure: None,
            sent_at: None,
            digest_at: None,
            not_before: None,
            claimed_until: None,
            updated_at: now,
        }
    }
}

impl Entity {
    /// Lists the ways that are configured, as far as a worker has seen.
    pub async fn ways(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(Column::Channel.ne(OPERATOR)).order_by_asc(Column::Channel).all(db).await
    }

    /// Keeps how a way is.
    pub async fn keep(db: &impl ConnectionTrait, way: Model) -> Result<(), DbErr> {
        let columns = [
            Column::LeadsTo,
            Column::FailingSince,
            Column::Failure,
            Column::SentAt,
            Column::NotBefore,
            Column::UpdatedAt,
        ];
        let or_update = OnConflict::column(Column::Channel).update_columns(columns).to_owned();
        Self::insert(way.into_active_model().reset_all()).on_conflict(or_update).exec_without_returning(db).await?;
        Ok(())
    }

    /// Forgets the ways that are not configured any more.
    pub async fn keep_only(db: &impl ConnectionTrait, channels: &[&str]) -> Result<(), DbErr> {
        let others = Column::Channel.is_not_in(channels.iter().copied().chain([OPERATOR]));
        Self::delete_many().filter(others).exec(db).await?;
        Ok(())
    }

    /// Takes the turn to tell, until a time; `None` if somebody else has it. Returns when the last digest got through.
    pub async fn take_turn(
        db: &impl ConnectionTrait,
        now: DateTimeUtc,
        until: DateTimeUtc,
    ) -> Result<Option<Turn>, DbErr> {
        let row = ActiveModel {
            channel: Set(OPERATOR.to_owned()),
            leads_to: Set(None),
            updated_at: Set(now),
            ..Default::default()
        };
        Self::insert(row).on_conflict_do_nothing_on([Column::Channel]).exec_without_returning(db).await?;
        let is_free = Condition::any().add(Column::ClaimedUntil.is_null()).add(Column::ClaimedUntil.lte(now));
        let taken = Self::update_many()
            .col_expr(Column::ClaimedUntil, Expr::value(until))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Channel.eq(OPERATOR))
            .filter(is_free)
            .exec(db)
            .await?;
        if taken.rows_affected == 0 {
            return Ok(None);
        }
        let row = Self::find_by_id(OPERATOR).one(db).await?;
        Ok(Some(Turn { until, digest_at: row.and_then(|row| row.digest_at) }))
    }

    /// Gives the turn back, unless somebody else has it by now.
    pub async fn end_turn(db: &impl ConnectionTrait, turn: &Turn) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::ClaimedUntil, Expr::value(Option::<DateTimeUtc>::None))
            .filter(Column::Channel.eq(OPERATOR))
            .filter(Column::ClaimedUntil.eq(turn.until))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Notes that a digest got through.
    pub async fn note_digest(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::DigestAt, Expr::value(now))
            .filter(Column::Channel.eq(OPERATOR))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Returns when the last digest got through.
    pub async fn last_digest(db: &impl ConnectionTrait) -> Result<Option<DateTimeUtc>, DbErr> {
        Ok(Self::find_by_id(OPERATOR).one(db).await?.and_then(|row| row.digest_at))
    }
}

/// The turn to tell.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    until: DateTimeUtc,
    /// When the last digest got through.
    pub digest_at: Option<DateTimeUtc>,
}
