//! The hashtags that accounts may still be used to ask for: which account is chosen, and the ledger that it is chosen by.

mod ledger;
mod room;

pub(crate) use ledger::{Credential, Place, Reserved, credential, reserve, wake_waiting};
