//! One mail about an install's end, and its row in the ledger.
//!
//! 1. The server is asked whether it takes the mail for this recipient: until then nothing has happened.
//! 2. The row says `sending`, and that is committed: from here on it may have been taken.
//! 3. The text is handed over, and the row says what became of it, in one commit with the install's own note.
//!
//! Whoever finds a row that says `sending` is behind a crash between 2 and 3: nobody knows, and it is not sent again.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entities::email_delivery::{self, About, Model, State};
use entities::install;
use metrics::counter;
use queue::JobError;
use sea_orm::{DatabaseTransaction, DbErr};
use secrecy::ExposeSecret;

use super::recipients::Recipient;
use crate::Context;
use crate::exchange::ConnectLink;
use crate::letters::{self, Facts};
use crate::mail::{Address, Error, Mail, Mailer, Step};

/// What is kept of a mail that a crash left behind.
const LEFT_BEHIND: &str = "the process ended before it was known whether the server took it";
/// When a mail is tried again that was not taken for now: greylisting passes within minutes. The last one repeats.
const AGAIN: [u64; 5] = [5, 10, 20, 40, 60];
/// When a server is tried again that does not let us in: that is an operator's work.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// When a mail may be planned again that was refused for good: at the next day's look.
const REFUSED_FOR: TimeDelta = TimeDelta::hours(20);

/// What is sent, and by what.
pub(crate) struct Post<'a> {
    pub mailer: &'a Mailer,
    /// Where links lead.
    pub public_url: &'a str,
    pub install: &'a install::Model,
    pub about: About<'a>,
}

/// What became of an attempt at a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing more becomes of it.
    Settled,
    /// It is tried again.
    Later(Duration),
    /// Nobody is to be told any more: the owner has connected anew.
    Over,
}

/// A mail that was written down, or why it is not.
enum Written {
    Mail(Mail),
    /// It cannot be.
    Not(&'static str),
    /// Nobody is to be told any more.
    Over,
}

impl Post<'_> {
    /// Plans a mail to each of them, unless it is planned or settled already, and anew what was refused a day ago; returns
    /// what is planned.
    pub(crate) async fn plan(&self, ctx: &Context, recipients: &[Recipient]) -> Result<Vec<Model>, JobError> {
        let tx = ctx.db.begin().await?;
        let now = ctx.now();
        // Whoever was forgotten meanwhile stays forgotten.
        if self.current(&tx).await?.is_none() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        // Whoever does not depend on it any more is not told, and whoever was told that it is over is not told again.
        let told = email_delivery::Entity::told_otherwise(&tx, &self.about).await?;
        let untold: Vec<_> = recipients.iter().filter(|recipient| !told.contains(&recipient.key)).collect();
        let keys = || untold.iter().map(|recipient| recipient.key.as_str());
        email_delivery::Entity::forget_planned(&tx, &self.about, keys()).await?;
        email_delivery::Entity::plan_again(&tx, &self.about, keys(), now - REFUSED_FOR).await?;
        for recipient in &untold {
            let language = recipient.language.as_deref();
            email_delivery::Entity::plan(&tx, &self.about, &recipient.key, language, now).await?;
        }
        let rows = email_delivery::Entity::about(&tx, &self.about).await?;
        note_mailed(&tx, &self.about, now).await?;
        tx.commit().await?;
        Ok(rows.into_iter().filter(|row| row.state == State::Planned).collect())
    }

    /// Sends a planned mail.
    pub(crate) async fn send(&self, ctx: &Context, row: &Model, to: &Recipient) -> Result<Outcome, JobError> {
        let mail = match self.write(ctx, row, to).await? {
            Written::Mail(mail) => mail,
            Written::Not(why) => return self.refuse(ctx, row, why).await,
            Written::Over => return Ok(Outcome::Over),
        };
        let envelope = match self.mailer.open(&mail).await {
            Ok(envelope) => envelope,
            Err(error) => return self.not_taken(ctx, row, &error).await,
        };
        if !self.take(ctx, row).await? {
            return Ok(Outcome::Over);
        }
        let attempt = (row.id.as_str(), row.attempts + 1);
        let Err(error) = envelope.hand_over().await else {
            self.end(ctx, attempt, State::Sent, None).await?;
            tracing::info!(id = row.id, stage = row.stage.as_str(), install_id = row.install_id, "an owner was mailed");
            return Ok(Outcome::Settled);
        };
        tracing::warn!(id = row.id, %error, "a mail was not taken, or is not known to be");
        let (state, outcome) = match &error {
            Error::Unknown { .. } => (State::Unknown, Outcome::Settled),
            Error::Refused { .. } | Error::Unwritable { .. } => (State::Refused, Outcome::Settled),
            Error::Transient { .. } | Error::Shut { .. } => (State::Planned, later(&error, row)),
        };
        self.end(ctx, attempt, state, Some(&error.to_string())).await?;
        Ok(outcome)
    }

