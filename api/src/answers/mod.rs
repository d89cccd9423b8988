//! The shapes of answers. What the routes write themselves is written from these structs; what the work has written into
//! a row (a feed's body, a run's end) is passed on as it is, and its shape is told here for the document alone. The
//! tests hold every answer that they get to the document.

mod app;
mod crosspost;
mod deletion;
mod exchange;
mod feed;
mod health;
mod install;
mod job;
mod migration;
mod problem;
mod settings;
mod x_account;

pub(crate) use app::App;
pub(crate) use crosspost::{Crosspost, CrosspostOptions, CrosspostPage, CrosspostPreview, OtherMedia, PostToCome};
pub(crate) use deletion::DataDeletion;
pub(crate) use exchange::Brought;
pub(crate) use feed::{Feed, FeedPending, Freshness, FreshnessState, Source};
pub(crate) use health::{AlertsPart, DatabasePart, Live, Parts, QueuePart, Ready, Status};
pub(crate) use install::{Dependant, Install, InstallError, InstallPage, InstallState, Page, Undelivered, Verdict};
pub(crate) use job::{Accepted, Class, Job, JobState};
pub(crate) use migration::{Blocker, FeedSource, Migration};
pub(crate) use problem::ProblemBody;
pub(crate) use settings::{ConnectedAccount, FeedProblem, Settings};
pub(crate) use x_account::{XAccount, XAccountError, XAccountPage};
