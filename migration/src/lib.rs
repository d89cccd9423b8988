//! The schema, up and down, on SQLite and PostgreSQL. Knows no entity: a migration does not change when a model does.

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigrationStatus, MigratorTrait};

mod m20261121_000001_create_apps;
mod m20261121_000002_create_instagram_installs;
mod m20261121_000003_create_instagram_apps;
mod m20261121_000004_create_feeds;
mod m20261121_000005_create_job_runs;
mod m20261121_000006_create_instagram_hashtags;
mod m20261121_000007_create_hashtag_searches;
mod m20261121_000008_create_feed_apps;
mod m20261121_000009_create_api_keys;
mod m20261121_000010_create_used_tokens;
mod m20261121_000011_keep_why_feeds_wait;
mod m20261121_000012_order_due_feeds;
mod m20261121_000013_keep_since_when_feeds_wait;
mod m20261121_000014_create_throttles;
mod m20261121_000015_create_incidents;
mod m20261121_000016_create_diagnoses;
mod m20261121_000017_pace_feeds;
mod m20261121_000018_create_alert_channels;
mod m20261121_000019_keep_true_ends;
mod m20261121_000020_create_connect_links;
mod m20261121_000021_create_deletions;
mod m20261121_000022_create_rollouts;
mod m20261121_000023_create_imports;
mod m20261121_000024_create_x_accounts;
mod m20261121_000025_create_crossposts;
mod m20261121_000026_sweep_mails;
mod m20261121_000028_find_runs_by_what_they_are_about;
mod m20261121_000029_keep_whose_posts_feeds_hold;
mod m20261121_000030_count_what_x_leaves_open;

/// The ordered list of migrations.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_create_apps::Migration),
            Box::new(m20261121_000002_create_instagram_installs::Migration),
            Box::new(m20261121_000003_create_instagram_apps::Migration),
            Box::new(m20261121_000004_create_feeds::Migration),
            Box::new(m20261121_000005_create_job_runs::Migration),
            Box::new(m20261121_000006_create_instagram_hashtags::Migration),
            Box::new(m20261121_000007_create_hashtag_searches::Migration),
            Box::new(m20261121_000008_create_feed_apps::Migration),
            Box::new(m20261121_000009_create_api_keys::Migration),
            Box::new(m20261121_000010_create_used_tokens::Migration),
            Box::new(m20261121_000011_keep_why_feeds_wait::Migration),
            Box::new(m20261121_000012_order_due_feeds::Migration),
            Box::new(m20261121_000013_keep_since_when_feeds_wait::Migration),
            Box::new(m20261121_000014_create_throttles::Migration),
            Box::new(m20261121_000015_create_incidents::Migration),
            Box::new(m20261121_000016_create_diagnoses::Migration),
            Box::new(m20261121_000017_pace_feeds::Migration),
            Box::new(m20261121_000018_create_alert_channels::Migration),
            Box::new(m20261121_000019_keep_true_ends::Migration),
            Box::new(m20261121_000020_create_connect_links::Migration),
            Box::new(m20261121_000021_create_deletions::Migration),
            Box::new(m20261121_000022_create_rollouts::Migration),
            Box::new(m20261121_000023_create_imports::Migration),
            Box::new(m20261121_000024_create_x_accounts::Migration),
            Box::new(m20261121_000025_create_crossposts::Migration),
            Box::new(m20261121_000026_sweep_mails::Migration),
            Box::new(m20261121_000028_find_runs_by_what_they_are_about::Migration),
            Box::new(m20261121_000029_keep_whose_posts_feeds_hold::Migration),
            Box::new(m20261121_000030_count_what_x_leaves_open::Migration),
        ]
    }
}
