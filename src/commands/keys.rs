//! `feedkeeper keys`: makes a key, brings everything under the newest one, and looks whether all of it opens.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::Context;
use clap::Subcommand;
use entities::Db;
use entities::seal::{Closed, Keyring, SEALED_COLUMNS, SealedColumn, is_key_id, wrong_keys};
use queue::clock::{Clock, SystemClock};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::{migrate, say};
use crate::config::{Auth, Config, Env};
use crate::keyring;

/// Rows that are written in one transaction.
const BATCH: u64 = 200;
/// The least time that the database is left to others between two batches.
const PAUSE: Duration = Duration::from_millis(20);

/// What to do with the key ring.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Prints a new key as a line of KEYRING; needs neither database nor ring
    Generate {
        /// The key's name: up to 64 letters, digits, `-` and `_`. One with the date is made up if it is left out
        #[arg(value_parser = key_id)]
        id: Option<String>,
    },
    /// Seals everything anew that is sealed under another key than the first one
    ///
    /// Runs beside the service, and may be broken off and begun again at any moment. A process that does not hold the
    /// first key yet cannot open what is sealed under it, and no command can look into other processes: all of them have
    /// to hold the new key behind the old one before any has it in front, and have it in front before you rotate.
    Rotate,
    /// Opens everything that is sealed: counts it by key, names what does not open and which keys nothing needs
    Verify,
}

/// Does it.
pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    match action {
        Action::Generate { id } => {
            generate(id.clone().unwrap_or_else(dated_id).as_str());
            Ok(())
        }
        Action::Rotate => rotate(env).await,
        Action::Verify => verify(env).await,
    }
}

fn key_id(text: &str) -> Result<String, &'static str> {
    if is_key_id(text) { Ok(text.to_owned()) } else { Err("a key's name has 1 to 64 letters, digits, `-` and `_`") }
}

fn dated_id() -> String {
    format!("k{}-{}", SystemClock.now().format("%Y%m%d"), &entities::new_id()[..4])
}

fn generate(id: &str) {
    say(Keyring::generate(id).expose_secret());
    tell("This line is a secret, and the only copy of it. To change over to it (`dev`, one process, begins with 2):");
    tell(
        "1. Put it behind the other keys in KEYRING (or DATA_DIR/keyring), separated by a comma or a line. Give every",
    );
    tell("   process this ring and restart it: now all of them open what is sealed under it, and none seals with it.");
    tell("2. When all are restarted, put it in front of the other keys, and restart every process again.");
    tell("3. When all are restarted: feedkeeper keys rotate. 4. feedkeeper keys verify.");
    tell(
        "5. Two weeks later (browsers and letters carry what is sealed, too), take out the keys that nothing needs, and restart.",
    );
}

/// The ring, as it is, and the database.
async fn open(env: &Env) -> anyhow::Result<(Db, Keyring)> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    let db = migrate::open_existing(&config).await?;
    let keyring = keyring::find(&config)?.with_context(|| {
        format!("there is no key ring: KEYRING is not set and {} is not there", keyring::file(&config).display())
    })?;
    Ok((db, keyring))
}

async fn rotate(env: &Env) -> anyhow::Result<()> {
    let (db, keyring) = open(env).await?;
    let first = keyring.first_id();
    let wrong = wrong_keys(&db.read, &keyring).await?;
    anyhow::ensure!(
        !wrong.contains(first),
        "key {first:?} does not open what somebody has sealed under that id: its bytes are others; nothing was changed"
    );
    let (mut closed, mut left) = (0, 0);
    for column in SEALED_COLUMNS {
        let done = rotate_column(&db, &keyring, column).await.with_context(|| unreadable(column))?;
        closed += done.closed;
        left += done.left;
    }
    anyhow::ensure!(
        closed == 0,
        "{closed} secrets do not open and were left as they are: put their key back, or have the account connected again"
    );
    anyhow::ensure!(
        left == 0,
        "{left} secrets were sealed under another key meanwhile: give every process the new ring, then rotate again"
    );
    Ok(())
}

/// What a rotation leaves behind it.
struct Rotated {
    /// Texts that do not open.
    closed: u64,
    /// Texts that somebody has sealed under another key behind its back.
    left: u64,
}

async fn rotate_column(db: &Db, keyring: &Keyring, column: SealedColumn) -> anyhow::Result<Rotated> {
    let first = keyring.first_id();
    let already = column.count_under(&db.read, first).await?;
    let all = column.count_beside(&db.read, first).await?;
    let (mut resealed, mut changed, mut closed) = (0, 0, 0);
    let mut after = None;
    loop {
        let began = Instant::now();
        let Some(batch) = column.reseal(db, keyring, after.as_deref(), BATCH).await? else { break };
        resealed += batch.resealed;
        changed += batch.changed;
        closed += u64::try_from(batch.closed.len())?;
        name_closed(column, &batch.closed);
        tell(&format!("{column}: {resealed} of {all} resealed"));
        after = Some(batch.last);
        // Whoever waits for the write lock gets as much time as we took.
        tokio::time::sleep(began.elapsed().max(PAUSE)).await;
    }
    let left = column.count_beside(&db.read, first).await?.saturating_sub(closed);
    say(&format!(
        "{column}: {resealed} resealed, {already} already, {changed} changed meanwhile, {closed} not opening"
    ));
    Ok(Rotated { closed, left })
}

async fn verify(env: &Env) -> anyhow::Result<()> {
    let (db, keyring) = open(env).await?;
    let mut closed = 0;
    let mut used: BTreeMap<String, u64> = BTreeMap::new();
    for column in SEALED_COLUMNS {
        let by_key = verify_column(&db, &keyring, column, &mut closed).await.with_context(|| unreadable(column))?;
        let counts: Vec<_> = by_key.iter().map(|(id, count)| format!("{count} {}", under(id))).collect();
        say(&format!("{column}: {}", if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }));
        used.extend(by_key);
    }
    for id in keyring.ids().skip(1).filter(|id| !used.contains_key(*id)) {
        say(&format!("key {id:?}: nothing is sealed under it, it may be dropped"));
    }
    anyhow::ensure!(closed == 0, "{closed} secrets do not open");
    Ok(())
}

async fn verify_column(
    db: &Db,
    keyring: &Keyring,
    column: SealedColumn,
    closed: &mut usize,
) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut by_key: BTreeMap<String, u64> = BTreeMap::new();
    let mut after = None;
    while let Some(page) = column.verify(&db.read, keyring, after.as_deref(), BATCH).await? {
        for (id, count) in page.by_key {
            *by_key.entry(id).or_default() += count;
        }
        *closed += page.closed.len();
        name_closed(column, &page.closed);
        after = Some(page.last);
    }
    Ok(by_key)
}

fn under(id: &str) -> String {
    if id.is_empty() { "not sealed".to_owned() } else { format!("under {id:?}") }
}

fn unreadable(column: SealedColumn) -> String {
    format!("{column} cannot be read")
}

fn name_closed(column: SealedColumn, closed: &[Closed]) {
    for Closed { row, why } in closed {
        say(&format!("not opening: {column} of row {row}: {why}"));
    }
}

/// Writes one line to stderr, for whoever is watching.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
