//! The mail server: what it takes, how it refuses, and what the mailbox shows of it.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::stand::Stand;

/// A mail client.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(stand: &Stand) -> (Self, String) {
        let mut client = Self(BufReader::new(TcpStream::connect(stand.smtp).await.unwrap()));
        let greeting = client.reply().await;
        (client, greeting)
    }

    /// Reads a reply to its last line; empty if the connection has ended.
    async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let start = reply.len();
            if self.0.read_line(&mut reply).await.unwrap_or(0) == 0 || reply[start..].chars().nth(3) != Some('-') {
                return reply;
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.reply().await
    }

    /// Sends a mail; returns the replies to the envelope and to the text.
    async fn send(&mut self, to: &[&str], text: &str) -> Vec<String> {
        let mut replies = vec![self.say("MAIL FROM:<feeds@example.com> SIZE=9").await];
        for to in to {
            replies.push(self.say(&format!("RCPT TO:<{to}>")).await);
        }
        replies.push(self.say("DATA").await);
        if replies.last().is_some_and(|reply| reply.starts_with("354")) {
            replies.push(self.say(&format!("{text}\r\n.")).await);
        }
        replies
    }
}

fn codes(replies: &[String]) -> Vec<&str> {
    replies.iter().map(|reply| reply.get(..3).unwrap_or("")).collect()
}

async fn fault(stand: &Stand, matching: Value, mut fault: Value) {
    fault["match"] = matching;
    let put = stand.call(Method::PUT, "/_sandbox/faults/mail", Some(fault)).await;
    assert_eq!(put.status, 200, "{}", put.text());
}

async fn mails(stand: &Stand) -> Vec<Value> {
    stand.get("/_sandbox/mails").await.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_mail_is_taken_and_read() {
    let stand = Stand::start().await;
    let (mut client, greeting) = Client::connect(&stand).await;
    assert!(greeting.starts_with("220 "), "{greeting}");
    assert!(client.say("EHLO test").await.contains("250-8BITMIME\r\n"));

    let text = "From: Feeds <feeds@example.com>\r\nSubject: Hello\r\n\r\nOne\r\n..two";
    let replies = client.send(&["a@example.com", "b@example.com"], text).await;

    assert_eq!(codes(&replies), ["250", "250", "250", "354", "250"]);
    assert!(client.say("QUIT").await.starts_with("221"));
    assert_eq!(client.reply().await, "");
    let mails = mails(&stand).await;
    assert_eq!(mails.len(), 1);
    assert_eq!((&mails[0]["from"], &mails[0]["subject"]), (&json!("feeds@example.com"), &json!("Hello")));
    assert_eq!(mails[0]["to"], json!(["a@example.com", "b@example.com"]));
    assert_eq!((&mails[0]["text"], &mails[0]["html"]), (&json!("One\r\n.two\r\n"), &json!(null)));
    assert!(mails[0]["raw"].as_str().unwrap().starts_with("From: Feeds"));
    let told = stand.get("/_sandbox/smtp").await.json();
    assert_eq!(told["url"], format!("smtp://{}", stand.smtp));
    assert!(stand.get("/_sandbox/calls").await.json().as_array().unwrap().is_empty(), "mail is no call");
}

#[tokio::test]
async fn the_order_is_kept() {
    let stand = Stand::start().await;
    let (mut client, _) = Client::connect(&stand).await;

    for (line, code) in [
        ("RCPT TO:<a@example.com>", "503"),
        ("MAIL FROM:feeds", "501"),
        ("MAIL FROM:<>", "250"),
        ("RCPT TO:<nobody>", "501"),
        ("DATA", "503"),
        ("RCPT TO:<a@example.com>", "250"),
        ("RSET", "250"),
        ("RCPT TO:<a@example.com>", "503"),
        ("STARTTLS", "500"),
        ("NOOP", "250"),
    ] {
        assert_eq!(&client.say(line).await[..3], code, "{line}");
    }
    assert!(mails(&stand).await.is_empty());
}

#[tokio::test]
async fn each_step_can_be_refused() {
    let stand = Stand::start().await;
    for (step, code, expected) in [
        ("/smtp/mail", 451, &["451", "503", "503"][..]),
        ("/smtp/rcpt/a@", 550, &["250", "550", "503"]),
        ("/smtp/data", 452, &["250", "250", "452"]),
        ("/smtp/message", 554, &["250", "250", "354", "554"]),
        ("/smtp/rcpt", 421, &["250", "421", ""]),
    ] {
        let (mut client, _) = Client::connect(&stand).await;
        let answer = json!({ "answer": { "status": code, "body": "not now" }, "times": 1 });
        fault(&stand, json!({ "path_contains": step }), answer).await;

        let replies = client.send(&["a@example.com"], "\r\nText").await;

        assert_eq!(codes(&replies), expected, "{step}");
        assert!(replies.iter().any(|reply| reply.ends_with(" not now\r\n")), "{replies:?}");
    }
    assert!(mails(&stand).await.is_empty());
    let all = json!({ "answer": { "status": 421, "body": "closed" }, "times": 1 });
    fault(&stand, json!({ "service": "smtp" }), all).await;
    assert_eq!(Client::connect(&stand).await.1, "421 closed\r\n");
}

#[tokio::test]
async fn the_answer_about_a_mail_that_was_taken_can_be_lost() {
    let stand = Stand::start().await;
    for (applied, taken) in [(false, 0), (true, 1)] {
        let (mut client, _) = Client::connect(&stand).await;
        let drop = json!({ "drop": true, "applied": applied, "times": 1 });
        fault(&stand, json!({ "path_contains": "/smtp/message" }), drop).await;

        let replies = client.send(&["a@example.com"], "\r\nText").await;

        assert_eq!(codes(&replies), ["250", "250", "354", ""]);
        assert_eq!(mails(&stand).await.len(), taken);
    }
}

#[tokio::test]
async fn a_fault_that_says_nothing_of_mail_leaves_it_alone() {
    let stand = Stand::start().await;
    fault(&stand, json!({}), json!({ "drop": true })).await;

    let (mut client, _) = Client::connect(&stand).await;

    assert_eq!(codes(&client.send(&["a@example.com"], "\r\nText").await), ["250", "250", "354", "250"]);
}

#[tokio::test]
async fn mails_outlive_a_crash_and_can_be_forgotten() {
    let stand = Stand::start().await;
    Client::connect(&stand).await.0.send(&["a@example.com"], "Subject: kept\r\n\r\nText").await;

    let stand = stand.crash().await;

    assert_eq!(mails(&stand).await[0]["subject"], "kept");
    stand.call(Method::DELETE, "/_sandbox/mails", None).await;
    assert!(mails(&stand).await.is_empty());
}
