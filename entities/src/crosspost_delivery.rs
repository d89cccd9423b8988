//! `crosspost_deliveries`: the ledger of what became of each media of a cross-post. There is one row for each, for ever.
//!
//! A row is `posting` before X is asked to post, so that whoever finds it so after a crash knows that the post may be
//! there: X is asked for the account's newest posts before anything else. Rows are changed by the number of their attempt,
//! so that one who was overtaken changes nothing.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, QueryTrait};

use crate::{StringList, crosspost, new_id};

/// What became of a media.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// It is to be posted; X has nothing of it that anybody sees.
    #[sea_orm(string_value = "planned")]
    Planned,
    /// X has its files.
    #[sea_orm(string_value = "uploaded")]
    Uploaded,
    /// X is being asked to post it.
    #[sea_orm(string_value = "posting")]
    Posting,
    /// X was asked, and nobody knows whether it is there; while the row has not ended, that is being found out.
    #[sea_orm(string_value = "unknown")]
    Unknown,
    /// It is there.
    #[sea_orm(string_value = "posted")]
    Posted,
    /// It is not to be posted.
    #[sea_orm(string_value = "skipped")]
    Skipped,
    /// X does not take it.
    #[sea_orm(string_value = "failed")]
    Failed,
}

impl State {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Uploaded => "uploaded",
            Self::Posting => "posting",
            Self::Unknown => "unknown",
            Self::Posted => "posted",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }

    /// Returns whether X may have been asked to post it, without that its answer is known.
    pub const fn is_in_doubt(self) -> bool {
        matches!(self, Self::Posting | Self::Unknown)
    }
}

/// One media of one cross-post.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crosspost_deliveries")]
pub struct Model {
    /// Our id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The cross-post.
    pub crosspost_id: String,
    /// Meta's id of the media; unique with the cross-post.
    pub media_id: String,
    /// When it was published: media are posted in this order.
    pub media_at: DateTimeUtc,
    /// The media as it was first seen, as JSON text, for when it has left the newest; null once the row has ended.
    pub item: Option<String>,
    /// What became of it.
    pub state: State,
    /// Why it is skipped, failed or unknown: one word.
    pub reason: Option<String>,
    /// The post's text, as X was last asked to post it.
    pub text: Option<String>,
    /// X's ids of its files.
    pub media_ids: Option<StringList>,
    /// X's id of the post.
    pub x_post_id: Option<String>,
    /// How often X was asked to post it: the number of the attempt.
    pub attempts: i32,
    /// How often it came to nothing for now.
    pub failures: i32,
    /// How often X forbade it, or a part of it.
    pub forbidden: i32,
    /// How often X was asked to post it, did not refuse, and has not posted it.
    pub missed: i32,
    /// What failed last; free of secrets.
    pub failure: Option<String>,
    /// Before this time it is left alone.
    pub next_try_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub planned_at: DateTimeUtc,
    /// When its files were at X.
    pub uploaded_at: Option<DateTimeUtc>,
    /// When X was last asked to post it.
    pub posting_at: Option<DateTimeUtc>,
    /// When nothing more became of it.
    pub ended_at: Option<DateTimeUtc>,
}

/// A row is found by its columns.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A media that is to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Meta's id of it.
    pub media_id: String,
    /// When it was published.
    pub media_at: DateTimeUtc,
    /// The media, as JSON text.
    pub item: String,
}

impl Entity {
    /// Plans media, but for those that are in the ledger already.
    pub async fn plan(
        db: &impl ConnectionTrait,
        crosspost_id: &str,
        media: Vec<Planned>,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let rows = media.into_iter().map(|media| ActiveModel {
            id: Set(new_id()),
            crosspost_id: Set(crosspost_id.to_owned()),
            media_id: Set(media.media_id),
            media_at: Set(media.media_at),
            item: Set(Some(media.item)),
            state: Set(State::Planned),
            reason: Set(None),
            text: Set(None),
            media_ids: Set(None),
            x_post_id: Set(None),
            attempts: Set(0),
            failures: Set(0),
            forbidden: Set(0),
            missed: Set(0),
            failure: Set(None),
            next_try_at: Set(None),
            planned_at: Set(now),
            uploaded_at: Set(None),
            posting_at: Set(None),
            ended_at: Set(None),
        });
        let already = [Column::CrosspostId, Column::MediaId];
        Self::insert_many(rows).on_conflict_do_nothing_on(already).exec_without_returning(db).await?;
        Ok(())
    }

