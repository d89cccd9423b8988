//! The hashtags that accounts may still be used to ask for: which account is chosen, and the ledger that it is chosen by.

mod accounts;
mod learning;
mod ledger;
mod room;

pub(crate) use accounts::{Look, limited, limited_person, look, refused, wake, wake_next};
pub(crate) use learning::{keep_id, learn};
pub(crate) use ledger::{Place, Reserved, reserve, reserve_with};
pub(crate) use room::over_since;
