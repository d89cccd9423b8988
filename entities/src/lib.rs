//! The tables: one file each, with its model, relations and named selects.
//!
//! | file | table | is |
//! |---|---|---|
//! | [`app`] | `apps` | one widget of one user on the host platform; `app_migration` says how far it has moved off the outlet, `app_progress` how far all have |
//! | [`install`] | `instagram_installs` | one connected Instagram account with its credentials; `install_end` says when it ends, and who is to be told |
//! | [`app_install`] | `instagram_apps` | which app uses which install |
//! | [`feed`] | `feeds` | one key of one source, with its cached body; `feed_account` says whose posts it holds, `feed_due` when it is due, `feed_demand` what cross-posts demand, `feed_pace` what that follows, `feed_wait` what wakes it, `feed_incident` which wait for the end of an incident |
//! | [`feed_app`] | `feed_apps` | which app asks for which feed |
//! | [`hashtag`] | `instagram_hashtags` | Meta's id of each hashtag |
//! | [`hashtag_refusal`] | `hashtag_refusals` | which accounts do not serve a hashtag's feed |
//! | [`hashtag_search`] | `hashtag_searches` | the ledger of hashtags per account |
//! | [`rollout`] | `rollouts` | who sees what is not for everybody yet |
//! | [`import`] | `imports` | how far a file of registrations was read |
//! | [`import_refusal`] | `import_refusals` | its lines that were refused |
//! | [`job_run`] | `job_runs` | a job that somebody polls; `job_run_about` is how it goes with what it is about |
//! | [`api_key`] | `api_keys` | an operator's key |
//! | [`throttle`] | `throttles` | a key that must not be called before a time |
//! | [`incident`] | `incidents` | a failure of one class in one scope, until it is proven over; `incident_alike` finds those alike, `incident_open` opens and closes one, `incident_told` notes what the operator was told of it, `incident_x` is about X |
//! | [`incident_install`] | `incident_installs` | which installs an incident has met |
//! | [`diagnosis`] | `diagnoses` | what was found out about an install's trouble |
//! | [`connect_link`] | `connect_links` | a link with which an owner connects one account again |
//! | [`deletion`] | `deletions` | what somebody wanted forgotten, and that it was; `deletion_rows` is how |
//! | [`email_delivery`] | `email_deliveries` | one mail about an install's end: to whom, about what, and what became of it; `email_delivery_plan` says which are to be sent, `email_delivery_sweep` how long they are kept |
//! | [`alert_channel`] | `alert_channels` | whether the ways to the operator work |
//! | [`used_token`] | `used_tokens` | a token that serves once, and has |
//! | [`crosspost`] | `crossposts` | an Instagram account whose new media are posted to an X account |
//! | [`crosspost_delivery`] | `crosspost_deliveries` | one media of a cross-post, and what became of it; `crosspost_steps` is how |
//! | [`x_account`] | `x_accounts` | one connected account on X with its tokens; `x_account_refresh` is how they are renewed |
//! | [`x_account_app`] | `x_account_apps` | which app posts to which account on X |
//!
//! Beside them: `db` with [`Db`] (how a connection is opened, how a transaction begins), [`seal`] (secrets at rest),
//! `feed_key` with [`FeedKey`] (what may name a feed), [`hashtag_account`] (whose account may ask), [`hashtag_waiting`] (who
//! waits for room), `id` with [`new_id`] and [`is_id`], `list` with [`StringList`] (a list in a column).

pub mod alert_channel;
pub mod api_key;
pub mod app;
pub mod app_install;
mod app_migration;
mod app_progress;
pub mod connect_link;
pub mod crosspost;
pub mod crosspost_delivery;
mod crosspost_steps;
mod db;
pub mod deletion;
mod deletion_rows;
pub mod diagnosis;
pub mod email_delivery;
mod email_delivery_plan;
mod email_delivery_sweep;
pub mod feed;
mod feed_account;
pub mod feed_app;
mod feed_demand;
mod feed_due;
mod feed_incident;
mod feed_key;
mod feed_pace;
mod feed_wait;
pub mod hashtag;
pub mod hashtag_account;
pub mod hashtag_refusal;
pub mod hashtag_search;
pub mod hashtag_waiting;
mod id;
pub mod import;
pub mod import_refusal;
pub mod incident;
mod incident_alike;
pub mod incident_install;
mod incident_open;
mod incident_told;
mod incident_x;
pub mod install;
mod install_end;
pub mod job_run;
mod job_run_about;
mod list;
pub mod rollout;
pub mod seal;
pub mod throttle;
pub mod used_token;
pub mod x_account;
pub mod x_account_app;
mod x_account_refresh;

pub use db::{Db, DbOptions};
pub use deletion_rows::Traces;
pub use feed_key::{FeedKey, FeedKeyError};
pub use id::{is_id, new_id, shown_id};
pub use list::StringList;
