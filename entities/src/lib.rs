//! The tables: one file each, with its model, relations and named selects.
//!
//! | file | table | is |
//! |---|---|---|
//! | [`app`] | `apps` | one widget of one user on the host platform |
//! | [`install`] | `instagram_installs` | one connected Instagram account with its credentials |
//! | [`app_install`] | `instagram_apps` | which app uses which install |
//! | [`feed`] | `feeds` | one key of one source, with its cached body |
//! | [`job_run`] | `job_runs` | a job that somebody polls |
//!
//! Beside them: [`Db`] (how a connection is opened, how a transaction begins), [`seal`]
//! (secrets at rest), [`FeedKey`] (what may name a feed) and [`new_id`].

pub mod app;
pub mod app_install;
mod db;
pub mod feed;
mod feed_key;
mod id;
pub mod install;
pub mod job_run;
mod list;
pub mod seal;

pub use db::Db;
pub use feed_key::{FeedKey, FeedKeyError};
pub use id::new_id;
pub use list::StringList;
