//! The key ring of a process: where it comes from, and whether it fits what the database holds.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use entities::Db;
use entities::seal::{Keyring, missing_keys, wrong_keys};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;

/// Returns `KEYRING`, or else what lies in `DATA_DIR/keyring`, if there is either.
pub(crate) fn find(config: &Config) -> anyhow::Result<Option<Keyring>> {
    if let Some(text) = &config.keyring {
        return Ok(Some(Keyring::parse(text)?));
    }
    let path = file(config);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    let keyring = Keyring::parse(&SecretString::from(text)).with_context(|| format!("{}", path.display()))?;
    Ok(Some(keyring))
}

/// Returns the ring that a service starts with: one that opens what the database holds. `None`: there is no ring, and
/// nothing is sealed yet.
pub(crate) async fn open(config: &Config, db: &Db) -> anyhow::Result<Option<Keyring>> {
    let (path, looking) = (file(config), "looking which keys the database needs");
    let Some(keyring) = find(config)? else {
        let missing = missing_keys(&db.read, None).await.context(looking)?;
        anyhow::ensure!(
            missing.is_empty(),
            "KEYRING is not set and {} is not there, but the database holds secrets sealed under {}: put it back, no other \
             opens them",
            path.display(),
            named(&missing)
        );
        return Ok(None);
    };
    let source = if config.keyring.is_some() { "KEYRING".to_owned() } else { path.display().to_string() };
    let missing = missing_keys(&db.read, Some(&keyring)).await.context(looking)?;
    anyhow::ensure!(
        missing.is_empty(),
        "the database holds secrets sealed under {}, which {source} does not hold: put it back behind the first key; it \
         may go when `feedkeeper keys rotate` has run and `feedkeeper keys verify` finds nothing under it",
        named(&missing)
    );
    let wrong = wrong_keys(&db.read, &keyring).await.context(looking)?;
    anyhow::ensure!(
        wrong.is_empty(),
        "{} in {source} does not open what the database holds under that id: its bytes are others; put the right ones back",
        named(&wrong)
    );
    Ok(Some(keyring))
}

/// Makes `DATA_DIR/keyring` with a new key, readable by its owner alone.
pub(crate) fn make(config: &Config) -> anyhow::Result<Keyring> {
    let path = file(config);
    // Written beside and then named: whatever interrupts us, under its name there is a whole key or none.
    let beside = config.data_dir.join(format!("keyring.{}", entities::new_id()));
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
    let mut file = made.with_context(|| format!("{} cannot be made", beside.display()))?;
    writeln!(file, "{}", Keyring::generate("dev").expose_secret())?;
    file.sync_all()?;
    let named = std::fs::hard_link(&beside, &path);
    std::fs::remove_file(&beside)?;
    match named {
        // Somebody else was faster: then theirs is the ring.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("{} cannot be made", path.display()))
        }
        _ => find(config)?.with_context(|| format!("{} is gone again", path.display())),
    }
}

/// Where `dev` keeps its ring.
pub(crate) fn file(config: &Config) -> PathBuf {
    config.data_dir.join("keyring")
}

fn named(ids: &BTreeSet<String>) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!("{id:?}")).collect();
    format!("{} {}", if ids.len() == 1 { "key" } else { "keys" }, ids.join(", "))
}
