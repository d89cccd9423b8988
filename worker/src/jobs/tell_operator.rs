//! `tell_operator`: afterwards the operator knows of each incident that began or is over, and once a day of all that last.
//!
//! It takes no input and looks at the rows, so a lost tick heals at the next one. What was told is noted after somebody has
//! taken the message: a crash in between tells it twice, never not at all. One worker tells at a time: it takes the turn in
//! a row, and gives it back.

use std::time::Duration;

use chrono::TimeDelta;
use entities::incident::{self, Scope};
use entities::{alert_channel, incident_install, x_account, x_account_app};
use queue::{Job, JobError};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use crate::alerts::delivery::{self, Outcome};
use crate::alerts::text::{self, NAMED, Told};
use crate::alerts::{Alert, due};
use crate::{Context, incidents};

/// How many messages about single accounts are sent at once; of more, one tells them all.
const SINGLY: usize = 3;
/// How many incidents one message tells of; the others have their turn at the next tick.
const TOGETHER: usize = 1_000;
/// How long the turn is kept by a worker that died with it; longer than an attempt may take.
const TURN: TimeDelta = TimeDelta::minutes(5);

/// Tells the operator what there is to tell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOperator {}

impl Job for TellOperator {
    type Context = Context;

    const NAME: &'static str = "tell_operator";
    const ATTEMPTS: u32 = 3;
    /// A mail server may take its time with each message.
    const TIMEOUT: Duration = Duration::from_mins(4);

    fn key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        delivery::keep_ways(ctx).await?;
        if News::look(ctx).await?.is_none() {
            return Ok(());
        }
        let now = ctx.now();
        let Some(turn) = alert_channel::Entity::take_turn(&ctx.db.write, now, now + TURN).await? else {
            tracing::info!("another worker tells the operator just now");
            return Ok(());
        };
        // Looked at again: whoever had the turn before may have told it.
        let told = match News::look(ctx).await {
            Ok(Some(news)) => news.tell(ctx).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        alert_channel::Entity::end_turn(&ctx.db.write, &turn).await?;
        told
    }
}

/// What there is to tell.
struct News {
    begun: Vec<incident::Model>,
    over: Vec<incident::Model>,
    /// All that last, if it is time to remind of them.
    open: Vec<incident::Model>,
}

impl News {
    async fn look(ctx: &Context) -> Result<Option<Self>, JobError> {
        let (db, now) = (&ctx.db.read, ctx.now());
        let mut begun = Vec::new();
        for incident in incident::Entity::untold_openings(db).await? {
            let (incident, gathers_since) = match incident.scope {
                Scope::App => {
                    let since = incident::Entity::gathers_since(db, &incident.id).await?;
                    // Whichever of the two jobs comes first in a minute.
                    (incidents::with_verdict(ctx, incident).await?, since)
                }
                Scope::Account => (incident, None),
            };
            if due::opening(&incident, gathers_since.unwrap_or(incident.opened_at), now) {
                begun.push(incident);
            }
        }
        let over = incident::Entity::untold_closings(db).await?;
        let last = alert_channel::Entity::last_digest(db).await?;
        let open = incident::Entity::all_open(db).await?;
        let open = if due::digest(&open, last, now) { open } else { Vec::new() };
        let is_something = !begun.is_empty() || !over.is_empty() || !open.is_empty();
        Ok(is_something.then_some(Self { begun, over, open }))
    }

    /// Tells one message after the other, until one is not taken.
    async fn tell(self, ctx: &Context) -> Result<(), JobError> {
        for group in grouped(self.begun) {
            if tell_group(ctx, group, false).await? == Outcome::Later {
                return Ok(());
            }
        }
        for group in grouped(self.over) {
            if tell_group(ctx, group, true).await? == Outcome::Later {
                return Ok(());
            }
        }
        let (shown, more) = shown(&self.open);
        if !shown.is_empty() {
            let told = whom(ctx, shown).await?;
            if delivery::tell(ctx, &text::digest(&told, more, ctx.now())).await? == Outcome::Told {
                alert_channel::Entity::note_digest(&ctx.db.write, ctx.now()).await?;
            }
        }
        Ok(())
    }
}

