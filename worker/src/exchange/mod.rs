//! The parts of `exchange_token`, each a subject of its own; the story is in [`crate::jobs::ExchangeToken`].

pub(crate) mod access;
mod begin;
mod choice;
mod input;
mod link;
pub(crate) mod pages;
mod refusal;
mod request;
pub(crate) mod save;
mod taken_away;

pub(crate) use access::Access;
pub(crate) use begin::{begin, deny, run_of};
pub use choice::ChoiceError;
pub use input::{AppRef, Credential};
pub(crate) use input::{Input, conceal, expose, keep, opened, sealed};
pub use link::{ConnectLink, Reconnect, Unopened, Written};
pub use refusal::PageOption;
pub(crate) use refusal::{Refusal, Stop};
pub use request::Request;
pub use taken_away::end_with_app;

pub use crate::graph::is_credential;
pub(crate) use save::Connected;
