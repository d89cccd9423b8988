//! Accounts on X: how one is connected, and how its pair of tokens is kept alive. Nothing here asks how Instagram is.
//!
//! | file | is |
//! |---|---|
//! | `access` | what calls for an account are made with |
//! | `refresh` | one turn at renewing a pair |
//! | `verdict` | what a turn that brought nothing means: pure |
//! | `trouble` | what the operator is told: incidents of X |
//! | `input`, `request`, `save`, `refusal` | the parts of `exchange_x_code` |
//! | `revoke` | tokens that are to serve no more |

mod access;
mod input;
mod refresh;
mod refusal;
mod request;
mod revoke;
mod save;
pub(crate) mod trouble;
mod verdict;

pub(crate) use access::{Access, Granted, access, doubt};
pub(crate) use input::{Credential, Input, Pair};
pub(crate) use refresh::renew;
pub(crate) use refusal::{Refusal, Stop};
pub use request::Request;
pub(crate) use revoke::{Tokens, Written, give_back, revoke};
pub(crate) use save::connection;
