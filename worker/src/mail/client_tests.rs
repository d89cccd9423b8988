//! What is said to a mail server, and what each of its answers means.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::DateTime;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Error, Mail, Mailer, Step};

/// What the server says where it does as usual; a dot is the end of the text.
const USUAL: [(&str, &str); 8] = [
    ("", "220 here"),
    ("EHLO", "250-here\r\n250 8BITMIME"),
    ("MAIL", "250 ok"),
    ("RCPT", "250 ok"),
    ("DATA", "354 go on"),
    (".", "250 taken"),
    ("NOOP", "250 ok"),
    ("QUIT", "221 bye"),
];
/// The server ends the connection instead of an answer.
const GONE: &str = "";

/// A mail server that answers by a list, and remembers what it heard: each connection on its own.
struct StandIn {
    url: String,
    heard: Arc<Mutex<Vec<Vec<String>>>>,
}

impl StandIn {
    /// Starts one that does as usual but for these words.
    async fn with(unusual: &'static [(&'static str, &'static str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let all = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                all.lock().unwrap_or_else(PoisonError::into_inner).push(Vec::new());
                tokio::spawn(converse(stream, unusual, all.clone()));
            }
        });
        Self { url, heard }
    }

    fn mailer(&self) -> Mailer {
        mailer(&self.url)
    }

    /// What it heard on each connection, line by line.
    fn heard(&self) -> Vec<Vec<String>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn converse(
    stream: TcpStream,
    unusual: &'static [(&'static str, &'static str)],
    heard: Arc<Mutex<Vec<Vec<String>>>>,
) -> std::io::Result<()> {
    let connection = heard.lock().unwrap_or_else(PoisonError::into_inner).len() - 1;
    let mut stream = BufReader::new(stream);
    let (mut word, mut is_text) = (String::new(), false);
    loop {
        let answer = unusual.iter().chain(&USUAL).find(|(each, _)| *each == word).map_or("500 what?", |(_, said)| said);
        if answer == GONE {
            return Ok(());
        }
        if !is_text {
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
            is_text = answer.starts_with("354");
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        heard.lock().unwrap_or_else(PoisonError::into_inner)[connection].push(line.to_owned());
        is_text = is_text && line != ".";
        if !is_text {
            word = line.split([' ', ':']).next().unwrap_or_default().to_owned();
        }
    }
}

fn mailer(url: &str) -> Mailer {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Mailer::new(&url.to_owned().into(), "Füße <feeds@example.com>".parse().unwrap()).unwrap()
}

fn mail() -> Mail {
    Mail {
        to: "ops@example.com".parse().unwrap(),
        subject: "Größer\r\nBcc: everybody@example.com".into(),
        text: "Schön\n.\nend".into(),
        html: None,
        name: "began-1".into(),
        at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    }
}

#[tokio::test]
async fn a_mail_is_handed_over_in_seven_bits_and_its_name_stays() {
    let server = StandIn::with(&[]).await;

    server.mailer().send(&mail()).await.unwrap();

    let heard = &server.heard()[0];
    assert!(heard.contains(&"MAIL FROM:<feeds@example.com>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<ops@example.com>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"Message-ID: <began-1@example.com>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"Auto-Submitted: auto-generated".to_owned()), "{heard:?}");
    assert!(heard.contains(&"Date: Fri, 15 Jan 2027 08:00:00 +0000".to_owned()), "{heard:?}");
    assert!(heard.iter().all(|line| line.is_ascii() && !line.starts_with("Bcc")), "{heard:?}");
}

#[tokio::test]
async fn both_texts_are_sent_where_there_are_two() {
    let server = StandIn::with(&[]).await;
    let both = Mail { html: Some("<p>Schön</p>".into()), ..mail() };

    server.mailer().send(&both).await.unwrap();

    let heard = server.heard()[0].join("\n");
    assert!(heard.contains("multipart/alternative") && heard.contains("text/html"), "{heard}");
}

#[tokio::test]
async fn a_connection_serves_again_while_it_lives() {
    let (lives, dies) = (StandIn::with(&[]).await, StandIn::with(&[("NOOP", GONE)]).await);
    for (server, connections) in [(&lives, 1), (&dies, 3)] {
        let mailer = server.mailer();
        for _ in 0..3 {
            mailer.send(&mail()).await.unwrap();
        }
        assert_eq!(server.heard().len(), connections);
    }
}

#[tokio::test]
async fn each_answer_is_one_decision() {
    use Step::{Connection, Data, Message, Recipient, Sender};
    for (unusual, kind, at) in [
        (&[("", "421 later")][..], "transient", Some(Connection)),
        (&[("", "554 not you")], "shut", None),
        (&[("", GONE)], "transient", Some(Connection)),
        (&[("EHLO", "550 not you")], "shut", None),
        (&[("MAIL", "452 full")], "transient", Some(Sender)),
        (&[("MAIL", "553 not as him")], "refused", Some(Sender)),
        (&[("RCPT", "451 greylisted")], "transient", Some(Recipient)),
        (&[("RCPT", "550 nobody here")], "refused", Some(Recipient)),
        (&[("RCPT", GONE)], "transient", Some(Recipient)),
        (&[("MAIL", "530 5.7.0 log in first")], "shut", None),
        (&[("RCPT", "550 5.7.1 relaying denied")], "shut", None),
        (&[("RCPT", "550-5.1.1 nobody here,\r\n550 5.1.1 as we said")], "refused", Some(Recipient)),
        (&[("DATA", "554 5.7.1 not today")], "shut", None),
        (&[(".", "554 your quota is used up")], "shut", None),
        (&[("DATA", "421 leaving")], "transient", Some(Data)),
        (&[(".", "452 full")], "transient", Some(Message)),
        (&[(".", "554 spam")], "refused", Some(Message)),
        (&[(".", GONE)], "unknown", None),
    ] {
        let server = StandIn::with(unusual).await;
        let error = server.mailer().send(&mail()).await.unwrap_err();
        let step = match &error {
            Error::Transient { step, .. } | Error::Refused { step, .. } => Some(*step),
            _ => None,
        };
        assert_eq!((error.kind(), step), (kind, at), "{unusual:?}: {error}");
    }
}

#[tokio::test]
async fn nobody_answers_where_nobody_listens() {
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = mailer(&format!("smtp://{address}")).check().await.unwrap_err();
    assert_eq!(error.kind(), "transient");
}

#[tokio::test]
async fn without_tls_no_password_and_no_mail_is_sent_where_it_is_required() {
    let server = StandIn::with(&[]).await;
    let url = server.url.replace("smtp://", "smtp://name:hunter2@") + "?tls=required";

    let error = mailer(&url).send(&mail()).await.unwrap_err();

    assert_eq!(error.kind(), "shut", "{error}");
    let heard = server.heard()[0].join("\n");
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
    assert!(!format!("{error} {error:?} {:?}", mailer(&url)).contains("hunter2"));
}

#[tokio::test]
async fn a_login_that_is_refused_is_an_operators_work() {
    let server = StandIn::with(&[("EHLO", "250-here\r\n250 AUTH PLAIN"), ("AUTH", "535 wrong")]).await;
    let mailer = mailer(&server.url.replace("smtp://", "smtp://name:hunter2@"));

    let error = mailer.check().await.unwrap_err();

    assert_eq!(error.kind(), "shut", "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_check_sends_nothing() {
    let server = StandIn::with(&[]).await;
    server.mailer().check().await.unwrap();
    assert_eq!(server.heard(), [["EHLO [127.0.0.1]", "QUIT"]]);
}
