//! `deletions`: what somebody wanted forgotten, and that it was. While it is to be done a row says whom it is about;
//! afterwards it is a tombstone: it holds hashes, by which who knows an id can prove that it was forgotten.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};

use crate::StringList;

/// Whose connections are to be forgotten.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Kind {
    /// All that a person connected; the subject is the app-scoped id.
    #[sea_orm(string_value = "person")]
    Person,
    /// All that came through a Page; the subject is its id.
    #[sea_orm(string_value = "page")]
    Page,
    /// One install that no app uses any more; the subject is our id.
    #[sea_orm(string_value = "install")]
    Install,
}

impl Kind {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Page => "page",
            Self::Install => "install",
        }
    }
}

/// One wish to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deletions")]
pub struct Model {
    /// The confirmation code: whoever has it may see what became of the wish. The same for the same subject, always.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// What the subject is.
    pub kind: Kind,
    /// Whom it is about; null once it is done.
    pub subject: Option<String>,
    /// Keyed hashes of the ids that were forgotten.
    pub hashes: StringList,
    /// How many installs were forgotten.
    pub installs: i32,
    /// How many feeds were.
    pub feeds: i32,
    /// When it was asked for, last.
    pub requested_at: DateTimeUtc,
    /// When it is to be done, next; null once it is done.
    pub due_at: Option<DateTimeUtc>,
    /// When it was done.
    pub done_at: Option<DateTimeUtc>,
}

/// A tombstone belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Keeps a wish of `wished_at`, due at once. One of a later time begins the old one anew, under its code: there may be
    /// something new to forget. The same wish that comes once more asks for nothing new.
    pub async fn ask(
        db: &impl ConnectionTrait,
        code: &str,
        (kind, subject): (Kind, &str),
        wished_at: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let row = ActiveModel {
            code: Set(code.to_owned()),
            kind: Set(kind),
            subject: Set(Some(subject.to_owned())),
            hashes: Set(StringList::default()),
            installs: Set(0),
            feeds: Set(0),
            requested_at: Set(wished_at),
            due_at: Set(Some(now)),
            done_at: Set(None),
        };
        let anew = [Column::Subject, Column::RequestedAt, Column::DueAt, Column::DoneAt];
        let is_newer = Expr::col((Self, Column::RequestedAt)).lt(wished_at);
        let anew = OnConflict::column(Column::Code).update_columns(anew).action_and_where(is_newer).to_owned();
        Self::insert(row).on_conflict(anew).exec_without_returning(db).await?;
        Ok(())
    }

    /// Lists a page of the codes of wishes that are due, in order, behind `after`.
    pub async fn due(
        db: &impl ConnectionTrait,
        now: DateTimeUtc,
        after: &str,
        limit: u64,
    ) -> Result<Vec<String>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::Code)
            .filter(Column::DueAt.lte(now))
            .filter(Column::Code.gt(after))
            .order_by_asc(Column::Code)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await
    }

    /// Notes that one install more was forgotten, with so many feeds; each id by its hash, once.
    pub async fn note(db: &impl ConnectionTrait, code: &str, hashes: Vec<String>, feeds: u64) -> Result<(), DbErr> {
        let Some(row) = Self::find_by_id(code).one(db).await? else { return Ok(()) };
        let mut kept = row.hashes;
        for hash in hashes {
            if !kept.contains(&hash) {
                kept.0.push(hash);
            }
        }
        Self::update_many()
            .col_expr(Column::Hashes, Expr::value(serde_json::json!(kept)))
            .col_expr(Column::Installs, ExprTrait::add(Expr::col(Column::Installs), 1))
            .col_expr(Column::Feeds, ExprTrait::add(Expr::col(Column::Feeds), i32::try_from(feeds).unwrap_or(i32::MAX)))
            .filter(Column::Code.eq(code))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Forgets whom a wish was about, unless it was asked for again since; `false` if it was.
    pub async fn forget_subject(
        db: &impl ConnectionTrait,
        code: &str,
        requested_at: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let wiped = Self::update_many()
            .col_expr(Column::Subject, Expr::value(Option::<String>::None))
            .filter(Column::Code.eq(code))
            .filter(Column::RequestedAt.eq(requested_at));
        Ok(wiped.exec(db).await?.rows_affected > 0)
    }

    /// Ends a wish that is fulfilled, unless it was asked for again since; `false` if it was.
    pub async fn finish(
        db: &impl ConnectionTrait,
        code: &str,
        requested_at: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let ended = Self::update_many()
            .col_expr(Column::DueAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::DoneAt, Expr::value(now))
            .filter(Column::Code.eq(code))
            .filter(Column::RequestedAt.eq(requested_at))
            .exec(db)
            .await?;
        Ok(ended.rows_affected > 0)
    }

    /// Moves when a wish that could not be fulfilled is due again.
    pub async fn postpone(db: &impl ConnectionTrait, code: &str, until: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::DueAt, Expr::value(until))
            .filter(Column::Code.eq(code))
            .filter(Column::DueAt.is_not_null())
            .exec(db)
            .await?;
        Ok(())
    }
}