    /// Returns which of these media are in a cross-post's ledger.
    pub async fn known(
        db: &impl ConnectionTrait,
        crosspost_id: &str,
        media_ids: impl IntoIterator<Item = &str>,
    ) -> Result<HashSet<String>, DbErr> {
        let known: Vec<String> = Self::find()
            .select_only()
            .column(Column::MediaId)
            .filter(Column::CrosspostId.eq(crosspost_id))
            .filter(Column::MediaId.is_in(media_ids))
            .into_tuple()
            .all(db)
            .await?;
        Ok(known.into_iter().collect())
    }

    /// Returns when the newest media of a cross-post's ledger was published.
    pub async fn newest_of(db: &impl ConnectionTrait, crosspost_id: &str) -> Result<Option<DateTimeUtc>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::MediaAt)
            .filter(Column::CrosspostId.eq(crosspost_id))
            .order_by_desc(Column::MediaAt)
            .limit(1)
            .into_tuple()
            .one(db)
            .await
    }

    /// Lists what of a cross-post is still to be done, in order of media time.
    pub async fn open_of(db: &impl ConnectionTrait, crosspost_id: &str, limit: u64) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .filter(Column::CrosspostId.eq(crosspost_id))
            .filter(Column::EndedAt.is_null())
            .order_by_asc(Column::MediaAt)
            .order_by_asc(Column::MediaId)
            .limit(limit)
            .all(db)
            .await
    }

    /// Lists what of a cross-post has ended, the newest media first.
    pub async fn ended_of(db: &impl ConnectionTrait, crosspost_id: &str, limit: u64) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .filter(Column::CrosspostId.eq(crosspost_id))
            .filter(Column::EndedAt.is_not_null())
            .order_by_desc(Column::MediaAt)
            .order_by_desc(Column::MediaId)
            .limit(limit)
            .all(db)
            .await
    }

    /// Returns which of these cross-posts have something to do at `now`.
    pub async fn waiting(
        db: &impl ConnectionTrait,
        crosspost_ids: impl IntoIterator<Item = &str>,
    ) -> Result<Vec<String>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::CrosspostId)
            .distinct()
            .filter(Column::CrosspostId.is_in(crosspost_ids))
            .filter(Column::EndedAt.is_null())
            .into_tuple()
            .all(db)
            .await
    }

    /// Lists when a cross-post has posted since `since`, as far as is known, earliest first.
    pub async fn posted_since(
        db: &impl ConnectionTrait,
        crosspost_id: &str,
        since: DateTimeUtc,
    ) -> Result<Vec<DateTimeUtc>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::PostingAt)
            .filter(Column::CrosspostId.eq(crosspost_id))
            .filter(Column::State.is_in([State::Posting, State::Unknown, State::Posted]))
            .filter(Column::PostingAt.gt(since))
            .order_by_asc(Column::PostingAt)
            .into_tuple()
            .all(db)
            .await
    }

    /// Returns which of these posts are other deliveries'.
    pub async fn of_posts(
        db: &impl ConnectionTrait,
        x_post_ids: impl IntoIterator<Item = &str>,
    ) -> Result<HashSet<String>, DbErr> {
        let known: Vec<Option<String>> = Self::find()
            .select_only()
            .column(Column::XPostId)
            .filter(Column::XPostId.is_in(x_post_ids))
            .into_tuple()
            .all(db)
            .await?;
        Ok(known.into_iter().flatten().collect())
    }

    /// Returns whether another media was posted to an X account with this text.
    pub async fn is_posted(
        db: &impl ConnectionTrait,
        (x_account_id, text): (&str, &str),
        but: &str,
    ) -> Result<bool, DbErr> {
        let of_account = crosspost::Entity::find()
            .select_only()
            .column(crosspost::Column::Id)
            .filter(crosspost::Column::XAccountId.eq(x_account_id))
            .into_query();
        let alike = Self::find()
            .filter(Column::CrosspostId.in_subquery(of_account))
            .filter(Column::State.eq(State::Posted))
            .filter(Column::Text.eq(text))
            .filter(Column::Id.ne(but));
        Ok(alike.count(db).await? > 0)
    }
}
