//! A mail, and how it is written down.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};

use super::{Address, Error};

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Address,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same, to be looked at.
    pub html: Option<String>,
    /// Names this mail, and stays the same if it is sent again: the part of `Message-ID` before `@`.
    pub name: String,
    /// When it is written.
    pub at: DateTime<Utc>,
}

/// A mail as it is handed over.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) from: lettre::Address,
    pub(super) to: lettre::Address,
    pub(super) text: Vec<u8>,
}

impl Mail {
    /// Writes it down. Everything is 7-bit, whatever the letters are.
    pub(super) fn write(&self, from: &Address) -> Result<Written, Error> {
        let unwritable = |error: lettre::error::Error| Error::Unwritable { why: error.to_string() };
        let (sender, recipient) = (from.0.email.clone(), self.to.0.email.clone());
        let builder = Message::builder()
            .from(from.0.clone())
            .to(self.to.0.clone())
            .subject(self.subject.replace(['\r', '\n'], " "))
            .date(SystemTime::from(self.at))
            .message_id(Some(format!("<{}@{}>", self.name, sender.domain())))
            // Nobody's out-of-office note shall answer.
            .header(AutoSubmitted);
        let message = match &self.html {
            None => builder.singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(self.text.clone())),
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(self.text.clone(), html.clone())),
        };
        Ok(Written { from: sender, to: recipient, text: message.map_err(unwritable)?.formatted() })
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
