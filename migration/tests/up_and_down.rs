//! Every migration goes up, down and up again on an empty database.

use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{ConnectOptions, Database};

#[tokio::test]
async fn every_migration_goes_up_down_and_up_again() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.expect("a database in memory");

    Migrator::up(&db, None).await.expect("up");
    Migrator::down(&db, None).await.expect("down");
    Migrator::up(&db, None).await.expect("up again");

    assert!(Migrator::get_pending_migrations(&db).await.expect("status").is_empty());
}