/// Everybody's incidents are told singly, and so are a few of single accounts; many of them together.
fn grouped(incidents: Vec<incident::Model>) -> Vec<Vec<incident::Model>> {
    let (everybodys, mut accounts): (Vec<_>, Vec<_>) =
        incidents.into_iter().partition(|incident| incident.scope == Scope::App);
    accounts.truncate(TOGETHER);
    let singly = |incidents: Vec<incident::Model>| incidents.into_iter().map(|incident| vec![incident]);
    let everybodys = singly(everybodys);
    if accounts.len() > SINGLY {
        everybodys.chain([accounts]).collect()
    } else {
        everybodys.chain(singly(accounts)).collect()
    }
}

async fn tell_group(ctx: &Context, group: Vec<incident::Model>, is_over: bool) -> Result<Outcome, JobError> {
    let ids: Vec<_> = group.iter().map(|incident| incident.id.clone()).collect();
    let (shown, more) = shown(&group);
    let told = whom(ctx, shown).await?;
    let outcome = delivery::tell(ctx, &message(&told, more, is_over, ctx)).await?;
    if outcome == Outcome::Told {
        let (db, now) = (&ctx.db.write, ctx.now());
        if is_over {
            incident::Entity::note_closing_told(db, &ids, now).await?;
        } else {
            incident::Entity::note_opening_told(db, &ids, now).await?;
        }
    }
    Ok(outcome)
}

fn message(told: &[Told], more: usize, is_over: bool, ctx: &Context) -> Alert {
    match told {
        [one] if is_over => text::closing(one, ctx.now()),
        [one] => text::opening(one),
        many => text::gathered(is_over, many, more, ctx.now()),
    }
}

/// Those that are shown, everybody's first, and how many more there are.
fn shown(incidents: &[incident::Model]) -> (Vec<incident::Model>, usize) {
    let mut shown = incidents.to_vec();
    shown.sort_by_key(|incident| incident.scope == Scope::Account);
    shown.truncate(NAMED);
    let more = incidents.len() - shown.len();
    (shown, more)
}

/// Finds out whom these incidents concern.
async fn whom(ctx: &Context, incidents: Vec<incident::Model>) -> Result<Vec<Told>, DbErr> {
    let db = &ctx.db.read;
    let mut told = Vec::new();
    for incident in incidents {
        if incident.kind.is_of_x() {
            told.push(whom_at_x(ctx, incident).await?);
            continue;
        }
        let installs = incident_install::Entity::number(db, &incident.id).await?;
        let have_ended = installs > 0 && incident_install::Entity::number_serving(db, &incident.id, true).await? == 0;
        let some = incident_install::Entity::some_installs(db, &incident.id, NAMED as u64).await?;
        let apps = incident_install::Entity::app_ids(db, &incident.id).await?;
        told.push(Told {
            incident,
            installs: usize::try_from(installs).unwrap_or(usize::MAX),
            accounts: some.into_iter().map(|install| install.instagram_account).collect(),
            apps,
            have_ended,
        });
    }
    Ok(told)
}

/// The same of what is X's: one account there, or all of them.
async fn whom_at_x(ctx: &Context, incident: incident::Model) -> Result<Told, DbErr> {
    let db = &ctx.db.read;
    let whose = incident.x_account_id.as_deref();
    let accounts = x_account::Entity::concerned(db, whose, NAMED as u64).await?;
    let installs = match whose {
        Some(_) => accounts.len(),
        None => usize::try_from(x_account::Entity::number(db).await?).unwrap_or(usize::MAX),
    };
    let ids = accounts.iter().map(|account| account.id.as_str());
    let mut apps: Vec<_> =
        x_account_app::Entity::dependants(db, ids, None).await?.into_iter().map(|app| app.app_id).collect();
    apps.dedup();
    let accounts = accounts.into_iter().map(|account| account.username).collect();
    Ok(Told { incident, installs, accounts, apps, have_ended: false })
}
