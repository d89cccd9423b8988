//! The ways to the operator: whether the mail server lets us in, and whether Slack can be reached. Nothing is sent.

use worker::mail;

use super::{Finding, Subject};

/// Says how mail is.
pub(super) async fn check_mail(subject: &Subject) -> Vec<Finding> {
    let alerts = &subject.config.alerts;
    let mailer = match alerts.mailer() {
        Ok(mailer) => mailer,
        Err(error) => return vec![Finding::failed(&error)],
    };
    let Some(mailer) = mailer else {
        return vec![match (subject.is_deployed(), alerts.slack.is_some()) {
            (true, false) => Finding::warning(
                "neither SMTP_URL nor SLACK_WEBHOOK_URL is set: only the log is told of incidents, and nobody reads it in \
                 time",
            ),
            (true, true) => Finding::warning(
                "SMTP_URL is not set: nobody is told of incidents while Slack takes nothing; set it with MAIL_FROM and \
                 OPERATOR_EMAIL",
            ),
            (false, _) => Finding::nothing("SMTP_URL is not set; dev hands its mails to its stand-in"),
        }];
    };
    let server = mailer.server();
    let to = match &alerts.email {
        Some(email) => format!("the operator is {}", email.email()),
        None => "OPERATOR_EMAIL is not set, so that no alert goes by mail".to_owned(),
    };
    vec![match mailer.check().await {
        Ok(()) => Finding::good(format!("{server} lets us in; {to}; nothing was sent")),
        Err(error @ mail::Error::Shut { .. }) => Finding::bad(format!(
            "{server}: {error}; look at SMTP_URL: smtps:// is TLS from the first byte, smtp:// needs STARTTLS unless it says \
             `?tls=off`, and a user name and a password are written with percent signs"
        )),
        Err(error) => Finding::bad(format!("{server}: {error}; is SMTP_URL right, and is the port open from here?")),
    }]
}

/// Says how Slack is.
pub(super) async fn check_slack(subject: &Subject) -> Vec<Finding> {
    let slack = match subject.config.alerts.slack() {
        Ok(slack) => slack,
        Err(error) => return vec![Finding::failed(&error)],
    };
    let Some(slack) = slack else {
        return vec![Finding::nothing(if subject.is_deployed() {
            "SLACK_WEBHOOK_URL is not set: alerts go by mail, if they go"
        } else {
            "SLACK_WEBHOOK_URL is not set; dev tells its stand-in"
        })];
    };
    let host = slack.host();
    vec![match slack.reach().await {
        Ok(()) => {
            Finding::good(format!("{host} answers; whether it takes messages shows with the first one, at /readyz"))
        }
        Err(error) => {
            Finding::bad(format!("{host}: {error}; is SLACK_WEBHOOK_URL right, and may we go out from here?"))
        }
    }]
}
