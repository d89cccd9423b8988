//! `job_runs`: the jobs that somebody polls. Written at push and at the end; in between the queue knows.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, TryInsertResult};

use crate::seal::{Sealed, SealedColumn};

/// The table's name, as the seal on its inputs is bound to it.
const TABLE: &str = "job_runs";
/// Where the inputs lie.
pub const INPUT: SealedColumn = SealedColumn { table: TABLE, key: "id", column: "input" };

/// How far a run is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// To be done: waiting, running or waiting for a retry; the queue knows which.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// Ended with a result.
    #[sea_orm(string_value = "done")]
    Done,
    /// Ended with an error.
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// When a run ended, and after how many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: DateTimeUtc,
    /// How many attempts it took.
    pub attempts: i32,
}

/// One run that somebody polls.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_runs")]
pub struct Model {
    /// 128 random bits: whoever has it may see the run.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The job's name.
    pub kind: String,
    /// The row that the job works on, if there is one.
    pub subject: Option<String>,
    /// The app for which it runs, if it runs for one.
    pub app_id: Option<String>,
    /// That app's owner: where trying again begins.
    pub user: Option<String>,
    /// What the job was given, sealed; wiped at its end, except while a choice is open.
    pub input: Option<Sealed>,
    /// How far it is.
    pub state: State,
    /// How many attempts it took; known at its end.
    pub attempts: i32,
    /// What came out.
    pub result: Option<Json>,
    /// What went wrong.
    pub error: Option<Json>,
    /// Until when an open choice may be answered; null: none is open.
    pub choice_expires_at: Option<DateTimeUtc>,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

/// A run belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Returns a run to be inserted, pending.
    pub fn pending(id: String, kind: &str, now: DateTimeUtc) -> ActiveModel {
        ActiveModel {
            id: Set(id),
            kind: Set(kind.to_owned()),
            subject: Set(None),
            app_id: Set(None),
            user: Set(None),
            input: Set(None),
            state: Set(State::Pending),
            attempts: Set(0),
            result: Set(None),
            error: Set(None),
            choice_expires_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
            finished_at: Set(None),
        }
    }

