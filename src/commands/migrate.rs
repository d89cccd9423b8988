//! `feedkeeper migrate`: the schema.

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use clap::ValueEnum;
use entities::{Db, DbOptions};
use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::DbErr;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use secrecy::ExposeSecret;

use super::say;
use crate::config::{Auth, Config, Env};

/// What to do with the schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Direction {
    /// Applies what is missing
    Up,
    /// Takes the last migration back
    Down,
    /// Lists the migrations
    Status,
}

/// Moves the schema, or says where it stands.
pub(crate) async fn run(env: &Env, direction: Direction) -> anyhow::Result<()> {
    // The schema concerns the database alone: no queue, no key.
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    // A large table's index takes as long as it takes.
    let options = DbOptions { statement_timeout: None, ..config.database };
    let db = match direction {
        Direction::Up => open_with(&config, options).await?,
        Direction::Down | Direction::Status => open_existing_with(&config, options).await?,
    };
    match direction {
        Direction::Up => Migrator::up(&db.write, None).await?,
        Direction::Down => Migrator::down(&db.write, Some(1)).await?,
        Direction::Status => {}
    }
    for migration in Migrator::get_migration_with_status(&db.write).await? {
        let word = match migration.status() {
            MigrationStatus::Applied => "applied",
            MigrationStatus::Pending => "pending",
        };
        say(&format!("{word} {}", migration.name()));
    }
    Ok(())
}

/// Refuses a schema that is not the one that this program was written for.
pub(crate) async fn check(db: &Db) -> anyhow::Result<()> {
    // Reads alone: a service's user of the database need not be able to make tables.
    let pending = match Migrator::get_pending_migrations_read_only(&db.write).await {
        Err(DbErr::Custom(text)) => {
            anyhow::bail!("the schema is newer than this program, which is to be renewed: {text}")
        }
        pending => pending.context("looking at the schema")?,
    };
    let Some(first) = pending.first() else { return Ok(()) };
    anyhow::bail!("the schema is not up to date, from {} on: run `feedkeeper migrate` first", first.name())
}

/// Opens the configured database; SQLite's file lies in `DATA_DIR` unless said otherwise.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Db> {
    open_with(config, config.database).await
}

/// Opens the database of a service, whose schema is whole. In a wrong folder an empty one would be made, and nobody would
/// be told.
pub(crate) async fn open_existing(config: &Config) -> anyhow::Result<Db> {
    let db = open_existing_with(config, config.database).await?;
    check(&db).await?;
    Ok(db)
}

async fn open_existing_with(config: &Config, options: DbOptions) -> anyhow::Result<Db> {
    if let Some(file) = file(config).filter(|file| !file.exists()) {
        let place = match config.database_url {
            Some(_) => format!("at DATABASE_URL: {} is not there", file.display()),
            None => format!("in DATA_DIR={}", config.data_dir.display()),
        };
        anyhow::bail!("there is no database {place}; name the service's own, or make one with `feedkeeper migrate`");
    }
    open_with(config, options).await
}

/// Returns the database's file, if it is one. A server's address is none, and may hold a password.
pub(crate) fn file(config: &Config) -> Option<PathBuf> {
    let url = url(config);
    let file = url.starts_with("sqlite:").then(|| SqliteConnectOptions::from_str(&url)).and_then(Result::ok)?;
    Some(file.get_filename().to_owned())
}

fn url(config: &Config) -> String {
    let configured = config.database_url.as_ref().map(|url| url.expose_secret().to_owned());
    configured.unwrap_or_else(|| sqlite_url(&config.data_dir.join("feedkeeper.db")))
}

async fn open_with(config: &Config, options: DbOptions) -> anyhow::Result<Db> {
    if config.database_url.is_none() {
        make_data_dir(config)?;
    }
    let url = url(config);
    Db::connect_with(&url, options).await.map_err(|error| {
        // The address may hold a password, and the driver's texts repeat it.
        anyhow::anyhow!("DATABASE_URL cannot be opened: {}", error.to_string().replace(&url, "…"))
    })
}

/// Makes `DATA_DIR` if it is missing. What lies in it concerns nobody else on this machine.
pub(crate) fn make_data_dir(config: &Config) -> anyhow::Result<()> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data_dir);
    made.with_context(|| format!("DATA_DIR={} cannot be made", config.data_dir.display()))
}

/// A path as an address: what means something in an address is written as what it is.
fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}", path.display().to_string().replace('%', "%25").replace('?', "%3F"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use entities::Db;

    use super::sqlite_url;

    #[tokio::test]
    async fn a_folder_may_have_any_name() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let odd = folder.path().join("a b?c%20d#e");
        std::fs::create_dir(&odd).expect("a folder");

        Db::connect(&sqlite_url(&odd.join("test.db"))).await.expect("a database");

        assert!(Path::new(&odd.join("test.db")).exists());
    }
}
