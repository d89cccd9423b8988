//! `feedkeeper jobs dead`: what died, put back to work or forgotten, in bounded steps that say how many.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use queue::Queue;
use queue::store::{BATCH, DeadFilter, DeadJob};
use serde_json::{Value, json};

use super::queue::Hands;
use super::{age, say, table};
use crate::config::Env;

/// How many dead jobs are looked at in one go; the queue keeps no more than these by itself.
const MOST: usize = 10_000;
/// How much of a reason stands in the table.
const REASON: usize = 100;

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Those that are dead: tried to the last, or refused
    #[command(subcommand)]
    Dead(Dead),
}

/// What to do with the dead.
#[derive(Debug, Subcommand)]
pub(crate) enum Dead {
    /// Lists them, the latest first
    List {
        #[command(flatten)]
        which: Which,
        /// The most that are listed
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Prints one JSON object a line, the payload included
        #[arg(long)]
        json: bool,
    },
    /// Puts them back to work as new, but for those whose unique key a live job holds
    ///
    /// A job looks at its row first: where its death was written there and the row is not due, it finds nothing to do.
    Retry {
        #[command(flatten)]
        which: Which,
    },
    /// Forgets them
    Delete {
        #[command(flatten)]
        which: Which,
    },
}

/// Which of the dead; all of them if nothing is said.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// Only jobs of this name, such as `fetch_feed`
    #[arg(long)]
    kind: Option<String>,
    /// Only jobs that died longer ago, such as 90s, 15m, 6h or 2d
    #[arg(long, value_parser = age::parse)]
    older: Option<TimeDelta>,
}

/// Does it.
pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    let Action::Dead(action) = action;
    let hands = Hands::on(env).await?;
    match action {
        Dead::List { which, limit, json } => list(&hands, which, *limit, *json).await,
        Dead::Retry { which } => retry(&hands, which).await,
        Dead::Delete { which } => delete(&hands, which).await,
    }
}

fn filter(hands: &Hands, which: &Which) -> DeadFilter {
    DeadFilter { name: which.kind.clone(), before: which.older.map(|age| hands.now - age) }
}

async fn list(hands: &Hands, which: &Which, limit: usize, as_json: bool) -> anyhow::Result<()> {
    let mut dead = hands.queue.dead(&filter(hands, which), limit.saturating_add(1)).await?;
    let more = dead.len() > limit;
    dead.truncate(limit);
    if as_json {
        for dead in &dead {
            say(&object(dead));
        }
    } else {
        let rows: Vec<_> = dead.iter().map(|dead| row(hands, dead)).collect();
        table::print(["id", "queue", "kind", "attempts", "died", "reason"], &rows);
    }
    if more {
        tell(&format!("these are the latest {limit}, and there are more: --limit shows them"));
    }
    if dead.is_empty() {
        say_what_there_is(&hands.queue).await?;
    }
    Ok(())
}

async fn retry(hands: &Hands, which: &Which) -> anyhow::Result<()> {
    let mut retried = 0;
    let (stayed, gone) = loop {
        let found = find(hands, which).await?;
        let before = retried;
        for page in found.chunks(BATCH) {
            retried += hands.queue.retry_dead(page).await?;
        }
        // As many as fit into one look: there may be more behind them.
        if found.len() < MOST || retried == before {
            let left = found.len().saturating_sub(retried - before);
            // Somebody else may have been at them, too.
            let stayed = if left == 0 { 0 } else { still_dead(hands, which, &found).await?.min(left) };
            break (stayed, left - stayed);
        }
    };
    say(&format!("retried {}", jobs(retried)));
    match stayed {
        0 if retried == 0 && gone == 0 => say_what_there_is(&hands.queue).await?,
        0 => {}
        1 => tell("1 stays dead: a live job holds its key"),
        _ => tell(&format!("{stayed} stay dead: live jobs hold their keys")),
    }
    if gone > 0 {
        tell(&format!("somebody else has retried or deleted {} meanwhile", jobs(gone)));
    }
    Ok(())
}

/// Counts how many of these are still dead.
async fn still_dead(hands: &Hands, which: &Which, ids: &[String]) -> anyhow::Result<usize> {
    let dead = hands.queue.dead(&filter(hands, which), MOST).await?;
    let ids: BTreeSet<_> = ids.iter().collect();
    Ok(dead.iter().filter(|dead| ids.contains(&dead.id)).count())
}

async fn delete(hands: &Hands, which: &Which) -> anyhow::Result<()> {
    let mut deleted = 0;
    loop {
        let found = find(hands, which).await?;
        let before = deleted;
        for page in found.chunks(BATCH) {
            deleted += hands.queue.delete_dead(page).await?;
        }
        if found.len() < MOST || deleted == before {
            break;
        }
    }
    say(&format!("deleted {}", jobs(deleted)));
    if deleted == 0 {
        say_what_there_is(&hands.queue).await?;
    }
    Ok(())
}

/// Returns the ids of what was asked for, and says how many there are before anything is done to them.
async fn find(hands: &Hands, which: &Which) -> anyhow::Result<Vec<String>> {
    let found = hands.queue.dead(&filter(hands, which), MOST).await?;
    if !found.is_empty() {
        tell(&format!("found {}: {}", jobs(found.len()), by_kind(&found)));
    }
    Ok(found.into_iter().map(|dead| dead.id).collect())
}

/// After a question that nothing answers: the name may be a slip of the pen.
async fn say_what_there_is(queue: &Queue) -> anyhow::Result<()> {
    let all = queue.dead(&DeadFilter::default(), MOST).await?;
    if all.is_empty() {
        tell("no job is dead");
    } else {
        tell(&format!("none of the dead is meant; there are: {}", by_kind(&all)));
    }
    Ok(())
}

fn jobs(count: usize) -> String {
    if count == 1 { "1 dead job".to_owned() } else { format!("{count} dead jobs") }
}

fn by_kind(dead: &[DeadJob]) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for dead in dead {
        *kinds.entry(&dead.name).or_default() += 1;
    }
    let kinds: Vec<_> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    kinds.join(", ")
}

fn object(dead: &DeadJob) -> String {
    let payload = serde_json::from_str(&dead.payload).unwrap_or_else(|_| Value::from(dead.payload.as_str()));
    json!({
        "id": dead.id, "queue": dead.lane, "kind": dead.name, "attempts": dead.attempts, "died_at": dead.died_at,
        "reason": dead.reason, "payload": payload,
    })
    .to_string()
}

fn row(hands: &Hands, dead: &DeadJob) -> [String; 6] {
    let mut reason: String = dead.reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.chars().count() > REASON {
        reason = reason.chars().take(REASON - 1).chain(['…']).collect();
    }
    [
        dead.id.clone(),
        dead.lane.to_string(),
        dead.name.clone(),
        dead.attempts.to_string(),
        format!("{} ago", age::written(hands.now - dead.died_at)),
        reason,
    ]
}

/// Writes one line to stderr, for whoever is watching.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
