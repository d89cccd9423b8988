//! A real PostgreSQL, where `tests/run` has started one: each test gets a database of its own, copied from one that has
//! the schema. Without it the same tests run on SQLite.

use std::sync::{Mutex, PoisonError};

use entities::{Db, DbOptions, new_id};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::sync::OnceCell;
use url::Url;

use super::within_reason;

/// Connections of one test: as many tests as a large machine has cores stay below what a server allows.
const CONNECTIONS: u32 = 5;

/// The database that has the schema and nothing else: made once.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
/// Databases whose tests have ended; the next test to start drops them.
static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A test's own database.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub url: Url,
    server: Url,
    name: String,
}

impl Postgres {
    /// Makes a database with the schema; `None` where no server was named.
    pub(crate) async fn start() -> Option<Self> {
        let server = server()?;
        let template = TEMPLATE.get_or_init(|| template(&server)).await;
        let name = new_name();
        let mut statements = vec![format!("CREATE DATABASE {name} TEMPLATE {template}")];
        let ended = std::mem::take(&mut *ENDED.lock().unwrap_or_else(PoisonError::into_inner));
        statements.extend(ended.iter().map(|name| format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        order(&server, &statements).await;
        Some(Self { url: database(&server, &name), server, name })
    }

    /// Whether this pass is one on PostgreSQL.
    pub(crate) fn is_named() -> bool {
        server().is_some()
    }

    /// Makes an empty database, without the schema.
    pub(crate) async fn empty() -> Self {
        let server = server().expect(NEEDED);
        let name = new_name();
        order(&server, &[format!("CREATE DATABASE {name}")]).await;
        Self { url: database(&server, &name), server, name }
    }

    /// Makes a database with the schema on a server of the caller's.
    pub(crate) async fn on(server: &Url) -> Self {
        let name = template(server).await;
        Self { url: database(server, &name), server: server.clone(), name }
    }

    /// Opens it, with few connections.
    pub(crate) async fn connect(&self) -> Db {
        connect(&self.url, CONNECTIONS).await
    }

    /// Breaks every connection to it, as a failover does; returns how many there were.
    pub(crate) async fn break_connections(&self) -> usize {
        self.activity("pg_terminate_backend(pid)", "true").await
    }

    /// Admits new connections to it, or breaks those that there are and admits none.
    pub(crate) async fn admit(&self, admit: bool) {
        order(&self.server, &[format!("ALTER DATABASE {} ALLOW_CONNECTIONS {admit}", self.name)]).await;
        if !admit {
            self.break_connections().await;
        }
    }

    /// Waits until somebody waits for a lock.
    pub(crate) async fn wait_for_a_blocked_one(&self) {
        within_reason(async { while self.activity("pid", "wait_event_type = 'Lock'").await == 0 {} }).await;
    }

    /// Asks about its connections from outside; returns how many there are of a kind.
    async fn activity(&self, what: &str, kind: &str) -> usize {
        let sql = format!("SELECT {what} FROM pg_stat_activity WHERE datname = '{}' AND {kind}", self.name);
        let db = connect(&self.server, 1).await;
        let rows = db.read.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("answered");
        db.write.close().await.expect("closed");
        rows.len()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        ENDED.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.name));
    }
}

/// What a test says that makes no sense without a server.
pub(crate) const NEEDED: &str = "TEST_DATABASE_URL names a PostgreSQL: run tests/run, or leave `postgres::` out";

/// Where the server is, if there is one.
#[expect(clippy::disallowed_methods, reason = "the one thing that the tests are told from outside")]
fn server() -> Option<Url> {
    let url = std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())?;
    Some(url.parse().expect("TEST_DATABASE_URL is an address"))
}

/// Names no database twice.
fn new_name() -> String {
    format!("feedkeeper_test_{}", new_id())
}

fn database(server: &Url, name: &str) -> Url {
    let mut url = server.clone();
    url.set_path(name);
    url
}

async fn connect(url: &Url, connections: u32) -> Db {
    let options = DbOptions { connections, ..DbOptions::default() };
    Db::connect_with(url.as_str(), options).await.expect("the server answers")
}

/// Makes the database that the others are copied from. Nobody may be connected to it then.
async fn template(server: &Url) -> String {
    let name = new_name();
    order(server, &[format!("CREATE DATABASE {name}")]).await;
    let db = connect(&database(server, &name), 1).await;
    Migrator::up(&db.write, None).await.expect("a schema");
    db.write.close().await.expect("closed");
    name
}

async fn order(server: &Url, statements: &[String]) {
    let db = connect(server, 1).await;
    for statement in statements {
        db.write.execute_unprepared(statement).await.expect("the server does as it is told");
    }
    db.write.close().await.expect("closed");
}