    /// Writes the mail down, with its link; or says why it cannot be.
    async fn write(&self, ctx: &Context, row: &Model, to: &Recipient) -> Result<Written, JobError> {
        let Ok(address) = to.address.parse::<Address>() else { return Ok(Written::Not("it is no address")) };
        let Some(app) = to.apps.first() else { return Ok(Written::Not("nothing depends on it any more")) };
        let (install, now) = (self.install, ctx.now());
        let tx = ctx.db.begin().await?;
        if self.current(&tx).await?.is_none() {
            tx.rollback().await?;
            return Ok(Written::Over);
        }
        // Tried again, it is the same link.
        let link = ConnectLink::write(&tx, &ctx.keyring, &row.id, (install, &app.app_id), now).await?;
        tx.commit().await?;
        let facts = Facts {
            account: install.instagram_account.clone(),
            page: install.page_name.clone(),
            sites: letters::sites(&to.apps),
            ends_at: install.ends_at(),
            is_estimate: install.is_end_estimated(),
            link: format!("{}/connect/{}", self.public_url, link.text.expose_secret()),
            link_ends_at: link.ends_at,
            now,
        };
        let stage = letters::Stage::of(row.stage, install.killed);
        let letter = letters::write(stage, row.language.as_deref(), &facts).map_err(JobError::dead)?;
        let (subject, text, html) = (letter.subject, letter.text, Some(letter.html));
        Ok(Written::Mail(Mail { to: address, subject, text, html, name: row.message_id.clone(), at: now }))
    }

    /// Commits that the mail may be taken from now on; `false` if nobody is to be told any more, or somebody else tells.
    async fn take(&self, ctx: &Context, row: &Model) -> Result<bool, JobError> {
        let tx = ctx.db.begin().await?;
        let now = ctx.now();
        let due = self.current(&tx).await?.and_then(|current| current.mail_due(now, ctx.owners.soon(now)));
        let is_taken = due == Some(self.about.stage) && email_delivery::Entity::take(&tx, &row.id, now).await?;
        tx.commit().await?;
        Ok(is_taken)
    }

    /// The install, if it has this credential still; locked, as a reconnect locks it.
    async fn current(&self, tx: &DatabaseTransaction) -> Result<Option<install::Model>, JobError> {
        let current = install::Entity::lock(tx, self.about.install_id).await?;
        Ok(current.filter(|current| current.generation == self.about.generation))
    }

    /// Keeps that the server does not want it before it was handed over: nothing has happened.
    async fn not_taken(&self, ctx: &Context, row: &Model, error: &Error) -> Result<Outcome, JobError> {
        tracing::warn!(id = row.id, %error, "a mail is not taken");
        let is_his = !matches!(error, Error::Refused { step: Step::Sender | Step::Connection, .. });
        if matches!(error, Error::Refused { .. } | Error::Unwritable { .. }) && is_his {
            return self.refuse(ctx, row, &error.to_string()).await;
        }
        email_delivery::Entity::note_failure(&ctx.db.write, &row.id, &error.to_string()).await?;
        count(&self.about, "later");
        Ok(later(error, row))
    }

    async fn refuse(&self, ctx: &Context, row: &Model, why: &str) -> Result<Outcome, JobError> {
        let tx = ctx.db.begin().await?;
        let now = ctx.now();
        self.current(&tx).await?;
        email_delivery::Entity::refuse(&tx, &row.id, why, now).await?;
        note_mailed(&tx, &self.about, now).await?;
        tx.commit().await?;
        count(&self.about, State::Refused.as_str());
        Ok(Outcome::Settled)
    }

    async fn end(
        &self,
        ctx: &Context,
        attempt: (&str, i32),
        state: State,
        failure: Option<&str>,
    ) -> Result<(), JobError> {
        end(ctx, &self.about, attempt, state, failure).await
    }
}

/// Settles what a crash has left behind of an install's mails, whatever is due by now.
pub(crate) async fn settle_left_behind(ctx: &Context, install_id: &str) -> Result<(), JobError> {
    for row in email_delivery::Entity::sending(&ctx.db.read, install_id).await? {
        tracing::warn!(id = row.id, "a mail was being sent when its process ended: it may have been taken");
        end(ctx, &row.about(), (&row.id, row.attempts), State::Unknown, Some(LEFT_BEHIND)).await?;
    }
    Ok(())
}

/// Keeps what became of a mail that was handed over, and, with the last of a stage, that its owners were told.
async fn end(
    ctx: &Context,
    about: &About<'_>,
    attempt: (&str, i32),
    state: State,
    failure: Option<&str>,
) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    let now = ctx.now();
    install::Entity::lock(&tx, about.install_id).await?;
    email_delivery::Entity::end(&tx, attempt, state, failure, now).await?;
    note_mailed(&tx, about, now).await?;
    tx.commit().await?;
    count(about, if state == State::Planned { "later" } else { state.as_str() });
    Ok(())
}

/// Counts what became of an attempt at a mail, by the name of `docs/metrics.md`.
fn count(about: &About<'_>, outcome: &'static str) {
    counter!("feedkeeper_mails_total", "stage" => about.stage.as_str(), "outcome" => outcome).increment(1);
}

/// The owners were told when all mails of the stage are settled, and somebody can have one. Where every address was refused,
/// nobody was: a new address may be written to.
async fn note_mailed(tx: &DatabaseTransaction, about: &About<'_>, now: DateTime<Utc>) -> Result<(), DbErr> {
    let rows = email_delivery::Entity::about(tx, about).await?;
    let is_told = rows.iter().any(|row| matches!(row.state, State::Sent | State::Unknown));
    let is_told = is_told || !email_delivery::Entity::told_otherwise(tx, about).await?.is_empty();
    if is_told && rows.iter().all(|row| row.state.is_settled()) {
        install::Entity::note_mailed(tx, (about.install_id, about.generation), about.stage, now).await?;
    }
    Ok(())
}

/// When a mail is tried again.
fn later(error: &Error, row: &Model) -> Outcome {
    if !matches!(error, Error::Transient { .. }) {
        return Outcome::Later(LOOK_AGAIN);
    }
    let before = usize::try_from(row.attempts).unwrap_or_default().min(AGAIN.len() - 1);
    Outcome::Later(Duration::from_mins(AGAIN[before]))
}
