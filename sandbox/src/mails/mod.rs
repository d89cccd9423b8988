//! The mailbox: every mail that the SMTP server took, as it came and as people read it.

mod decode;
mod mime;

use serde::{Deserialize, Serialize};

use mime::Part;

/// A mail that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mail {
    /// When it arrived.
    pub(crate) at: String,
    /// Its author's address, of the header; of the envelope if there is none.
    pub(crate) from: String,
    /// The addresses that it was handed in for.
    pub(crate) to: Vec<String>,
    /// Its subject.
    pub(crate) subject: String,
    /// Its first plain text.
    pub(crate) text: Option<String>,
    /// Its first HTML.
    pub(crate) html: Option<String>,
    /// Its `Message-ID`.
    pub(crate) message_id: Option<String>,
    /// All of it, as it came; what is not UTF-8 is replaced.
    pub(crate) raw: String,
}

impl Mail {
    /// Reads a mail that came for these addresses.
    pub(crate) fn read(at: String, envelope_from: &str, to: Vec<String>, raw: &[u8]) -> Self {
        let mail = Part::read(raw);
        let header = |name: &str| mail.header(name).map(decode::words);
        let (mut text, mut html) = (None, None);
        mail.visit(&mut |kind, content| {
            let found = if kind == "text/html" { &mut html } else { &mut text };
            if kind == "text/html" || kind == "text/plain" {
                found.get_or_insert(content);
            }
        });
        Self {
            at,
            from: header("from").map_or_else(|| envelope_from.to_owned(), |from| address(&from).to_owned()),
            to,
            subject: header("subject").unwrap_or_default(),
            text,
            html,
            message_id: header("message-id"),
            raw: String::from_utf8_lossy(raw).into_owned(),
        }
    }
}

/// The address alone, of `Name <address>` or `<address>`.
pub(crate) fn address(text: &str) -> &str {
    let inside = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside);
    inside.unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::Mail;

    fn read(raw: &str) -> Mail {
        let raw = raw.replace('\n', "\r\n");
        Mail::read(String::new(), "bounce@example.com", vec!["to@example.com".to_owned()], raw.as_bytes())
    }

    #[test]
    fn a_plain_mail_is_its_text() {
        let mail = read("From: a@example.com\nSubject: Hello\n\nOne\nTwo\n");
        assert_eq!((mail.from.as_str(), mail.subject.as_str()), ("a@example.com", "Hello"));
        assert_eq!((mail.text.as_deref(), mail.html), (Some("One\r\nTwo\r\n"), None));
        assert!(mail.raw.starts_with("From: a@example.com\r\n"));
    }

    #[test]
    fn without_a_header_the_envelope_says_who_wrote_it() {
        assert_eq!(read("\nText\n").from, "bounce@example.com");
    }

    #[test]
    fn a_mail_with_both_texts_is_read_as_people_read_it() {
        let mail = read(
            "From: =?utf-8?b?RsO8ciBhbGxl?= <a@example.com>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_?=\n =?utf-8?q?aus?= Wien\n\
             Message-ID: <1@example.com>\nMIME-Version: 1.0\n\
             Content-Type: multipart/alternative;\n boundary=\"a b\"\n\npreamble\n--a b\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
             Sch=C3=B6n =\nlang\n--a b\nContent-Type: text/html; charset=iso-8859-1\n\
             Content-Transfer-Encoding: base64\n\nPHA+\nU2No9m48L3A+\n--a b--\nepilogue\n",
        );
        assert_eq!((mail.from.as_str(), mail.subject.as_str()), ("a@example.com", "Grüße aus Wien"));
        assert_eq!(mail.text.as_deref(), Some("Schön lang"));
        assert_eq!(mail.html.as_deref(), Some("<p>Schön</p>"));
        assert_eq!(mail.message_id.as_deref(), Some("<1@example.com>"));
    }
}
