//! `feedkeeper migrate`: the schema.

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use entities::{Db, DbOptions};
use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::DbErr;
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
    let db = open_with(&config, DbOptions { statement_timeout: None, ..config.database }).await?;
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

async fn open_with(config: &Config, options: DbOptions) -> anyhow::Result<Db> {
    let url = if let Some(url) = &config.database_url {
        url.expose_secret().to_owned()
    } else {
        make_data_dir(config)?;
        sqlite_url(&config.data_dir.join("feedkeeper.db"))
    };
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
