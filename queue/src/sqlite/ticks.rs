//! What is stored beside the jobs: the domain's offset, paused lanes, and the ticks of schedules.

use chrono::{DateTime, Utc};
use sea_orm::sqlx::{self, Connection, SqliteConnection};

use super::{SqliteStore, push, system_ms, time};
use crate::{lane::Lane, store::Tick};

/// The setting that holds the domain's offset in ms; the others bear the name of a lane and say whether it is paused.
pub(super) const OFFSET: &str = "offset";

/// Is what a turn has to know.
pub(super) struct Settings {
    pub(super) now: i64,
    pub(super) paused: bool,
}

pub(super) async fn settings(conn: &mut SqliteConnection, lane: Lane) -> sqlx::Result<Settings> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT name, value FROM settings").fetch_all(conn).await?;
    let value = |wanted: &str| rows.iter().find(|(name, _)| name == wanted).map_or(0, |(_, value)| *value);
    Ok(Settings { now: system_ms().saturating_add(value(OFFSET)), paused: value(lane.as_str()) != 0 })
}

/// Returns the domain's time in ms.
pub(super) async fn domain_ms(conn: &mut SqliteConnection) -> sqlx::Result<i64> {
    Ok(settings(conn, Lane::Default).await?.now)
}

pub(super) async fn offset(store: &SqliteStore) -> sqlx::Result<i64> {
    let mut file = store.file.lock().await;
    let offset = sqlx::query_scalar("SELECT value FROM settings WHERE name = ?").bind(OFFSET);
    Ok(offset.fetch_optional(file.conn().await?).await?.unwrap_or(0))
}

pub(super) async fn set(store: &SqliteStore, name: &str, value: i64) -> sqlx::Result<()> {
    let mut owed = store.wakes.owe();
    let mut file = store.file.lock().await;
    owed.extend(Lane::ALL);
    let set = sqlx::query("INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2");
    set.bind(name).bind(value).execute(file.conn().await?).await.map(drop)
}

pub(super) async fn last(store: &SqliteStore, schedule: &str) -> sqlx::Result<Option<DateTime<Utc>>> {
    let mut file = store.file.lock().await;
    let at = sqlx::query_scalar("SELECT at FROM ticks WHERE schedule = ?").bind(schedule);
    Ok(at.fetch_optional(file.conn().await?).await?.map(time))
}

pub(super) async fn tick(store: &SqliteStore, tick: &Tick) -> sqlx::Result<bool> {
    let mut owed = store.wakes.owe();
    let mut file = store.file.lock().await;
    let mut tx = file.conn().await?.begin_with("BEGIN IMMEDIATE").await?;
    let seen: Option<i64> = sqlx::query_scalar("SELECT at FROM ticks WHERE schedule = ?")
        .bind(&tick.schedule)
        .fetch_optional(&mut *tx)
        .await?;
    if seen != tick.seen.map(|seen| seen.timestamp_millis()) {
        return Ok(false);
    }
    sqlx::query("INSERT INTO ticks (schedule, at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = ?2")
        .bind(&tick.schedule)
        .bind(tick.at.timestamp_millis())
        .execute(&mut *tx)
        .await?;
    if let Some(job) = &tick.job {
        let now = domain_ms(&mut tx).await?;
        push::insert(&mut tx, std::slice::from_ref(job), now).await?;
    }
    owed.extend(tick.job.iter().map(|job| job.lane));
    tx.commit().await?;
    Ok(true)
}
