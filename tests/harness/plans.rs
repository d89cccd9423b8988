//! How the database means to go about a statement.

use entities::Db;
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};

/// Asks for the plan of a statement, line by line.
pub(crate) async fn plan(db: &Db, statement: &impl QueryTrait) -> String {
    let backend = db.read.get_database_backend();
    let (explain, column) = match backend {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        _ => ("EXPLAIN", "QUERY PLAN"),
    };
    let question = Statement::from_string(backend, format!("{explain} {}", statement.build(backend)));
    let lines = db.read.query_all_raw(question).await.expect("explained");
    lines.iter().map(|line| line.try_get("", column).expect("a line")).collect::<Vec<String>>().join("\n")
}
