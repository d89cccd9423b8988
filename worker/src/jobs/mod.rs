//! The jobs: verb and noun, one file each, and the list of them.

mod diagnose_install;
mod exchange_token;
mod fetch_feed;
mod probe_incident;
mod push_due;
mod sweep;
mod tell_operator;

pub use diagnose_install::DiagnoseInstall;
pub use exchange_token::ExchangeToken;
pub use fetch_feed::FetchFeed;
pub use probe_incident::ProbeIncident;
pub use push_due::PushDue;
pub use sweep::Sweep;
pub use tell_operator::TellOperator;

use queue::Engine;

use crate::Context;
pub use crate::feeds::SLEEPS_AFTER;
pub use crate::feeds::pace::sooner;

/// Registers every job and every schedule. Schedules are six-field cron lines, in UTC.
pub fn register(engine: Engine<Context>) -> Engine<Context> {
    engine
        .register::<DiagnoseInstall>()
        .register::<ExchangeToken>()
        .register::<FetchFeed>()
        .register::<ProbeIncident>()
        .register::<PushDue>()
        .register::<Sweep>()
        .register::<TellOperator>()
        // Every minute: what is due and not in the queue comes back within one.
        .schedule("push_due", "0 * * * * *", &PushDue {})
        // Every minute: what is over is noticed within one of its probes.
        .schedule("probe_incident", "0 * * * * *", &ProbeIncident {})
        // Every five minutes: an open choice keeps a token for 15.
        .schedule("sweep", "30 */5 * * * *", &Sweep {})
        // Every minute, after what the minute has begun: nobody waits longer to hear of an incident.
        .schedule("tell_operator", "45 * * * * *", &TellOperator {})
}
