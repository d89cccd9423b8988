//! Whether an incident of everybody's is over: a few canaries try, and what they meet decides.

use chrono::TimeDelta;
use entities::incident::{self, Kind, Model};
use entities::{feed, incident_install, install};
use queue::JobError;

use super::canary::{Outcome, try_for};
use super::{BEHIND_PROBE, resume};
use crate::Context;
use crate::graph::Class;

/// So many canaries try, of those that the incident has met, and of those that it made wait unmet.
const CANARIES: u64 = 3;
/// The waits before each probe, in minutes; the last one goes on.
const WAITS: [i64; 4] = [5, 10, 20, 30];

/// How long after so many probes the next one is.
pub(super) fn wait(probes: i32) -> TimeDelta {
    let number = usize::try_from(probes).unwrap_or_default().min(WAITS.len() - 1);
    TimeDelta::minutes(WAITS[number])
}

/// What canaries met, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    well: usize,
    failed: usize,
    ended: usize,
    otherwise: usize,
}

impl Tally {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Well => self.well += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Ended => self.ended += 1,
            Outcome::Otherwise => self.otherwise += 1,
            Outcome::Unasked => {}
        }
    }

    /// At least half were answered: those that fail still have incidents of their own. So it is where none meets what the
    /// incident is of.
    fn is_well(self) -> bool {
        let failing = self.failed + self.ended;
        if self.well == 0 { failing == 0 && self.otherwise > 0 } else { self.well >= failing }
    }

    /// Most have ended, by Meta's own word.
    fn is_ended(self) -> bool {
        self.ended > self.well + self.failed
    }
}

/// Has canaries try, and draws the consequence.
pub(crate) async fn probe(ctx: &Context, row: &Model) -> Result<(), JobError> {
    if matches!(row.kind, Kind::Exchange | Kind::Outlet) {
        return Ok(());
    }
    incident::Entity::note_probe(&ctx.db.write, &row.id, ctx.now()).await?;
    let canaries = canaries(ctx, row, true).await?;
    let met = tally(ctx, row, &canaries).await?;
    tracing::info!(incident_id = row.id, probe = row.probes + 1, ?met, "incident probed");
    // Where nobody is left that it concerns, nobody's failure keeps it open.
    if met.is_well() || canaries.is_empty() {
        return resume::close(ctx, row).await;
    }
    if row.class == Class::TokenDead.as_str() && met.is_ended() {
        return leave_to_accounts(ctx, row).await;
    }
    let mut everybody_waits = row.everybody_waits;
    if everybody_waits {
        let unmet = self::canaries(ctx, row, false).await?;
        everybody_waits = !tally(ctx, row, &unmet).await?.is_well();
    }
    let (now, next) = (ctx.now(), wait(row.probes + 1));
    let tx = ctx.db.begin().await?;
    incident::Entity::go_on(&tx, &row.id, everybody_waits, Some(now + next), now).await?;
    if everybody_waits {
        // Those too that came meanwhile.
        incident_install::Entity::all_wait(&tx, &row.id, now).await?;
    }
    if everybody_waits == row.everybody_waits {
        feed::Entity::wait_on(&tx, row.kind, now + next + BEHIND_PROBE, now).await?;
    } else {
        // Only those that it has met wait on: each finds that out when it is fetched.
        incident_install::Entity::none_waits(&tx, &row.id).await?;
        resume::all(&tx, row, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Returns who tries this time: they take turns.
async fn canaries(ctx: &Context, row: &Model, is_met: bool) -> Result<Vec<install::Model>, JobError> {
    let db = &ctx.db.read;
    let skip = u64::try_from(row.probes).unwrap_or_default() * CANARIES;
    let number = incident_install::Entity::number_serving(db, &row.id, is_met).await?;
    if number == 0 {
        return Ok(Vec::new());
    }
    let (skip, wanted) = (skip % number, CANARIES.min(number));
    let mut canaries = incident_install::Entity::canaries(db, &row.id, is_met, (skip, wanted)).await?;
    let missing = wanted - (canaries.len() as u64).min(wanted);
    if missing > 0 {
        canaries.extend(incident_install::Entity::canaries(db, &row.id, is_met, (0, missing)).await?);
    }
    Ok(canaries)
}

async fn tally(ctx: &Context, row: &Model, canaries: &[install::Model]) -> Result<Tally, JobError> {
    let mut tally = Tally::default();
    for install in canaries {
        tally.count(try_for(ctx, row, install).await?);
    }
    Ok(tally)
}

/// Meta has ended these tokens itself: whether one has ended is each account's own question from here on, and nobody waits
/// for the others any more. The incident lasts until all are answered.
async fn leave_to_accounts(ctx: &Context, row: &Model) -> Result<(), JobError> {
    let now = ctx.now();
    let tx = ctx.db.begin().await?;
    incident::Entity::go_on(&tx, &row.id, false, None, now).await?;
    incident_install::Entity::none_waits(&tx, &row.id).await?;
    let feeds = resume::all(&tx, row, now).await?;
    tx.commit().await?;
    tracing::warn!(
        incident_id = row.id,
        feeds,
        "Meta says that tokens have ended; each account is confirmed by itself"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Tally, wait};

    fn tally(outcomes: &[Outcome]) -> Tally {
        let mut tally = Tally::default();
        for outcome in outcomes {
            tally.count(*outcome);
        }
        tally
    }

    #[test]
    fn it_is_looked_at_soon_and_then_every_half_hour() {
        assert_eq!(
            [0, 1, 2, 3, 4, 500, i32::MAX].map(|probes| wait(probes).num_minutes()),
            [5, 10, 20, 30, 30, 30, 30]
        );
    }

    #[test]
    fn half_of_those_that_could_be_asked_decide() {
        use Outcome::{Ended, Failed, Otherwise, Unasked, Well};
        for (outcomes, is_well, is_ended) in [
            (&[Well, Well, Well][..], true, false),
            (&[Well, Failed, Well], true, false),
            (&[Well, Failed, Failed], false, false),
            (&[Well, Failed], true, false),
            (&[Well, Unasked, Unasked], true, false),
            (&[Unasked, Unasked, Unasked], false, false),
            (&[Ended, Ended, Failed], false, true),
            (&[Ended, Well], true, false),
            (&[Well, Otherwise, Otherwise], true, false),
            (&[Failed, Otherwise, Otherwise], false, false),
            (&[Otherwise, Unasked], true, false),
            (&[], false, false),
        ] {
            let tally = tally(outcomes);
            assert_eq!((tally.is_well(), tally.is_ended()), (is_well, is_ended), "{outcomes:?}");
        }
    }
}
