//! The schema, up and down.

use migration::{Migrator, MigratorTrait};

use crate::harness::Postgres;

#[tokio::test]
async fn every_migration_goes_up_down_and_up_again() {
    let postgres = Postgres::empty().await;
    let db = postgres.connect().await;

    Migrator::up(&db.write, None).await.expect("up");
    Migrator::down(&db.write, None).await.expect("down");
    Migrator::up(&db.write, None).await.expect("up again");

    assert!(Migrator::get_pending_migrations(&db.write).await.expect("status").is_empty());
}
