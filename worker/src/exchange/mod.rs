//! The parts of `exchange_token`, each a subject of its own; the story is in [`crate::jobs::ExchangeToken`].

pub mod access;
mod choice;
mod input;
pub mod pages;
mod refusal;
mod request;
pub mod save;

pub use access::Access;
pub use choice::ChoiceError;
pub use input::{AppRef, Credential, Input};
pub use refusal::{PageOption, Refusal, Stop};
pub use request::Request;
pub use save::Connected;
