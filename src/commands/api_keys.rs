//! `feedkeeper api-keys`: operators' keys, made, listed and revoked.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context;
use api::ApiKey;
use clap::Subcommand;
use entities::{Db, api_key};
use queue::clock::{Clock, SystemClock};
use sea_orm::EntityTrait;
use sea_orm::prelude::DateTimeUtc;

use super::{migrate, say};
use crate::config::{Auth, Config, Env};

/// The longest name.
const LONGEST_NAME: usize = 100;

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Makes a key that sees all, and shows it once
    Create {
        /// Who or what will have it
        #[arg(value_parser = name)]
        name: String,
    },
    /// Lists the keys: id, name, when it was made, in which hour it was last used, whether it serves
    List,
    /// Ends a key at once
    Revoke {
        /// The key's id, as `list` shows it
        id: String,
    },
}

/// Does it.
pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    let db = migrate::open_existing(&config).await?;
    match action {
        Action::Create { name } => create(&db, name).await,
        Action::List => list(&db).await,
        Action::Revoke { id } => revoke(&db, id).await,
    }
}

fn name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    match name {
        "" => Err("a key's name says who has it: it is not empty"),
        _ if name.len() > LONGEST_NAME => Err("a key's name has at most 100 bytes"),
        _ if name.chars().any(char::is_control) => Err("a key's name holds no control characters"),
        _ => Ok(name.to_owned()),
    }
}

async fn create(db: &Db, name: &str) -> anyhow::Result<()> {
    let key = ApiKey::generate();
    api_key::Entity::keep(&db.write, &key.id, name, key.secret_hash(), SystemClock.now()).await?;
    say(&key.expose());
    let told = "This key is shown once: only its hash is kept. Whoever has it sees everything; \
                `feedkeeper api-keys revoke` ends it.";
    // Whoever closed our stderr does not want to know.
    let _ = writeln!(std::io::stderr().lock(), "{told}");
    Ok(())
}

async fn list(db: &Db) -> anyhow::Result<()> {
    for key in api_key::Entity::all(&db.read).await? {
        let used = key
            .last_used_at
            .map_or_else(|| "never used".to_owned(), |at| format!("used in the hour of {}", minute(at)));
        let end = key.revoked_at.map_or_else(|| "active".to_owned(), |at| format!("revoked {}", minute(at)));
        say(&format!("{}\t{}\tmade {}\t{used}\t{end}", key.id, key.name, minute(key.created_at)));
    }
    Ok(())
}

async fn revoke(db: &Db, id: &str) -> anyhow::Result<()> {
    if api_key::Entity::revoke(&db.write, id, SystemClock.now()).await? {
        say(&format!("revoked {id}"));
        return Ok(());
    }
    // Not repeated: it may be a whole key that somebody pasted.
    let unknown = "there is no key of this id; `feedkeeper api-keys list` shows the ids";
    let key = api_key::Entity::find_by_id(id).one(&db.read).await?.context(unknown)?;
    say(&format!("revoked {} before", key.id));
    Ok(())
}

fn minute(at: DateTimeUtc) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_says_who_has_the_key() {
        assert_eq!(name(" billing "), Ok("billing".to_owned()));
        for bad in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
