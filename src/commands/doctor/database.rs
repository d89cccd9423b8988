//! The database: reachable, of our schema, and with room.

use std::path::Path;

use entities::Db;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::{Finding, Subject};
use crate::commands::migrate;
use crate::config::Config;

/// A disk with less is soon full, and nothing can be written any more.
const LITTLE: u64 = 500 * MB;
/// With less, SQLite's log may not even fit for the next write.
const NONE: u64 = 50 * MB;
const MB: u64 = 1_000_000;

/// Opens the database. A file that is missing is not made: an empty one would say that all is well.
pub(super) async fn open(config: &Config) -> Result<Db, Finding> {
    if let Some(file) = migrate::file(config)
        && !file.exists()
    {
        let path = file.display();
        return Err(Finding::bad(format!("there is none at {path}: `feedkeeper migrate` makes it, and so does dev")));
    }
    migrate::open(config).await.map_err(|error| Finding::failed(&error))
}

/// Says how it is.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    let db = match &subject.db {
        Ok(db) => db,
        Err(finding) => return vec![finding.clone()],
    };
    if let Err(error) = db.ping().await {
        return vec![Finding::bad(format!("it does not answer: {error}"))];
    }
    let schema = match migrate::check(db).await {
        Ok(()) => Finding::good(format!("{} answers, its schema is up to date", name(db).await)),
        Err(error) => Finding::failed(&error),
    };
    let mut findings = vec![schema];
    if let Some(file) = migrate::file(&subject.config) {
        findings.push(check_journal(db).await);
        findings.push(room(&file));
    }
    findings
}

async fn name(db: &Db) -> String {
    match db.read.get_database_backend() {
        DatabaseBackend::Sqlite => "SQLite".to_owned(),
        backend => {
            let version = db.read.query_one_raw(Statement::from_string(backend, "SHOW server_version")).await;
            let version = version.ok().flatten().and_then(|row| row.try_get_by_index::<String>(0).ok());
            format!("PostgreSQL {}", version.unwrap_or_default()).trim_end().to_owned()
        }
    }
}

/// On SQLite: whether readers and the writer get along, and whether it can be written at all.
async fn check_journal(db: &Db) -> Finding {
    let asked = Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA journal_mode");
    let mode = db.write.query_one_raw(asked).await.ok().flatten();
    let mode = mode.and_then(|row| row.try_get_by_index::<String>(0).ok()).unwrap_or_default();
    let written = async { db.begin().await?.rollback().await };
    match written.await {
        Err(error) => {
            Finding::bad(format!("it cannot be written: {error}; look at the file's owner, and who holds it"))
        }
        Ok(()) if mode == "wal" => Finding::good("its journal is a write-ahead log, and it can be written"),
        Ok(()) => Finding::bad(format!(
            "its journal is `{mode}`, and a write-ahead log cannot be had: put DATA_DIR on a disk of this machine, not \
             on a network's"
        )),
    }
}

/// Says how much room the disk has.
fn room(file: &Path) -> Finding {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    match rustix::fs::statvfs(folder) {
        Ok(disk) => said(disk.f_bavail.saturating_mul(disk.f_frsize), folder),
        Err(error) => Finding::warning(format!("the disk below {} cannot be looked at: {error}", folder.display())),
    }
}

fn said(bytes: u64, folder: &Path) -> Finding {
    let says = format!("{} MB are free below {}", bytes / MB, folder.display());
    match bytes {
        ..NONE => Finding::bad(format!("{says}: make room, for nothing can be written on a full disk")),
        NONE..LITTLE => Finding::warning(format!("{says}: make room")),
        LITTLE.. => Finding::good(says),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Mark;
    use super::{MB, said};

    #[test]
    fn a_disk_that_is_nearly_full_is_spoken_of_before_it_is() {
        for (megabytes, mark) in [(49, Mark::Bad), (50, Mark::Warning), (499, Mark::Warning), (500, Mark::Good)] {
            assert_eq!(said(megabytes * MB, Path::new("/")).mark, mark, "{megabytes} MB");
        }
    }
}
