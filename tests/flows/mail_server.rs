//! A letter on its way to a real mail server.

use entities::email_delivery::{self, State};
use queue::Job;
use sea_orm::EntityTrait;
use worker::Context;
use worker::jobs::SendExpiryEmail;
use worker::mail::Mailer;

use crate::harness::World;
use crate::harness::exim::{Exim, LOGIN, PASSWORD, Queued};

/// Sends the letter that is due, twice, through the server at this address; returns what the ledger says and how it went.
async fn send(address: &str, to: &str) -> (email_delivery::Model, bool) {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", to).await;
    world.ends_in(&install.id, 3).await;
    let from = "Feeds <feeds@example.com>".parse().expect("an address");
    let mailer = Mailer::new(&address.to_owned().into(), from).expect("a mailer");
    let ctx = Context { mailer: Some(mailer), ..world.ctx.clone() };
    let job = SendExpiryEmail { install_id: install.id };
    let (first, second) = (job.perform(&ctx).await.is_ok(), job.perform(&ctx).await.is_ok());
    let mut rows = email_delivery::Entity::find().all(&ctx.db.read).await.expect("read");
    assert_eq!((rows.len(), first), (1, second), "it goes the second time as it went the first");
    (rows.remove(0), first)
}

/// The server's address under a name, with name and password.
fn address(scheme: &str, exim: &Exim, host: &str, tls: &str) -> String {
    let password = PASSWORD.replace('@', "%40").replace(' ', "%20");
    format!("{scheme}://{LOGIN}:{password}@{host}:{}{tls}", exim.port)
}

fn is_whole(mail: &Queued, row: &email_delivery::Model) {
    assert!(mail.head.contains(&format!("<{}@example.com>", row.message_id)), "{}", mail.head);
    assert!(mail.head.contains("multipart/alternative") && mail.head.contains("Auto-Submitted"), "{}", mail.head);
    assert!(mail.body.contains("text/plain") && mail.body.contains("text/html"), "{}", mail.body);
}

#[tokio::test]
async fn a_server_without_tls_takes_one_copy() {
    let exim = Exim::plain().await;

    let (row, _) = send(&format!("smtp://127.0.0.1:{}?tls=off", exim.port), "owner@example.com").await;

    let queue = exim.queue();
    assert_eq!((row.state, row.attempts, queue.len()), (State::Sent, 1, 1));
    is_whole(&queue[0], &row);
    assert!(queue[0].head.contains("with esmtp (") && queue[0].head.contains("owner@example.com"), "{}", queue[0].head);
}

#[tokio::test]
async fn a_server_that_wants_starttls_and_a_login_takes_one_copy() {
    let exim = Exim::closed().await;

    let (row, _) = send(&address("smtp", &exim, "127.0.0.1", "?tls=required"), "owner@example.com").await;

    let queue = exim.queue();
    assert_eq!((row.state, queue.len()), (State::Sent, 1), "{:?}", row.failure);
    is_whole(&queue[0], &row);
    assert!(queue[0].head.contains("with esmtpsa"), "over TLS, and logged in: {}", queue[0].head);
}

#[tokio::test]
async fn a_server_that_speaks_tls_from_the_first_byte_takes_one_copy() {
    let exim = Exim::closed_and_whole().await;

    let (row, _) = send(&address("smtps", &exim, "localhost", ""), "owner@example.com").await;

    let queue = exim.queue();
    assert_eq!((row.state, queue.len()), (State::Sent, 1), "{:?}", row.failure);
    assert!(queue[0].head.contains("with esmtpsa"), "{}", queue[0].head);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_but_on_this_machine() {
    // The machine answers there, but by an address that is none of its own.
    for (exim, scheme, tls) in
        [(Exim::closed().await, "smtp", "?tls=required"), (Exim::closed_and_whole().await, "smtps", "")]
    {
        let (row, went) = send(&address(scheme, &exim, "0.0.0.0", tls), "owner@example.com").await;

        assert_eq!((row.state, went, exim.queue().len()), (State::Planned, false, 0), "{scheme}");
        let why = row.failure.unwrap_or_default();
        assert!(why.contains("does not let us in") && why.contains("certificate"), "{scheme}: {why}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_person_who_is_not_there_are_told_apart() {
    let (closed, plain) = (Exim::closed().await, Exim::plain().await);

    let (shut, went) = send(&format!("smtp://{LOGIN}:wrong@127.0.0.1:{}", closed.port), "owner@example.com").await;
    let (refused, _) = send(&format!("smtp://127.0.0.1:{}?tls=off", plain.port), "nobody@example.com").await;

    assert_eq!((shut.state, went), (State::Planned, false), "the operator mends it, and then it goes out");
    assert_eq!(refused.state, State::Refused);
    assert!(refused.failure.as_deref().is_some_and(|why| why.contains("nobody lives here")), "{:?}", refused.failure);
    assert!(!shut.failure.unwrap_or_default().contains("wrong"), "no password is written down");
    assert_eq!((closed.queue().len(), plain.queue().len()), (0, 0));
}
