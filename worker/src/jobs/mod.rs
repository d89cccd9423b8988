//! The jobs: verb and noun, one file each, and the list of them.

mod check_token;
mod diagnose_install;
mod exchange_token;
mod fetch_feed;
mod forget_installs;
mod migrate_app;
mod probe_incident;
mod push_due;
mod scan_expiring_installs;
mod scan_unchecked_installs;
mod send_expiry_email;
mod sweep;
mod tell_operator;

pub use check_token::CheckToken;
pub use diagnose_install::DiagnoseInstall;
pub use exchange_token::ExchangeToken;
pub use fetch_feed::FetchFeed;
pub use forget_installs::ForgetInstalls;
pub use migrate_app::MigrateApp;
pub use probe_incident::ProbeIncident;
pub use push_due::PushDue;
pub use scan_expiring_installs::ScanExpiringInstalls;
pub use scan_unchecked_installs::ScanUncheckedInstalls;
pub use send_expiry_email::SendExpiryEmail;
pub use sweep::Sweep;
pub use tell_operator::TellOperator;

use queue::Engine;

use crate::Context;
pub use crate::feeds::SLEEPS_AFTER;
pub use crate::feeds::pace::sooner;
pub use crate::forgetting::{Rejected, Removed, SignedRequest, Subject};

/// When it is looked for connections that end, unless `EXPIRY_SCAN` says otherwise.
pub const EXPIRY_SCAN: &str = "0 30 6 * * *";

/// Registers every job and every schedule. Schedules are six-field cron lines, in UTC; `expiry_scan` is one.
pub fn register(engine: Engine<Context>, expiry_scan: &str) -> Engine<Context> {
    engine
        .register::<CheckToken>()
        .register::<DiagnoseInstall>()
        .register::<ExchangeToken>()
        .register::<FetchFeed>()
        .register::<ForgetInstalls>()
        .register::<MigrateApp>()
        .register::<ProbeIncident>()
        .register::<PushDue>()
        .register::<ScanExpiringInstalls>()
        .register::<ScanUncheckedInstalls>()
        .register::<SendExpiryEmail>()
        .register::<Sweep>()
        .register::<TellOperator>()
        // Every minute: what is due and not in the queue comes back within one.
        .schedule("push_due", "0 * * * * *", &PushDue {})
        // Every minute: what is over is noticed within one of its probes.
        .schedule("probe_incident", "0 * * * * *", &ProbeIncident {})
        // Daily, as a rule.
        .schedule("scan_expiring_installs", expiry_scan, &ScanExpiringInstalls {})
        // Every hour: each install has its own time of day.
        .schedule("scan_unchecked_installs", "15 20 * * * *", &ScanUncheckedInstalls {})
        // Every five minutes: an open choice keeps a token for 15.
        .schedule("sweep", "30 */5 * * * *", &Sweep {})
        // Every minute, after what the minute has begun: nobody waits longer to hear of an incident.
        .schedule("tell_operator", "45 * * * * *", &TellOperator {})
}