    /// Inserts a run; `false` if its id is taken.
    pub async fn insert_new(db: &impl ConnectionTrait, run: ActiveModel) -> Result<bool, DbErr> {
        let inserted = Self::insert(run).on_conflict_do_nothing_on([Column::Id]).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0))
    }

    /// Says whether a run holds this very input: who wrote it and heard no answer learns so whether it was written. No
    /// two inputs are sealed alike.
    pub async fn holds(db: &impl ConnectionTrait, id: &str, input: &Sealed) -> Result<bool, DbErr> {
        let run = Self::find_by_id(id).one(db).await?;
        Ok(run.is_some_and(|run| run.input.as_ref() == Some(input)))
    }

    /// Lists a page of the pending runs' ids of one kind, in order of id, behind `after`.
    pub async fn pending_of(
        db: &impl ConnectionTrait,
        kind: &str,
        after: &str,
        limit: u64,
    ) -> Result<Vec<String>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::Id)
            .filter(
                Condition::all()
                    .add(Column::State.eq(State::Pending))
                    .add(Column::Kind.eq(kind))
                    .add(Column::Id.gt(after)),
            )
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await
    }

    /// Ends a pending run with its result; a run that has ended keeps its first end. Its input is wiped.
    pub async fn finish(db: &impl ConnectionTrait, id: &str, result: Json, end: End) -> Result<bool, DbErr> {
        Self::end(db, id, State::Done, Column::Result, result, end).await
    }

    /// Ends a pending run with its error; a run that has ended keeps its first end. Its input is wiped.
    pub async fn fail(db: &impl ConnectionTrait, id: &str, error: Json, end: End) -> Result<bool, DbErr> {
        Self::end(db, id, State::Failed, Column::Error, error, end).await
    }

    /// Keeps a pending run's input as far as it has been worked on.
    pub async fn keep_input(db: &impl ConnectionTrait, id: &str, input: Sealed, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Input, Expr::value(input))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(State::Pending))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Turns a run whose question is open back to pending, with the answer in its input. `false` if the question was
    /// answered before or too late: of two answers at once, one is taken.
    pub async fn reopen(db: &impl ConnectionTrait, id: &str, input: Sealed, now: DateTimeUtc) -> Result<bool, DbErr> {
        let reopened = Self::update_many()
            .col_expr(Column::State, Expr::value(State::Pending))
            .col_expr(Column::Input, Expr::value(input))
            .col_expr(Column::Error, Expr::value(Option::<Json>::None))
            .col_expr(Column::ChoiceExpiresAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::FinishedAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::ChoiceExpiresAt.gt(now))
            .exec(db)
            .await?;
        Ok(reopened.rows_affected > 0)
    }

    /// Ends a pending run with a question (its error), which may be answered until `until`. Its input is kept till then.
    pub async fn ask(
        db: &impl ConnectionTrait,
        id: &str,
        question: Json,
        until: DateTimeUtc,
        End { at: now, attempts }: End,
    ) -> Result<bool, DbErr> {
        let asked = Self::update_many()
            .col_expr(Column::State, Expr::value(State::Failed))
            .col_expr(Column::Attempts, Expr::value(attempts))
            .col_expr(Column::Error, Expr::value(question))
            .col_expr(Column::ChoiceExpiresAt, Expr::value(until))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .col_expr(Column::FinishedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(State::Pending))
            .exec(db)
            .await?;
        Ok(asked.rows_affected > 0)
    }

    /// Ends an open question with another error: nobody's answer could be gone on with.
    pub async fn close(db: &impl ConnectionTrait, id: &str, error: Json, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Input, Expr::value(Option::<Sealed>::None))
            .col_expr(Column::Error, Expr::value(error))
            .col_expr(Column::ChoiceExpiresAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::ChoiceExpiresAt.is_not_null())
            .exec(db)
            .await?;
        Ok(())
    }

    async fn end(
        db: &impl ConnectionTrait,
        id: &str,
        state: State,
        column: Column,
        value: Json,
        End { at: now, attempts }: End,
    ) -> Result<bool, DbErr> {
        let ended = Self::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::Attempts, Expr::value(attempts))
            .col_expr(column, Expr::value(value))
            .col_expr(Column::Input, Expr::value(Option::<Sealed>::None))
            .col_expr(Column::ChoiceExpiresAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .col_expr(Column::FinishedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(State::Pending))
            .exec(db)
            .await?;
        Ok(ended.rows_affected > 0)
    }

    /// Lists the newest ends of runs of one kind since `since`, the last one first.
    pub async fn ends(
        db: &impl ConnectionTrait,
        kind: &str,
        since: DateTimeUtc,
        limit: u64,
    ) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .filter(Column::Kind.eq(kind))
            .filter(Column::FinishedAt.gte(since))
            .order_by_desc(Column::FinishedAt)
            .limit(limit)
            .all(db)
            .await
    }

    /// Deletes the runs that ended before `ended_before`, and wipes the inputs of choices that nobody answered
    /// before `now`. Returns how many were deleted and wiped.
    pub async fn sweep(
        db: &impl ConnectionTrait,
        ended_before: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<(u64, u64), DbErr> {
        let deleted = Self::delete_many().filter(Column::FinishedAt.lt(ended_before)).exec(db).await?;
        let wiped = Self::update_many()
            .col_expr(Column::Input, Expr::value(Option::<Sealed>::None))
            .col_expr(Column::ChoiceExpiresAt, Expr::value(Option::<DateTimeUtc>::None))
            .filter(Column::ChoiceExpiresAt.lt(now))
            .exec(db)
            .await?;
        Ok((deleted.rows_affected, wiped.rows_affected))
    }
}
