//! Finish and claim in one transaction: the heart of the store.

use std::time::Duration;

use sea_orm::sqlx::{self, Connection, Row, SqliteConnection, sqlite::SqliteRow};

use super::{SqliteStore, count, dead, duration, json, millis, small, ticks};
use crate::{
    random,
    store::{Claimed, Ending, Finished, Held, Turn, Turned},
};

pub(super) async fn turn(store: &SqliteStore, turn: &Turn) -> sqlx::Result<Turned> {
    let mut owed = store.wakes.owe();
    let mut file = store.file.lock().await;
    let mut tx = file.conn().await?.begin_with("BEGIN IMMEDIATE").await?;
    let settings = ticks::settings(&mut tx, turn.lane).await?;
    let until = store.lease_ms().saturating_add(millis(turn.lease));

    let want = if settings.paused { 0 } else { turn.want };
    let mut turned = match repeated(&mut tx, turn, until, settings.now).await? {
        Some(turned) => turned,
        None => first(&mut tx, turn, want, until, settings.now).await?,
    };
    if turned.claimed.len() < want {
        turned.next_due = next_due(&mut tx, turn, &turned.claimed, settings.now).await?;
    }
    if turn.finished.iter().any(|finished| finished.ending == Ending::HandBack) {
        owed.extend([turn.lane]);
    }
    tx.commit().await?;
    Ok(turned)
}

/// Takes a turn that has not been taken before.
async fn first(tx: &mut SqliteConnection, turn: &Turn, want: usize, until: i64, now: i64) -> sqlx::Result<Turned> {
    let (applied, token) = (finish(tx, &turn.finished, now).await?, random::token());
    let claimed = claim(tx, turn, want, token, (until, now)).await?;
    if !(claimed.is_empty() && applied.is_empty()) {
        record(tx, turn, token, &applied, until).await?;
    }
    Ok(Turned { applied, claimed, next_due: None })
}

/// Returns what this turn ended and claimed before, if it was taken before.
async fn repeated(tx: &mut SqliteConnection, turn: &Turn, until: i64, now: i64) -> sqlx::Result<Option<Turned>> {
    let before = sqlx::query("SELECT token, applied FROM turns WHERE worker = ? AND lane = ? AND number = ?")
        .bind(&turn.worker)
        .bind(turn.lane.as_str())
        .bind(number(turn))
        .fetch_optional(&mut *tx)
        .await?;
    let Some(before) = before else { return Ok(None) };
    let applied = serde_json::from_str(before.try_get("applied")?).unwrap_or_default();
    let rows = sqlx::query(
        "UPDATE jobs SET lease_until = ?2 WHERE token IS NOT NULL AND token = ?1
         RETURNING id, token, name, payload, attempts, crashes, unknown, apart, dying, created, due, trace, seq",
    )
    .bind(before.try_get::<i64, _>("token")?)
    .bind(until)
    .fetch_all(tx)
    .await?;
    Ok(Some(Turned { applied, claimed: claims(rows, now)?, next_due: None }))
}

/// Ends what is still held, and says for each whether it was.
async fn finish(tx: &mut SqliteConnection, finished: &[Finished], now: i64) -> sqlx::Result<Vec<bool>> {
    let done = finished.iter().filter(|finished| finished.ending == Ending::Done);
    let done: Vec<_> = done.map(|finished| (&finished.held.id, finished.held.token)).collect();
    let gone: Vec<String> = if done.is_empty() {
        Vec::new()
    } else {
        sqlx::query_scalar(
            "DELETE FROM jobs WHERE seq IN (SELECT seq FROM json_each(?) AS done CROSS JOIN jobs
                 ON jobs.id = done.value->>0 AND jobs.token = done.value->>1) RETURNING id",
        )
        .bind(json(&done)?)
        .fetch_all(&mut *tx)
        .await?
    };
    let gone: std::collections::HashSet<_> = gone.into_iter().collect();

    let mut applied = Vec::with_capacity(finished.len());
    for Finished { held, ending } in finished {
        applied.push(match ending {
            Ending::Done => gone.contains(&held.id),
            Ending::HandBack => {
                let update = "UPDATE jobs SET token = NULL, lease_until = NULL WHERE id = ? AND token = ?";
                let update = sqlx::query(update).bind(&held.id).bind(held.token);
                update.execute(&mut *tx).await?.rows_affected() > 0
            }
            Ending::Again { delay, attempts, dying } => {
                let dying = dying.as_ref().map(json).transpose()?;
                let update = sqlx::query(
                    "UPDATE jobs SET token = NULL, lease_until = NULL, crashes = 0, unknown = 0, due = ?3, attempts = ?4,
                         dying = ?5, apart = ?5 IS NOT NULL WHERE id = ?1 AND token = ?2",
                );
                let update = update.bind(&held.id).bind(held.token).bind(now.saturating_add(millis(*delay)));
                update.bind(attempts).bind(dying).execute(&mut *tx).await?.rows_affected() > 0
            }
            Ending::Unknown { delay } => {
                let update = sqlx::query(
                    "UPDATE jobs SET token = NULL, lease_until = NULL, unknown = unknown + 1, due = ?3
                     WHERE id = ?1 AND token = ?2",
                );
                let update = update.bind(&held.id).bind(held.token).bind(now.saturating_add(millis(*delay)));
                update.execute(&mut *tx).await?.rows_affected() > 0
            }
            Ending::Dead { attempts, death } => {
                let seq = sqlx::query_scalar("SELECT seq FROM jobs WHERE id = ? AND token = ?");
                match seq.bind(&held.id).bind(held.token).fetch_optional(&mut *tx).await? {
                    Some(seq) => dead::bury(tx, seq, *attempts, death, now).await.map(|()| true)?,
                    None => false,
                }
            }
        });
    }
    Ok(applied)
}

