//! Moving old apps off the outlet, feed by feed: who takes part, what their rows say of it, and where each feed comes from.
//!
//! Four small pure functions decide all of it: [`Terms::offers`] (whether the move is offered), [`Kept::when_saved`] and
//! [`Kept::when_connected`] (what the row says), and [`source_of`] (who serves a feed).

mod blocker;
mod kept;
mod source;
#[cfg(test)]
mod table_tests;
mod terms;

pub use blocker::{Blocker, View};
pub use kept::Kept;
pub use source::source_of;
pub use terms::{AppTypes, Terms};
