//! `diagnoses`: the newest doubt about an install, and what was found out. At most one of each install.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{DatabaseTransaction, QueryOrder, QuerySelect};

use crate::install;

/// One install's diagnosis, or the wish for one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "diagnoses")]
pub struct Model {
    /// The install.
    #[sea_orm(primary_key, auto_increment = false)]
    pub install_id: String,
    /// The credential that is in doubt.
    pub generation: i32,
    /// The class of the failure that raised the doubt.
    pub class: String,
    /// Its code.
    pub code: Option<i64>,
    /// Its subcode.
    pub subcode: Option<i64>,
    /// Meta's name for it.
    pub fbtrace_id: Option<String>,
    /// What was found out, in the shape of `worker`'s verdict; null until then.
    pub verdict: Option<Json>,
    /// What that rests on, in the shape of `worker`'s evidence: it is judged anew when others begin to fail alike.
    pub evidence: Option<Json>,
    /// Whether it is judged by itself, however many others fail alike: somebody has looked at all of them.
    pub by_itself: bool,
    /// When the failure was first seen.
    pub doubted_at: DateTimeUtc,
    /// When it is to be looked into, next or at all; null: not again.
    pub diagnose_at: Option<DateTimeUtc>,
    /// When it was last looked into.
    pub diagnosed_at: Option<DateTimeUtc>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// The install may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A failure that leaves a doubt about an install's credential.
#[derive(Clone, Copy, Debug)]
pub struct Doubt<'a> {
    /// The install.
    pub install_id: &'a str,
    /// Its credential.
    pub generation: i32,
    /// One of the eight classes.
    pub class: &'a str,
    /// Meta's code.
    pub code: Option<i64>,
    /// Meta's subcode.
    pub subcode: Option<i64>,
    /// Meta's name for the failure.
    pub fbtrace_id: Option<&'a str>,
}

/// What a diagnosis has found out, and when it is made again.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The verdict.
    pub verdict: Json,
    /// What it rests on.
    pub evidence: Json,
    /// When it is looked into again; `None`: when a new doubt is raised.
    pub again_at: Option<DateTimeUtc>,
}

/// A diagnosis that is due: since when, and its install. In this order they are listed, and the index keeps it.
pub type Due = (DateTimeUtc, String);

impl Model {
    /// Returns whether a failure is the one that this is about.
    pub fn is_about(&self, doubt: &Doubt<'_>) -> bool {
        let Doubt { generation, class, code, subcode, .. } = *doubt;
        (self.generation, self.class.as_str(), self.code, self.subcode) == (generation, class, code, subcode)
    }
}

impl Entity {
    /// Keeps a doubt in place of the one before it, to be looked into at `diagnose_at`. What was found out about the same
    /// failure stays until then. `false`: the install is gone, and whoever was forgotten meanwhile stays forgotten.
    pub async fn raise(
        tx: &DatabaseTransaction,
        doubt: &Doubt<'_>,
        known: Option<&Model>,
        now: DateTimeUtc,
        diagnose_at: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        if !install::Entity::hold(tx, doubt.install_id).await? {
            return Ok(false);
        }
        let same = known.filter(|known| known.is_about(doubt));
        let row = ActiveModel {
            install_id: Set(doubt.install_id.to_owned()),
            generation: Set(doubt.generation),
            class: Set(doubt.class.to_owned()),
            code: Set(doubt.code),
            subcode: Set(doubt.subcode),
            fbtrace_id: Set(doubt.fbtrace_id.map(str::to_owned)),
            verdict: Set(same.and_then(|same| same.verdict.clone())),
            evidence: Set(same.and_then(|same| same.evidence.clone())),
            by_itself: Set(false),
            doubted_at: Set(same.map_or(now, |same| same.doubted_at)),
            diagnose_at: Set(Some(diagnose_at)),
            diagnosed_at: Set(same.and_then(|same| same.diagnosed_at)),
            updated_at: Set(now),
        };
        let newer = [
            Column::Generation,
            Column::Class,
            Column::Code,
            Column::Subcode,
            Column::FbtraceId,
            Column::Verdict,
            Column::Evidence,
            Column::ByItself,
            Column::DoubtedAt,
            Column::DiagnoseAt,
            Column::DiagnosedAt,
            Column::UpdatedAt,
        ];
        let replace = OnConflict::column(Column::InstallId).update_columns(newer).to_owned();
        Self::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
        Ok(true)
    }