async fn claim(
    tx: &mut SqliteConnection,
    turn: &Turn,
    most: usize,
    token: i64,
    times: (i64, i64),
) -> sqlx::Result<Vec<Claimed>> {
    let mut rows = Vec::new();
    for (apart, want) in [(true, usize::from(turn.suspect)), (false, most)] {
        let want = want.min(most - rows.len());
        if want > 0 {
            rows.extend(lease(tx, turn, (apart, want), token, times).await?);
        }
    }
    claims(rows, times.1)
}

/// Returns the wait for the next job that such a turn could claim.
async fn next_due(
    tx: &mut SqliteConnection,
    turn: &Turn,
    claimed: &[Claimed],
    now: i64,
) -> sqlx::Result<Option<Duration>> {
    let another_suspect = turn.suspect && !claimed.iter().any(|claimed| claimed.suspect);
    let due: Option<i64> = sqlx::query_scalar(
        "SELECT min(due) FROM (SELECT min(due) AS due FROM jobs WHERE token IS NULL AND lane = ?1 AND apart = 0
             UNION ALL SELECT min(due) FROM jobs WHERE token IS NULL AND lane = ?1 AND apart = 1 AND ?2)",
    )
    .bind(turn.lane.as_str())
    .bind(another_suspect)
    .fetch_one(tx)
    .await?;
    Ok(due.map(|due| duration(due - now)))
}

/// Leases up to `want` due jobs of one sort.
async fn lease(
    tx: &mut SqliteConnection,
    turn: &Turn,
    (apart, want): (bool, usize),
    token: i64,
    (until, now): (i64, i64),
) -> sqlx::Result<Vec<SqliteRow>> {
    sqlx::query(
        "UPDATE jobs SET token = ?1, lease_until = ?2 WHERE seq IN (
             SELECT seq FROM jobs WHERE token IS NULL AND lane = ?3 AND apart = ?4 AND due <= ?5 ORDER BY due, seq LIMIT ?6)
         RETURNING id, token, name, payload, attempts, crashes, unknown, apart, dying, created, due, trace, seq",
    )
    .bind(token)
    .bind(until)
    .bind(turn.lane.as_str())
    .bind(apart)
    .bind(now)
    .bind(count(want))
    .fetch_all(tx)
    .await
}

/// Keeps the answer, in case it is lost on its way.
async fn record(tx: &mut SqliteConnection, turn: &Turn, token: i64, applied: &[bool], at: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO turns (worker, lane, number, token, applied, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET number = ?3, token = ?4, applied = ?5, at = ?6",
    )
    .bind(&turn.worker)
    .bind(turn.lane.as_str())
    .bind(number(turn))
    .bind(token)
    .bind(json(&applied)?)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

fn number(turn: &Turn) -> i64 {
    i64::try_from(turn.number).unwrap_or(i64::MAX)
}

/// Reads claims, the first due first: `RETURNING` promises no order.
fn claims(rows: Vec<SqliteRow>, now: i64) -> sqlx::Result<Vec<Claimed>> {
    let mut claims = Vec::with_capacity(rows.len());
    for row in rows {
        let (dying, due): (Option<&str>, i64) = (row.try_get("dying")?, row.try_get("due")?);
        let claimed = Claimed {
            held: Held { id: row.try_get("id")?, token: row.try_get("token")? },
            name: row.try_get("name")?,
            payload: row.try_get("payload")?,
            attempts: small(row.try_get("attempts")?),
            crashes: small(row.try_get("crashes")?),
            unknown: small(row.try_get("unknown")?),
            suspect: row.try_get("apart")?,
            dying: dying.and_then(|dying| serde_json::from_str(dying).ok()),
            age: duration(now - row.try_get::<i64, _>("created")?),
            late: duration(now - due),
            trace: row.try_get("trace")?,
        };
        claims.push((due, row.try_get::<i64, _>("seq")?, claimed));
    }
    claims.sort_unstable_by_key(|(due, seq, _)| (*due, *seq));
    Ok(claims.into_iter().map(|(_, _, claimed)| claimed).collect())
}
