//! The dead set: burial, retention, and the operator's list, retry and delete.

use sea_orm::sqlx::{self, Connection, Row, SqliteConnection};

use super::{SqliteStore, count, json, lane, small, ticks, time};
use crate::{
    lane::Lane,
    outcome::Death,
    store::{DeadFilter, DeadJob},
};

/// The most dead jobs that one call forgets.
const STEP: usize = 100;

/// Moves a live job to the dead set, which releases its key.
pub(super) async fn bury(
    tx: &mut SqliteConnection,
    seq: i64,
    attempts: u32,
    death: &Death,
    now: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO dead (id, lane, name, key, payload, trace, attempts, reason, died)
         SELECT id, lane, name, key, payload, trace, ?2, ?3, ?4 FROM jobs WHERE seq = ?1",
    )
    .bind(seq)
    .bind(attempts)
    .bind(death.to_string())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM jobs WHERE seq = ?").bind(seq).execute(&mut *tx).await?;
    Ok(())
}

/// Forgets a bounded number of what is too old or too much; returns whether there may be more.
pub(super) async fn trim(tx: &mut SqliteConnection, most: usize, oldest: i64) -> sqlx::Result<bool> {
    let old = sqlx::query("DELETE FROM dead WHERE seq IN (SELECT seq FROM dead WHERE died < ? ORDER BY died LIMIT ?)");
    let old = old.bind(oldest).bind(count(STEP)).execute(&mut *tx).await?.rows_affected();
    let surplus = sqlx::query(
        "DELETE FROM dead WHERE seq IN (SELECT seq FROM dead ORDER BY seq
             LIMIT min(?2, max(0, (SELECT count(*) FROM dead) - ?1)))",
    );
    let surplus = surplus.bind(count(most)).bind(count(STEP)).execute(&mut *tx).await?.rows_affected();
    Ok(old.max(surplus) >= STEP as u64)
}

pub(super) async fn list(store: &SqliteStore, filter: &DeadFilter, limit: usize) -> sqlx::Result<Vec<DeadJob>> {
    let mut file = store.file.lock().await;
    let rows = sqlx::query(
        "SELECT id, lane, name, payload, attempts, reason, died FROM dead
         WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR died < ?2) ORDER BY seq DESC LIMIT ?3",
    )
    .bind(&filter.name)
    .bind(filter.before.map(|before| before.timestamp_millis()))
    .bind(count(limit))
    .fetch_all(file.conn().await?)
    .await?;
    let read = |row: &sqlx::sqlite::SqliteRow| {
        Ok(DeadJob {
            id: row.try_get("id")?,
            lane: lane(row.try_get("lane")?),
            name: row.try_get("name")?,
            payload: row.try_get("payload")?,
            attempts: small(row.try_get("attempts")?),
            reason: row.try_get("reason")?,
            died_at: time(row.try_get("died")?),
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn retry(store: &SqliteStore, ids: &[String]) -> sqlx::Result<usize> {
    let mut owed = store.wakes.owe();
    let mut file = store.file.lock().await;
    let mut tx = file.conn().await?.begin_with("BEGIN IMMEDIATE").await?;
    let now = ticks::domain_ms(&mut tx).await?;
    let back: Vec<String> = sqlx::query_scalar(
        "INSERT INTO jobs (id, lane, name, key, payload, trace, due, created)
         SELECT id, lane, name, key, payload, trace, ?2, ?2 FROM dead WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY seq
         ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(json(&ids)?)
    .bind(now)
    .fetch_all(&mut *tx)
    .await?;
    let gone = sqlx::query("DELETE FROM dead WHERE id IN (SELECT value FROM json_each(?))");
    gone.bind(json(&back)?).execute(&mut *tx).await?;
    owed.extend(Lane::ALL);
    tx.commit().await?;
    Ok(back.len())
}

pub(super) async fn delete(store: &SqliteStore, ids: &[String]) -> sqlx::Result<usize> {
    let mut file = store.file.lock().await;
    let gone = sqlx::query("DELETE FROM dead WHERE id IN (SELECT value FROM json_each(?))").bind(json(&ids)?);
    let gone = gone.execute(file.conn().await?).await?.rows_affected();
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}
