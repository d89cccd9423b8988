//! How the operator is reached, and by which mail server: `SLACK_WEBHOOK_URL`, `SMTP_URL`, `MAIL_FROM`, `OPERATOR_EMAIL`.

use anyhow::Context;
use secrecy::SecretString;
use worker::Operator;
use worker::mail::{Address, Mailer};
use worker::slack::Slack;

use super::{Config, Env};

/// Who writes, and to whom, where the mail server is the stand-in.
const PRETENDED: (&str, &str) = ("Feedkeeper <feedkeeper@example.com>", "operator@example.com");

/// What the environment says of it. The addresses of the webhook and of the mail server are secrets.
#[derive(Clone, Debug)]
pub(crate) struct Alerts {
    /// `SLACK_WEBHOOK_URL`.
    pub slack: Option<SecretString>,
    /// `SMTP_URL`.
    pub smtp: Option<SecretString>,
    /// `MAIL_FROM`.
    pub from: Option<Address>,
    /// `OPERATOR_EMAIL`.
    pub email: Option<Address>,
}

/// Where the stand-ins take messages.
#[derive(Clone, Debug)]
pub(crate) struct StandIns {
    /// The webhook.
    pub slack: String,
    /// The mail server.
    pub smtp: String,
}

impl Alerts {
    /// Reads it.
    pub(super) fn read(env: &Env) -> anyhow::Result<Self> {
        Ok(Self {
            slack: env.secret("SLACK_WEBHOOK_URL")?,
            smtp: env.secret("SMTP_URL")?,
            from: env.optional("MAIL_FROM")?,
            email: env.optional("OPERATOR_EMAIL")?,
        })
    }

    /// Puts the stand-ins where nothing is said. Nobody real is written to in their name.
    fn or(mut self, stand_ins: Option<&StandIns>) -> anyhow::Result<Self> {
        let Some(stand_ins) = stand_ins else { return Ok(self) };
        self.slack.get_or_insert_with(|| stand_ins.slack.clone().into());
        if self.smtp.is_none() {
            self.smtp = Some(stand_ins.smtp.clone().into());
            let (from, email) = PRETENDED;
            let parsed = |address: &str| address.parse().map_err(anyhow::Error::msg);
            self.from = Some(self.from.map_or_else(|| parsed(from), Ok)?);
            self.email = Some(self.email.map_or_else(|| parsed(email), Ok)?);
        }
        Ok(self)
    }

    /// Returns the client of the webhook.
    pub(crate) fn slack(&self) -> anyhow::Result<Option<Slack>> {
        self.slack.as_ref().map(Slack::new).transpose().context("SLACK_WEBHOOK_URL")
    }

    /// Returns the client of the mail server.
    pub(crate) fn mailer(&self) -> anyhow::Result<Option<Mailer>> {
        match (&self.smtp, &self.from) {
            (None, _) if self.email.is_some() => {
                anyhow::bail!("OPERATOR_EMAIL is set but SMTP_URL is not: say which server takes mail")
            }
            (None, _) => Ok(None),
            (Some(_), None) => {
                anyhow::bail!(
                    "SMTP_URL is set but MAIL_FROM is not: say who writes, such as `Feeds <feeds@example.com>`"
                )
            }
            (Some(url), Some(from)) => Mailer::new(url, from.clone()).map(Some).context("SMTP_URL"),
        }
    }
}

impl Config {
    /// Returns the mail server and how the operator is reached; `stand_ins` are for `dev`.
    pub(crate) fn operator(&self, stand_ins: Option<&StandIns>) -> anyhow::Result<(Option<Mailer>, Operator)> {
        let alerts = self.alerts.clone().or(stand_ins)?;
        Ok((alerts.mailer()?, Operator { slack: alerts.slack()?, email: alerts.email }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::StandIns;

    const WEBHOOK: (&str, &str) = ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T1/B1/hunter2");
    const SMTP: (&str, &str) = ("SMTP_URL", "smtps://u:hunter2@mail.example.com");
    const FROM: (&str, &str) = ("MAIL_FROM", "Feeds <feeds@example.com>");
    const EMAIL: (&str, &str) = ("OPERATOR_EMAIL", "ops@example.com");

    fn ways(vars: &[(&str, &str)], stand_ins: Option<&StandIns>) -> anyhow::Result<(bool, bool, Option<String>)> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (mailer, operator) = read(vars)?.operator(stand_ins)?;
        Ok((mailer.is_some(), operator.slack.is_some(), operator.email.map(|email| email.email())))
    }

    #[test]
    fn nothing_is_needed_and_all_can_be_said() {
        assert_eq!(ways(&[], None).expect("nothing"), (false, false, None));
        let all = ways(&[WEBHOOK, SMTP, FROM, EMAIL], None).expect("all");
        assert_eq!(all, (true, true, Some("ops@example.com".to_owned())));
    }

    #[test]
    fn dev_fills_the_gaps_with_stand_ins_and_writes_to_nobody_real() {
        let stand_ins = StandIns {
            slack: "http://127.0.0.1:3900/slack/services/T/B/x".into(),
            smtp: "smtp://127.0.0.1:3925".into(),
        };
        let ways = |vars| ways(vars, Some(&stand_ins)).expect("ways");
        assert_eq!(ways(&[]), (true, true, Some("operator@example.com".to_owned())));
        assert_eq!(ways(&[EMAIL]), (true, true, Some("ops@example.com".to_owned())));
        assert_eq!(ways(&[SMTP, FROM]), (true, true, None));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_without_a_secret() {
        for (vars, says) in [
            (&[SMTP][..], "SMTP_URL is set but MAIL_FROM is not"),
            (&[EMAIL], "OPERATOR_EMAIL is set but SMTP_URL is not"),
            (&[("MAIL_FROM", "feeds")], "MAIL_FROM=feeds: an address is such as"),
            (&[("SMTP_URL", "mail:hunter2"), FROM], "SMTP_URL: the mail server's address begins with"),
            (&[("SLACK_WEBHOOK_URL", "http://hooks.slack.com/hunter2")], "SLACK_WEBHOOK_URL: the webhook begins with"),
            (&[("SLACK_WEBHOOK_URL_FILE", "hunter2")], "SLACK_WEBHOOK_URL_FILE names no file"),
        ] {
            let error = format!("{:#}", ways(vars, None).expect_err(says));
            assert!(error.contains(says) && !error.contains("hunter2"), "{vars:?}: {error}");
        }
        let config = read(&[WEBHOOK, SMTP, FROM]).expect("a configuration");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
