//! Stories that a user would tell: HTTP in, the real binary at work, HTTP out.

mod bench;
mod crossposts;
mod day;
mod expiry;
mod expiry_scan;
mod flood;
mod forgotten;
mod hashtags;
mod import;
mod incidents;
mod keys;
mod kill;
mod limited_account;
mod lost_queue;
mod mail_server;
mod main_job;
mod migration;
mod migration_outages;
pub(crate) mod operator;
mod plans;
mod runbook;
mod sealed_columns;
mod sealed_rows;
mod secrets;
mod signed;
mod traces;
