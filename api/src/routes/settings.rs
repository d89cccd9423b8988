//! What the host platform's settings page is shown beside a feed: accounts, their ends, problems with advice.

use chrono::{DateTime, Utc};
use entities::feed::Source;
use entities::{FeedKey, app, feed, install};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use worker::feed_body::rfc3339;
use worker::migrating::source_of;
use worker::reason::Reason;

use crate::answers::{ConnectedAccount, FeedProblem, Settings};
use crate::install_view::InstallView;
use crate::migration_view::migration;
use crate::problem::Problem;
use crate::state::AppState;

/// Returns the `settings` of an app.
pub(crate) async fn settings(
    state: &AppState,
    app: &app::Model,
    installs: &[install::Model],
) -> Result<Settings, Problem> {
    let (mut accounts, mut problems) = (Vec::new(), Vec::new());
    for view in InstallView::of(state, installs).await? {
        let install = view.install;
        let instagram_account = install.instagram_account.clone();
        if let Some(trouble) = &view.trouble {
            problems.push(FeedProblem {
                feed: format!("@{instagram_account}"),
                instagram_account: Some(instagram_account.clone()),
                next_try_at: None,
                code: trouble.reason.word,
                class: trouble.reason.word,
                message: trouble.message(),
                advice: trouble.advice(),
            });
        }
        accounts.push(ConnectedAccount {
            install_id: install.id.clone(),
            instagram_account,
            page: install.into(),
            ends_at: install.ends_at().map(rfc3339),
            is_connected: view.is_connected(),
        });
    }
    for (key, failure, next_fetch_at) in troubled_tags(state, app, !installs.is_empty()).await? {
        let Some(reason) = reason_of_tag(&failure) else { continue };
        problems.push(FeedProblem {
            feed: key.to_string(),
            instagram_account: None,
            code: reason.word,
            class: reason.word,
            message: reason.message.to_owned(),
            advice: reason.advice.to_owned(),
            next_try_at: next_fetch_at.map(rfc3339),
        });
    }
    let migration = migration(state, app, installs).await?;
    Ok(Settings { accounts, problems, migration })
}

/// The hashtags that the app lists, that the Graph serves to it and that could not be fetched: why not, and when they are
/// tried again.
async fn troubled_tags(
    state: &AppState,
    app: &app::Model,
    has_reader: bool,
) -> Result<Vec<(FeedKey, String, Option<DateTime<Utc>>)>, Problem> {
    let is_asked_for = |key: &FeedKey| {
        key.tag().is_some() && source_of(&state.config.migrating, app, key, has_reader) == Source::Graph
    };
    let tags = app.feeds.0.iter().filter_map(|key| FeedKey::parse(key).ok()).filter(is_asked_for);
    let found = feed::Entity::find()
        .select_only()
        .columns([feed::Column::Key, feed::Column::Failure, feed::Column::NextFetchAt])
        .filter(feed::Column::Source.eq(Source::Graph))
        .filter(feed::Column::Key.is_in(tags))
        .filter(feed::Column::Failure.is_not_null())
        .order_by_asc(feed::Column::Key);
    Ok(found.into_tuple().all(&state.db.read).await?)
}

fn reason_of_tag(failure: &str) -> Option<Reason> {
    let not_found = Some(Reason::HASHTAG_NOT_FOUND).filter(|reason| reason.word == failure);
    not_found.or_else(|| Reason::of(failure))
}
