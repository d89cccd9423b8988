//! By which way a message reaches the operator, and what is kept of how each way is.

use chrono::{DateTime, TimeDelta, Utc};
use entities::alert_channel::{self, MAIL, Model, SLACK};
use queue::JobError;
use sha2::{Digest as _, Sha256};

use super::Alert;
use crate::Context;
use crate::mail::{self, Address, Mail, Mailer};
use crate::slack::{self, Slack};

/// How long a way may fail before the next one is taken: what passes by itself passes within it.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
/// How soon a way is tried again that refused us.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);
/// No limit is longer: what says more is a slip.
const LONGEST_LIMIT: TimeDelta = TimeDelta::hours(24);

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Somebody has it.
    Told,
    /// Nobody has it: it is told later.
    Later,
}

/// What became of it on one way.
enum Way {
    Taken,
    Wait,
    Next,
}

/// Keeps which ways there are, so that others can say how they work. What is known of a way that leads elsewhere now is
/// forgotten.
pub(crate) async fn keep_ways(ctx: &Context) -> Result<(), JobError> {
    let known = alert_channel::Entity::ways(&ctx.db.read).await?;
    let ways = configured(ctx);
    for (channel, leads_to) in &ways {
        let is_known = known.iter().any(|way| way.channel == *channel && way.leads_to.as_ref() == Some(leads_to));
        if !is_known {
            let way = Model::untried(channel, leads_to, ctx.now());
            alert_channel::Entity::keep(&ctx.db.write, way).await?;
        }
    }
    if known.iter().any(|way| ways.iter().all(|(channel, _)| way.channel != *channel)) {
        let channels: Vec<_> = ways.iter().map(|(channel, _)| *channel).collect();
        alert_channel::Entity::keep_only(&ctx.db.write, &channels).await?;
    }
    Ok(())
}

fn configured(ctx: &Context) -> Vec<(&'static str, String)> {
    let slack = ctx.operator.slack.as_ref().map(|slack| (SLACK, slack.fingerprint()));
    let mail = by_mail(ctx).map(|(mailer, email)| (MAIL, fingerprint(&format!("{} {email}", mailer.server()))));
    slack.into_iter().chain(mail).collect()
}

fn by_mail(ctx: &Context) -> Option<(&Mailer, &Address)> {
    ctx.mailer.as_ref().zip(ctx.operator.email.as_ref())
}

/// Tells the operator. A crash between the other side's word and our commit tells it twice, at most.
pub(crate) async fn tell(ctx: &Context, alert: &Alert) -> Result<Outcome, JobError> {
    let mut ways = alert_channel::Entity::ways(&ctx.db.read).await?;
    let mut take = |channel| ways.iter().position(|way| way.channel == channel).map(|at| ways.swap_remove(at));
    let (slacks, mails) = (take(SLACK), take(MAIL));
    let mail = by_mail(ctx).zip(mails);
    let mut note = None;
    if let Some((slack, row)) = ctx.operator.slack.as_ref().zip(slacks) {
        let (way, row) = tell_slack(ctx, slack, row, mail.is_some(), alert).await?;
        match way {
            Way::Taken => return Ok(Outcome::Told),
            Way::Wait => return Ok(Outcome::Later),
            Way::Next => note = row.failure,
        }
    }
    let Some(((mailer, email), row)) = mail else {
        tracing::warn!(subject = alert.subject, text = alert.text, "told to the log alone: set SLACK_WEBHOOK_URL");
        return Ok(Outcome::Told);
    };
    send_mail(ctx, (mailer, email), row, alert, note.as_deref()).await
}

async fn tell_slack(
    ctx: &Context,
    slack: &Slack,
    mut row: Model,
    has_mail: bool,
    alert: &Alert,
) -> Result<(Way, Model), JobError> {
    let now = ctx.now();
    if let Some(until) = row.not_before.filter(|until| *until > now) {
        let is_long = row.failing_since.is_some() || until - now > PATIENCE;
        return Ok((if has_mail && is_long { Way::Next } else { Way::Wait }, row));
    }
    let Err(error) = slack.tell(&format!("{}\n{}", alert.subject, alert.text)).await else {
        works(ctx, row.clone()).await?;
        return Ok((Way::Taken, row));
    };
    tracing::warn!(%error, "Slack did not take a message to the operator");
    let wants_next = match &error {
        slack::Error::RateLimited { retry_after } => {
            let wait = TimeDelta::from_std(*retry_after).unwrap_or(LONGEST_LIMIT).min(LONGEST_LIMIT);
            row.not_before = Some(now + wait);
            wait > PATIENCE
        }
        slack::Error::Rejected { .. } => {
            tracing::error!(%error, subject = alert.subject, text = alert.text, "a message is not as Slack wants it");
            // The same message would be refused for ever.
            return Ok((if has_mail { Way::Next } else { Way::Taken }, row));
        }
        slack::Error::Dead { .. } => {
            fails(&mut row, &error.to_string(), now);
            row.not_before = Some(now + LOOK_AGAIN);
            true
        }
        slack::Error::Transient { .. } => {
            fails(&mut row, &error.to_string(), now);
            row.failing_since.is_some_and(|since| now - since >= PATIENCE)
        }
    };
    row.updated_at = now;
    alert_channel::Entity::keep(&ctx.db.write, row.clone()).await?;
    Ok((if has_mail && wants_next { Way::Next } else { Way::Wait }, row))
}

async fn send_mail(
    ctx: &Context,
    (mailer, email): (&Mailer, &Address),
    mut row: Model,
    alert: &Alert,
    note: Option<&str>,
) -> Result<Outcome, JobError> {
    let now = ctx.now();
    if row.not_before.is_some_and(|until| until > now) {
        return Ok(Outcome::Later);
    }
    let note = note
        .map(|note| format!("\n\nThis came by mail, as Slack takes nothing ({note}): set another SLACK_WEBHOOK_URL."));
    let mail = Mail {
        to: email.clone(),
        subject: format!("[Feedkeeper] {}", alert.subject),
        text: format!("{}\n\n{}{}\n", alert.subject, alert.text, note.unwrap_or_default()),
        html: None,
        name: alert.name.clone(),
        at: now,
    };
    let Err(error) = mailer.send(&mail).await else {
        works(ctx, row).await?;
        return Ok(Outcome::Told);
    };
    tracing::warn!(%error, "the operator's mail was not taken");
    fails(&mut row, &error.to_string(), now);
    // Of a mail that may have been taken a second one is sent: it has the same name, and silence would be worse.
    let passes = matches!(error, mail::Error::Transient { .. } | mail::Error::Unknown { .. });
    row.not_before = (!passes).then_some(now + LOOK_AGAIN);
    row.updated_at = now;
    alert_channel::Entity::keep(&ctx.db.write, row).await?;
    Ok(Outcome::Later)
}

async fn works(ctx: &Context, row: Model) -> Result<(), JobError> {
    let now = ctx.now();
    let works =
        Model { failing_since: None, failure: None, not_before: None, sent_at: Some(now), updated_at: now, ..row };
    Ok(alert_channel::Entity::keep(&ctx.db.write, works).await?)
}

fn fails(row: &mut Model, why: &str, now: DateTime<Utc>) {
    row.failing_since.get_or_insert(now);
    row.failure = Some(why.to_owned());
}

fn fingerprint(of: &str) -> String {
    Sha256::digest(of).iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
