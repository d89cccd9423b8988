//! Meta's bad days: what fails for everybody, for one account, and for good.

mod connecting;
pub(crate) mod dead_tokens;
mod one_of_many;
pub(crate) mod story;
