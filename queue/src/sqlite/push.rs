//! Taking jobs in: one statement for a whole page, and one more for each duplicate, which is told who holds its key.

use std::collections::HashSet;

use sea_orm::sqlx::{self, Connection, SqliteConnection};

use super::{SqliteStore, json, millis, ticks};
use crate::store::{NewJob, Pushed};

pub(super) async fn push(store: &SqliteStore, jobs: &[NewJob]) -> sqlx::Result<Vec<Pushed>> {
    let mut owed = store.wakes.owe();
    let mut file = store.file.lock().await;
    let mut tx = file.conn().await?.begin_with("BEGIN IMMEDIATE").await?;
    let now = ticks::domain_ms(&mut tx).await?;
    let (pushed, inserted) = insert(&mut tx, jobs, now).await?;
    owed.extend(jobs.iter().filter(|job| inserted.contains(&job.id)).map(|job| job.lane));
    tx.commit().await?;
    Ok(pushed)
}

/// Inserts jobs, and says of each what became of it, and which are new.
pub(super) async fn insert(
    tx: &mut SqliteConnection,
    jobs: &[NewJob],
    now: i64,
) -> sqlx::Result<(Vec<Pushed>, HashSet<String>)> {
    let rows = jobs.iter().map(|job| {
        let due = now.saturating_add(millis(job.delay));
        (&job.id, job.lane.as_str(), &job.name, &job.key, &job.payload, due, &job.trace)
    });
    let inserted: HashSet<String> = sqlx::query_scalar(
        "INSERT INTO jobs (id, lane, name, key, payload, due, trace, created)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, ?2 FROM json_each(?1) WHERE true
         ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(json(&rows.collect::<Vec<_>>())?)
    .bind(now)
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .collect();

    let mut pushed = Vec::with_capacity(jobs.len());
    for job in jobs {
        let holder = match &job.key {
            Some(key) if !inserted.contains(&job.id) => {
                sqlx::query_scalar("SELECT id FROM jobs WHERE key = ?").bind(key).fetch_optional(&mut *tx).await?
            }
            // Without a key only its own id can have been in the way: the same push again.
            _ => None,
        };
        let id = holder.unwrap_or_else(|| job.id.clone());
        pushed.push(Pushed { duplicate: id != job.id, id });
    }
    Ok((pushed, inserted))
}
