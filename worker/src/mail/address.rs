//! An address that mail comes from or goes to, with the name that people read.

use std::fmt;
use std::str::FromStr;

use lettre::message::Mailbox;

/// Such as `ops@example.com` or `Feedkeeper <feeds@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub(super) Mailbox);

impl Address {
    /// Returns the part that servers go by, without the name.
    pub fn email(&self) -> String {
        self.0.email.to_string()
    }
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let has_line_end = text.contains(['\r', '\n']);
        let parsed = if has_line_end { None } else { text.trim().parse().ok() };
        parsed.map(Self).ok_or("an address is such as `ops@example.com` or `Feeds <feeds@example.com>`")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_read_with_its_name_or_without() {
        for (text, email) in [
            ("ops@example.com", "ops@example.com"),
            (" Feeds <feeds@example.com> ", "feeds@example.com"),
            ("\"Feeds, and more\" <feeds@example.com>", "feeds@example.com"),
        ] {
            assert_eq!(text.parse::<Address>().map(|address| address.email()), Ok(email.to_owned()), "{text}");
        }
        for text in ["", "ops", "@example.com", "a@b@c", "a@example.com\r\nBcc: b@example.com", "a@example.com, b@c.de"]
        {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
