//! Whether a failure is looked into, and when.

use chrono::{DateTime, TimeDelta, Utc};
use entities::diagnosis::{self, Doubt};
use entities::install;
use queue::JobError;
use sea_orm::EntityTrait;

use crate::Context;
use crate::graph::{self, Class};
use crate::jobs::DiagnoseInstall;
use crate::throttles::spread;

/// A dead token has to be dead some minutes later too, by another call.
const CONFIRMED_AFTER: TimeDelta = TimeDelta::minutes(5);
/// How long a verdict holds while the same failure goes on: its evidence does not change by the hour.
const HOLDS: TimeDelta = TimeDelta::hours(6);
/// So many accounts that fail alike are looked into at once. Behind them it is nobody's own trouble, as it seems.
const AT_ONCE: u64 = 3;
/// How long the others wait: by then it is known whether it is everybody's.
const OTHERS_WAIT: TimeDelta = TimeDelta::minutes(30);

/// Keeps the wish for a diagnosis where a failure leaves a doubt, and has it made when it is due.
pub(crate) async fn doubt(ctx: &Context, install: &install::Model, error: &graph::Error) -> Result<(), JobError> {
    let class = error.class();
    // What is wrong with our app is seen at once, and is worth the operator's next step too.
    if !matches!(class, Class::Ambiguous | Class::PermissionLost | Class::TokenDead | Class::AppMisconfigured) {
        return Ok(());
    }
    let (now, details) = (ctx.now(), error.details());
    let doubt = Doubt {
        install_id: &install.id,
        generation: install.generation,
        class: class.as_str(),
        code: details.code,
        subcode: details.subcode,
        fbtrace_id: details.fbtrace_id.as_deref(),
    };
    let known = diagnosis::Entity::find_by_id(&install.id).one(&ctx.db.read).await?;
    if known.as_ref().is_some_and(|known| known.is_about(&doubt) && is_in_hand(known, now)) {
        return Ok(());
    }
    let since = now - OTHERS_WAIT;
    let others = diagnosis::Entity::doubted_since(&ctx.db.read, class.as_str(), since).await?;
    let at = diagnosed_at(&install.id, class, others, now);
    let tx = ctx.db.begin().await?;
    let is_raised = diagnosis::Entity::raise(&tx, &doubt, known.as_ref(), now, at).await?;
    tx.commit().await?;
    if is_raised && at <= now {
        // If the push fails, `push_due` finds the row.
        let job = DiagnoseInstall { install_id: install.id.clone() };
        if let Err(error) = ctx.queue.push(&job).await {
            tracing::warn!(%error, install_id = install.id, "a diagnosis is due but not pushed; the next scan pushes it");
        }
    }
    Ok(())
}

/// Whether the failure is to be looked into already, or was.
fn is_in_hand(known: &diagnosis::Model, now: DateTime<Utc>) -> bool {
    known.diagnose_at.is_some() || known.diagnosed_at.is_some_and(|at| at + HOLDS > now)
}

/// When a failure is looked into that `others` have met too.
fn diagnosed_at(install_id: &str, class: Class, others: u64, now: DateTime<Utc>) -> DateTime<Utc> {
    let first = if class == Class::TokenDead { now + CONFIRMED_AFTER } else { now };
    if others < AT_ONCE {
        return first;
    }
    now + OTHERS_WAIT + spread(install_id, others)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use entities::new_id;

    use super::{CONFIRMED_AFTER, OTHERS_WAIT, diagnosed_at};
    use crate::graph::Class;

    #[test]
    fn the_first_are_looked_into_at_once_but_a_dead_token_is_asked_again_later() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(diagnosed_at("a", Class::Ambiguous, 0, now), now);
        assert_eq!(diagnosed_at("a", Class::PermissionLost, 2, now), now);
        assert_eq!(diagnosed_at("a", Class::TokenDead, 0, now), now + CONFIRMED_AFTER);
    }

    #[test]
    fn those_behind_them_wait_and_are_spread_out() {
        let now = DateTime::UNIX_EPOCH;
        let mut waits: Vec<_> = (0..200).map(|_| diagnosed_at(&new_id(), Class::TokenDead, 5_000, now) - now).collect();
        waits.sort_unstable();
        assert!(waits[0] >= OTHERS_WAIT && waits[199] <= OTHERS_WAIT * 2);
        assert!(waits[199] - waits[0] > TimeDelta::minutes(10), "no herd: {waits:?}");
    }
}
