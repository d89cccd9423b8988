//! An install's end: what is known of it, why it came before its time, which installs somebody has to be told of, and
//! which ones Meta is to be asked about.

use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, JoinType, QueryOrder, QuerySelect, QueryTrait, Select};

use crate::email_delivery::Stage;
use crate::install::{Column, Entity, Model, State, Status};
use crate::{app, app_install};

/// The column that the database derives: the earlier of the two ends.
const ENDS_AT: &str = "ends_at";
/// How long a connection may outlive an estimate before it is called over without Meta's word.
const ESTIMATE_IS_OVER: TimeDelta = TimeDelta::days(2);

/// Why a connection was ended before its time.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Killed {
    /// The person changed the Facebook password.
    #[sea_orm(string_value = "password")]
    Password,
    /// The person removed our app.
    #[sea_orm(string_value = "app_removed")]
    AppRemoved,
    /// Facebook wants the person to confirm something.
    #[sea_orm(string_value = "checkpoint")]
    Checkpoint,
    /// The person has lost the role on the Page.
    #[sea_orm(string_value = "role_lost")]
    RoleLost,
    /// Meta ended it, and does not say why.
    #[sea_orm(string_value = "invalidated")]
    Invalidated,
}

impl Killed {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::AppRemoved => "app_removed",
            Self::Checkpoint => "checkpoint",
            Self::RoleLost => "role_lost",
            Self::Invalidated => "invalidated",
        }
    }
}

/// An end as Meta told it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct KnownEnd {
    /// The token's; `None`: never.
    pub token: Option<DateTimeUtc>,
    /// That of data access; `None`: not known.
    pub data_access: Option<DateTimeUtc>,
    /// Whether the token's is an estimate of ours.
    pub is_estimate: bool,
}

/// A place in a list of installs: the time that they are listed by, and the id.
pub type Place = (DateTimeUtc, String);

impl Model {
    /// Returns whether the end is an estimate of ours: Meta did not tell it.
    pub fn is_end_estimated(&self) -> bool {
        self.ends_estimated && self.ends_at() == self.token_expires_at
    }

    /// Returns whether it has ended: by Meta's word, or so long after an estimate that nobody believes it any more.
    pub fn has_ended(&self, now: DateTimeUtc) -> bool {
        let grace = if self.is_end_estimated() { ESTIMATE_IS_OVER } else { TimeDelta::zero() };
        self.ends_at().is_some_and(|end| end + grace <= now)
    }

    /// Returns which mail is due about its end; an end until `soon` is near. Each credential is mailed about twice at most:
    /// that its end is near, and that it has come or was brought about. What ended by itself was not killed.
    pub fn mail_due(&self, now: DateTimeUtc, soon: DateTimeUtc) -> Option<Stage> {
        if self.second_verify_email_sent_at.is_some() {
            return None;
        }
        if self.has_ended(now) {
            return Some(Stage::Expired);
        }
        if self.killed.is_some() {
            return Some(Stage::Killed);
        }
        let is_near = self.is_active() && self.ends_at().is_some_and(|end| end <= soon);
        (is_near && self.first_verify_email_sent_at.is_none()).then_some(Stage::Expiring)
    }
}

impl State {
    /// Returns what the rows in this state have in common, as [`Model::state`] tells it.
    pub fn condition(self, now: DateTimeUtc, soon: DateTimeUtc) -> Condition {
        let end = || Expr::col(ENDS_AT);
        let is_fact = Condition::any().add(Column::EndsEstimated.eq(false)).add(
            Condition::all()
                .add(Column::DataAccessExpiresAt.is_not_null())
                .add(Expr::col(Column::DataAccessExpiresAt).lt(Expr::col(Column::TokenExpiresAt))),
        );
        let ended = Condition::any()
            .add(end().lte(now - ESTIMATE_IS_OVER))
            .add(Condition::all().add(end().lte(now)).add(is_fact));
        let lasts = Condition::any().add(end().is_null()).add(ended.clone().not());
        let lives = Condition::all().add(Column::KilledAt.is_null());
        let active = lives.clone().add(Column::Status.eq(Status::Active)).add(lasts.clone());
        match self {
            Self::Active => active.add(Condition::any().add(end().is_null()).add(end().gt(soon))),
            Self::Expiring => active.add(end().lte(soon)),
            Self::Expired => lives.add(ended),
            Self::Dead => Condition::any()
                .add(Column::KilledAt.is_not_null())
                .add(Condition::all().add(Column::Status.eq(Status::Dead)).add(lasts)),
        }
    }
}

impl Entity {
    /// Lists a page of the installs whose end is near or past and whose owners have not been told, nearest first, behind
    /// `after`. What nobody can be told of is not listed.
    pub async fn near_end(
        db: &impl ConnectionTrait,
        span: (DateTimeUtc, DateTimeUtc),
        after: Option<&Place>,
        limit: u64,
    ) -> Result<Vec<Place>, DbErr> {
        Self::near_end_page(span, after, limit).into_tuple().all(db).await
    }

