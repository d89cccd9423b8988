//! How a page is sent to somebody else: by its link, or as a mail that says the same.

use crate::languages::{Language, Service, Told};

/// What is sent.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The page's address, where it has one that others may open.
    pub link: Option<String>,
    /// A mail's subject.
    pub subject: String,
    /// A mail's text.
    pub text: String,
}

impl Sent {
    /// Says why something did not work, to somebody else.
    pub(crate) fn new(l: &Language, service: Service, told: &Told, link: Option<String>) -> Self {
        let Told { title, message, advice } = told;
        let what_to_do = l.general.what_to_do;
        let mut text = format!("{title}\r\n\r\n{message}\r\n\r\n{what_to_do}: {advice}\r\n");
        if let Some(link) = &link {
            text = format!("{text}\r\n{link}\r\n");
        }
        Self { link, subject: (l.sending.subject)(service), text }
    }
}