    /// Lists what is known of these installs.
    pub async fn of_installs(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(Column::InstallId.is_in(ids.iter().copied())).all(db).await
    }

    /// Lists a page of those that are due, longest due first, behind `after`.
    pub async fn due(
        db: &impl ConnectionTrait,
        now: DateTimeUtc,
        after: Option<&Due>,
        limit: u64,
    ) -> Result<Vec<Due>, DbErr> {
        let place = || Expr::tuple([Expr::col(Column::DiagnoseAt), Expr::col(Column::InstallId)]);
        let behind = |(at, id): &Due| place().gt(Expr::tuple([Expr::value(*at), Expr::value(id.clone())]));
        let mut due = Self::find()
            .select_only()
            .columns([Column::DiagnoseAt, Column::InstallId])
            .filter(Column::DiagnoseAt.lte(now));
        if let Some(after) = after {
            due = due.filter(behind(after));
        }
        due.order_by_asc(Column::DiagnoseAt).order_by_asc(Column::InstallId).limit(limit).into_tuple().all(db).await
    }

    /// Counts the installs that were doubted for the same class since `since`.
    pub async fn doubted_since(db: &impl ConnectionTrait, class: &str, since: DateTimeUtc) -> Result<u64, DbErr> {
        Self::find().filter(Column::Class.eq(class)).filter(Column::DoubtedAt.gte(since)).count(db).await
    }

    /// Counts the verdicts about failures of one class since `since`.
    pub async fn judged_since(db: &impl ConnectionTrait, class: &str, since: DateTimeUtc) -> Result<u64, DbErr> {
        Self::find().filter(Column::Class.eq(class)).filter(Column::DiagnosedAt.gte(since)).count(db).await
    }

    /// Keeps what was found out about a credential; nothing, if the install has another one by now.
    pub async fn settle(
        db: &impl ConnectionTrait,
        (install_id, generation): (&str, i32),
        findings: Findings,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Verdict, Expr::value(Some(findings.verdict)))
            .col_expr(Column::Evidence, Expr::value(Some(findings.evidence)))
            .col_expr(Column::DiagnoseAt, Expr::value(findings.again_at))
            .col_expr(Column::DiagnosedAt, Expr::value(Some(now)))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::InstallId.eq(install_id))
            .filter(Column::Generation.eq(generation))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Keeps another verdict on the same evidence: others fail alike by now, or do not any more.
    pub async fn judge_anew(
        db: &impl ConnectionTrait,
        known: &Model,
        verdict: Json,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Verdict, Expr::value(Some(verdict)))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::InstallId.eq(&known.install_id))
            .filter(Column::DiagnosedAt.eq(known.diagnosed_at))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Moves when an install is looked into; `None`: not before the next doubt.
    pub async fn postpone(
        db: &impl ConnectionTrait,
        install_id: &str,
        diagnose_at: Option<DateTimeUtc>,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::DiagnoseAt, Expr::value(diagnose_at))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::InstallId.eq(install_id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Has an install that is doubted looked into at a time, by itself, however many others fail alike.
    pub async fn look_into(
        db: &impl ConnectionTrait,
        install_id: &str,
        diagnose_at: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::DiagnoseAt, Expr::value(Some(diagnose_at)))
            .col_expr(Column::ByItself, Expr::value(true))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::InstallId.eq(install_id))
            .exec(db)
            .await?;
        Ok(())
    }
}
