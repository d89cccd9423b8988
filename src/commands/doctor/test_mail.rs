//! A mail that is sent because somebody asked for it: whether the server takes one from us. Whether it arrives is seen in the
//! mailbox alone.

use entities::new_id;
use queue::clock::{Clock, SystemClock};
use worker::mail::{Address, Mail};

use super::{Finding, Recipient, Subject};

const TEXT: &str = "This is the mail that `feedkeeper doctor --mail` was asked for. That you read it means that owners \
                    and operators can be written to.\n";

/// Sends it, where it is wanted.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    match &subject.test_mail {
        None => Vec::new(),
        Some(recipient) => vec![send(subject, recipient).await],
    }
}

async fn send(subject: &Subject, recipient: &Recipient) -> Finding {
    let alerts = &subject.config.alerts;
    let to: Address = match recipient {
        Recipient::Operator => match &alerts.email {
            Some(email) => email.clone(),
            None => return Finding::bad("OPERATOR_EMAIL is not set: say whom it goes to, as `--mail ops@example.com`"),
        },
        Recipient::Named(to) => match to.parse() {
            Ok(to) => to,
            Err(fix) => return Finding::bad(format!("--mail: {fix}")),
        },
    };
    let mailer = match alerts.mailer() {
        Ok(Some(mailer)) => mailer,
        Ok(None) => return Finding::bad("SMTP_URL is not set: there is no server to hand a mail to"),
        Err(error) => return Finding::failed(&error),
    };
    let mail = Mail {
        to: to.clone(),
        subject: "A test mail of Feedkeeper".to_owned(),
        text: TEXT.to_owned(),
        html: None,
        name: format!("test-{}", new_id()),
        at: SystemClock.now(),
    };
    match mailer.send(&mail).await {
        Ok(()) => Finding::good(format!("{} has it; look into the mailbox of {}", mailer.server(), to.email())),
        Err(error) => Finding::bad(format!("{}: {error}", mailer.server())),
    }
}