    /// Returns the question of [`Self::near_end`].
    pub fn near_end_page((now, soon): (DateTimeUtc, DateTimeUtc), after: Option<&Place>, limit: u64) -> Select<Self> {
        let untold = Condition::any().add(Column::FirstVerifyEmailSentAt.is_null()).add(Expr::col(ENDS_AT).lte(now));
        untold_installs(ENDS_AT, after).filter(Expr::col(ENDS_AT).lte(soon)).filter(untold).limit(limit)
    }

    /// Lists a page of the installs that were killed and whose owners have not been told, longest first, behind `after`.
    pub async fn killed(db: &impl ConnectionTrait, after: Option<&Place>, limit: u64) -> Result<Vec<Place>, DbErr> {
        Self::killed_page(after, limit).into_tuple().all(db).await
    }

    /// Returns the question of [`Self::killed`].
    pub fn killed_page(after: Option<&Place>, limit: u64) -> Select<Self> {
        untold_installs("killed_at", after).filter(Column::KilledAt.is_not_null()).limit(limit)
    }

    /// Lists a page of the installs about which Meta was last asked until `until`, longest first, behind `after`. What
    /// has come to its end, and was told of, is asked about only once it serves again.
    pub async fn unchecked(
        db: &impl ConnectionTrait,
        until: DateTimeUtc,
        after: Option<&Place>,
        limit: u64,
    ) -> Result<Vec<Place>, DbErr> {
        listed("checked_at", after)
            .filter(Column::CheckedAt.lte(until))
            .filter(Column::Status.eq(Status::Active))
            .limit(limit)
            .into_tuple()
            .all(db)
            .await
    }

    /// Keeps what Meta says of an install's end; nothing, if it has another credential by now.
    pub async fn keep_end(
        db: &impl ConnectionTrait,
        (id, generation): (&str, i32),
        end: KnownEnd,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::TokenExpiresAt, Expr::value(end.token))
            .col_expr(Column::DataAccessExpiresAt, Expr::value(end.data_access))
            .col_expr(Column::EndsEstimated, Expr::value(end.is_estimate))
            .col_expr(Column::CheckedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::Generation.eq(generation))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Begins a new generation of a credential whose end has moved behind what its owner was told: the mails begin anew.
    pub async fn renew(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Generation, ExprTrait::add(Expr::col(Column::Generation), 1))
            .col_expr(Column::FirstVerifyEmailSentAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::SecondVerifyEmailSentAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Keeps that Meta was asked, whatever came of it.
    pub async fn note_checked(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        let asked = Self::update_many().col_expr(Column::CheckedAt, Expr::value(now)).filter(Column::Id.eq(id));
        asked.exec(db).await?;
        Ok(())
    }

    /// Keeps that a connection was ended before its time, and why; the first reason stands.
    pub async fn kill(db: &impl ConnectionTrait, id: &str, killed: Killed, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Killed, Expr::value(killed))
            .col_expr(Column::KilledAt, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::KilledAt.is_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Takes back that a connection was ended, which serves again without anybody's having connected anew. That it is over
    /// may have been told; should it be again, that is another time.
    pub async fn revive(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Generation, ExprTrait::add(Expr::col(Column::Generation), 1))
            .col_expr(Column::SecondVerifyEmailSentAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::Killed, Expr::value(Option::<Killed>::None))
            .col_expr(Column::KilledAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::Status.eq(Status::Active))
            .filter(Column::KilledAt.is_not_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Keeps that a credential's owners were mailed; nothing, if it is another one by now.
    pub async fn note_mailed(
        db: &impl ConnectionTrait,
        (id, generation): (&str, i32),
        stage: Stage,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let column = match stage {
            Stage::Expiring => Column::FirstVerifyEmailSentAt,
            Stage::Expired | Stage::Killed => Column::SecondVerifyEmailSentAt,
        };
        Self::update_many()
            .col_expr(column, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::Generation.eq(generation))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Finds an install and locks its row until the transaction ends.
    pub async fn lock(tx: &sea_orm::DatabaseTransaction, id: &str) -> Result<Option<Model>, DbErr> {
        Self::find_by_id(id).lock_exclusive().one(tx).await
    }
}

/// The installs whose owners have not been told the last that there is to tell, in order of a time, which an index keeps.
fn listed(by: &'static str, after: Option<&Place>) -> Select<Entity> {
    let place = || Expr::tuple([Expr::col(by), Expr::col(Column::Id)]);
    Entity::find()
        .select_only()
        .expr(Expr::col(by))
        .column(Column::Id)
        .filter(Column::SecondVerifyEmailSentAt.is_null())
        .apply_if(after, |found, (at, id)| {
            found.filter(place().gt(Expr::tuple([Expr::value(*at), Expr::value(id.clone())])))
        })
        .order_by_asc(Expr::col(by))
        .order_by_asc(Column::Id)
}

/// Those of them of which somebody can be told.
fn untold_installs(by: &'static str, after: Option<&Place>) -> Select<Entity> {
    let owners = app_install::Entity::find()
        .select_only()
        .column(app_install::Column::InstallId)
        .join(JoinType::InnerJoin, app_install::Relation::App.def())
        .filter(Expr::col((app_install::Entity, app_install::Column::InstallId)).equals((Entity, Column::Id)))
        .filter(app::Column::OwnerEmail.is_not_null())
        .into_query();
    listed(by, after).filter(Expr::exists(owners))
}
