//! Where the rows of a run lie: in a folder that is removed, or in a database of its own that is dropped. What
//! `DATABASE_URL` names is never written to.

use std::path::Path;

use anyhow::Context;
use entities::{Db, DbOptions, new_id};
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::commands::bench::children::database_url;

/// Is a database with the schema and nothing else.
pub(super) struct Database {
    pub(super) name: &'static str,
    pub(super) db: Db,
    /// The server, and the name there.
    dropped: Option<(Url, String)>,
}

impl Database {
    /// Makes one in a folder.
    pub(super) async fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        let db = Db::connect(&database_url(folder)).await?;
        Migrator::up(&db.write, None).await?;
        Ok(Self { name: "sqlite", db, dropped: None })
    }

    /// Makes one beside the database that an address names.
    pub(super) async fn on_server(address: &SecretString, options: DbOptions) -> anyhow::Result<Self> {
        let server: Url = address.expose_secret().parse()?;
        let name = format!("feedkeeper_bench_{}", new_id());
        order(&server, &format!("CREATE DATABASE {name}")).await.context("the bench makes a database of its own")?;
        let mut url = server.clone();
        url.set_path(&name);
        let opened = async {
            let db = Db::connect_with(url.as_str(), options).await?;
            Migrator::up(&db.write, None).await?;
            anyhow::Ok(db)
        };
        match opened.await {
            Ok(db) => Ok(Self { name: "postgres", db, dropped: Some((server, name)) }),
            Err(error) => {
                drop_database(&server, &name).await?;
                Err(error)
            }
        }
    }

    /// Leaves nothing behind.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.db.read.close().await?;
        self.db.write.close().await?;
        match self.dropped {
            Some((server, name)) => drop_database(&server, &name).await,
            None => Ok(()),
        }
    }
}

async fn drop_database(server: &Url, name: &str) -> anyhow::Result<()> {
    order(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}

async fn order(server: &Url, statement: &str) -> anyhow::Result<()> {
    let options = DbOptions { connections: 2, ..DbOptions::default() };
    let db = Db::connect_with(server.as_str(), options).await.map_err(|error| {
        // The address may hold a password, and the driver's texts repeat it.
        anyhow::anyhow!("{}", error.to_string().replace(server.as_str(), "…"))
    })?;
    db.write.execute_unprepared(statement).await?;
    db.write.close().await?;
    Ok(())
}
