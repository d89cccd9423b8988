//! Leases: prolonging them, and taking back those that ran out, each as a crash of its worker.

use std::{collections::HashSet, time::Duration};

use sea_orm::sqlx::{self, Connection, Row, SqliteConnection, sqlite::SqliteRow};

use super::{SqliteStore, dead, json, millis, small, ticks};
use crate::{
    lane::Lane,
    meter,
    outcome::Death,
    store::{CRASHES, Dying, Held, LAST_CRASH, Reaped, Retention},
};

/// The most leases that one call takes back.
const STEP: usize = 100;

/// How long an answer of a turn is kept.
const ANSWERS: Duration = Duration::from_mins(10);

pub(super) async fn renew(store: &SqliteStore, held: &[Held], lease: Duration) -> sqlx::Result<Vec<bool>> {
    let pairs: Vec<_> = held.iter().map(|held| (&held.id, held.token)).collect();
    let mut file = store.file.lock().await;
    let kept: Vec<(String, i64)> = sqlx::query_as(
        "UPDATE jobs SET lease_until = ?2 WHERE seq IN (SELECT seq FROM json_each(?1) AS held CROSS JOIN jobs
             ON jobs.id = held.value->>0 AND jobs.token = held.value->>1) RETURNING id, token",
    )
    .bind(json(&pairs)?)
    .bind(store.lease_ms().saturating_add(millis(lease)))
    .fetch_all(file.conn().await?)
    .await?;
    let kept: HashSet<_> = kept.into_iter().map(|(id, token)| Held { id, token }).collect();
    Ok(held.iter().map(|held| kept.contains(held)).collect())
}

pub(super) async fn reap(store: &SqliteStore, retention: &Retention) -> sqlx::Result<Reaped> {
    let mut owed = store.wakes.owe();
    let mut file = store.file.lock().await;
    let conn = file.conn().await?;
    let now = ticks::domain_ms(conn).await?;
    let (lease_now, oldest) = (store.lease_ms(), now.saturating_sub(millis(retention.age)));
    // The write lock is taken only if there is something to write. The dead are counted only if their numbers leave it
    // open: they have gaps where an operator has deleted some.
    let due: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE token IS NOT NULL AND lease_until <= ?1)
             OR EXISTS (SELECT 1 FROM dead WHERE died < ?2)
             OR EXISTS (SELECT 1 FROM turns WHERE at < ?3)
             OR CASE WHEN (SELECT max(seq) FROM dead) - (SELECT min(seq) FROM dead) >= ?4
                     THEN (SELECT count(*) FROM dead) > ?4 ELSE 0 END",
    )
    .bind(lease_now)
    .bind(oldest)
    .bind(lease_now - millis(ANSWERS))
    .bind(super::count(retention.dead))
    .fetch_one(&mut *conn)
    .await?;
    if !due {
        return Ok(Reaped::default());
    }
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let expired = sqlx::query(
        "SELECT seq, id, name, attempts, crashes, dying FROM jobs
         WHERE token IS NOT NULL AND lease_until <= ?1 ORDER BY lease_until LIMIT 100",
    );
    let expired = expired.bind(lease_now).fetch_all(&mut *tx).await?;
    let mut reaped = take_back(&mut tx, &expired, now).await?;
    sqlx::query("DELETE FROM turns WHERE at < ?").bind(lease_now - millis(ANSWERS)).execute(&mut *tx).await?;
    reaped.more |= dead::trim(&mut tx, retention.dead, oldest).await?;
    if reaped.returned > 0 {
        owed.extend(Lane::ALL);
    }
    tx.commit().await?;
    Ok(reaped)
}

/// Takes back every lease: whoever held one is gone, for this process has just become the one that claims.
pub(super) async fn take_back_all(store: &SqliteStore) -> sqlx::Result<()> {
    let mut file = store.file.lock().await;
    let conn = file.conn().await?;
    loop {
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
        let now = ticks::domain_ms(&mut tx).await?;
        let held =
            sqlx::query("SELECT seq, id, name, attempts, crashes, dying FROM jobs WHERE token IS NOT NULL LIMIT 100");
        let held = held.fetch_all(&mut *tx).await?;
        let reaped = take_back(&mut tx, &held, now).await?;
        sqlx::query("DELETE FROM turns").execute(&mut *tx).await?;
        tx.commit().await?;
        meter::crashed(reaped.returned + reaped.buried.len());
        for (id, name) in &reaped.buried {
            tracing::error!(job.id = id, job.name = name, "buried without on_dead: it kills its worker too");
        }
        if !reaped.more {
            return Ok(());
        }
    }
}

async fn take_back(tx: &mut SqliteConnection, rows: &[SqliteRow], now: i64) -> sqlx::Result<Reaped> {
    let mut reaped = Reaped { more: rows.len() == STEP, ..Reaped::default() };
    for row in rows {
        let seq: i64 = row.try_get("seq")?;
        let crashes = small(row.try_get("crashes")?) + 1;
        let dying: Option<&str> = row.try_get("dying")?;
        let mut dying = dying.and_then(|dying| serde_json::from_str::<Dying>(dying).ok());
        if let Some(dying) = &dying
            && crashes >= LAST_CRASH
        {
            dead::bury(tx, seq, small(row.try_get("attempts")?), &dying.death, now).await?;
            reaped.buried.push((row.try_get("id")?, row.try_get("name")?));
            continue;
        }
        if dying.is_none() && crashes >= CRASHES {
            dying = Some(Dying { death: Death::WorkerDied, tries: 0 });
        }
        sqlx::query(
            "UPDATE jobs SET token = NULL, lease_until = NULL, crashes = ?2, dying = ?3, apart = ?4 WHERE seq = ?1",
        )
        .bind(seq)
        .bind(crashes)
        .bind(dying.as_ref().map(json).transpose()?)
        // The last chance runs apart, so that the neighbours of a poison job are not buried with it.
        .bind(dying.is_some() || crashes >= CRASHES - 1)
        .execute(&mut *tx)
        .await?;
        reaped.returned += 1;
    }
    Ok(reaped)
}
