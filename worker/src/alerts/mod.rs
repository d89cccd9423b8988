//! What the operator is told of incidents: when (`due`), in which words (`text`, `words`), and by which way (`delivery`).
//!
//! One message when an incident begins, one when it is over, and one a day about all that last. Slack is the first way;
//! mail is the second, when Slack is not set or takes nothing; without either the log is told.

pub(crate) mod delivery;
pub(crate) mod due;
pub(crate) mod text;
mod words;

#[cfg(test)]
mod text_tests;

use crate::mail::Address;
use crate::slack::Slack;

/// How the operator is reached.
#[derive(Clone, Debug, Default)]
pub struct Operator {
    /// `SLACK_WEBHOOK_URL`.
    pub slack: Option<Slack>,
    /// `OPERATOR_EMAIL`; it needs a mailer.
    pub email: Option<Address>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alert {
    /// Names it, and stays the same if it is sent again.
    pub(crate) name: String,
    /// Its first line.
    pub(crate) subject: String,
    /// The other lines.
    pub(crate) text: String,
}
