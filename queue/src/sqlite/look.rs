//! Looking without touching.

use sea_orm::sqlx;

use super::{SqliteStore, duration, small, ticks, time};
use crate::{
    lane::Lane,
    store::{JobState, JobView, LaneStats},
};

pub(super) async fn ping(store: &SqliteStore) -> sqlx::Result<()> {
    let mut file = store.file.lock().await;
    sqlx::query("SELECT 1").execute(file.conn().await?).await.map(drop)
}

pub(super) async fn find(store: &SqliteStore, key: &str) -> sqlx::Result<Option<JobView>> {
    let mut file = store.file.lock().await;
    let conn = file.conn().await?;
    let now = ticks::domain_ms(conn).await?;
    let row: Option<(String, bool, i64, i64)> =
        sqlx::query_as("SELECT id, token IS NOT NULL, attempts, due FROM jobs WHERE key = ?")
            .bind(key)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|(id, running, attempts, due)| {
        let state = match running {
            true => JobState::Running,
            false if due <= now => JobState::Waiting,
            false => JobState::Delayed,
        };
        JobView { id, state, attempt: small(attempts) + 1, due_at: (!running).then(|| time(due)) }
    }))
}

pub(super) async fn is_idle(store: &SqliteStore) -> sqlx::Result<bool> {
    let mut file = store.file.lock().await;
    let conn = file.conn().await?;
    let now = ticks::domain_ms(conn).await?;
    // Naming every lane and both sorts lets the index of ready jobs answer.
    let busy: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE token IS NOT NULL)
             OR EXISTS (SELECT 1 FROM jobs WHERE token IS NULL AND lane IN ('interactive', 'default', 'bulk')
                        AND apart IN (0, 1) AND due <= ?)",
    )
    .bind(now)
    .fetch_one(conn)
    .await?;
    Ok(!busy)
}

pub(super) async fn stats(store: &SqliteStore) -> sqlx::Result<Vec<LaneStats>> {
    let mut file = store.file.lock().await;
    let conn = file.conn().await?;
    let mut stats = Vec::new();
    for lane in Lane::ALL {
        let settings = ticks::settings(conn, lane).await?;
        let (waiting, delayed, running, dead, oldest): (i64, i64, i64, i64, Option<i64>) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM jobs WHERE token IS NULL AND lane = ?1 AND apart IN (0, 1) AND due <= ?2),
                    (SELECT count(*) FROM jobs WHERE token IS NULL AND lane = ?1 AND apart IN (0, 1) AND due > ?2),
                    (SELECT count(*) FROM jobs WHERE token IS NOT NULL AND lane = ?1),
                    (SELECT count(*) FROM dead WHERE lane = ?1),
                    (SELECT min(due) FROM jobs WHERE token IS NULL AND lane = ?1 AND apart IN (0, 1) AND due <= ?2)",
        )
        .bind(lane.as_str())
        .bind(settings.now)
        .fetch_one(&mut *conn)
        .await?;
        let [waiting, delayed, running, dead] = [waiting, delayed, running, dead].map(i64::unsigned_abs);
        let oldest = oldest.map(|due| duration(settings.now - due));
        stats.push(LaneStats { lane, waiting, delayed, running, dead, paused: settings.paused, oldest });
    }
    Ok(stats)
}
