//! The jobs: verb and noun, one file each, and the list of them.

mod check_token;
mod crosspost_media;
mod diagnose_install;
mod exchange_token;
mod exchange_x_code;
mod fetch_feed;
mod forget_installs;
mod migrate_app;
mod probe_incident;
mod push_due;
mod refresh_x_token;
mod refresh_x_tokens;
mod revoke_x_token;
mod scan_crossposts;
mod scan_expiring_installs;
mod scan_unchecked_installs;
mod send_expiry_email;
mod sweep;
mod tell_operator;

pub use check_token::CheckToken;
pub use crosspost_media::CrosspostMedia;
pub use diagnose_install::DiagnoseInstall;
pub use exchange_token::ExchangeToken;
pub use exchange_x_code::ExchangeXCode;
pub use fetch_feed::FetchFeed;
pub use forget_installs::ForgetInstalls;
pub use migrate_app::MigrateApp;
pub use probe_incident::ProbeIncident;
pub use push_due::PushDue;
pub use refresh_x_token::RefreshXToken;
pub use refresh_x_tokens::RefreshXTokens;
pub use revoke_x_token::RevokeXToken;
pub use scan_crossposts::ScanCrossposts;
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
pub use crate::x_accounts::Request as XRequest;

/// When it is looked for connections that end, unless `EXPIRY_SCAN` says otherwise.
pub const EXPIRY_SCAN: &str = "0 30 6 * * *";

/// When it is looked for what is to be posted to X, unless `CROSSPOST_SCAN` says otherwise: just after what is due was
/// pushed.
pub const CROSSPOST_SCAN: &str = "10 */10 * * * *";

/// When the scans run whose time can be chosen: six-field cron lines, in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Scans<'a> {
    /// `EXPIRY_SCAN`.
    pub expiry: &'a str,
    /// `CROSSPOST_SCAN`.
    pub crossposts: &'a str,
}

impl Default for Scans<'_> {
    fn default() -> Self {
        Self { expiry: EXPIRY_SCAN, crossposts: CROSSPOST_SCAN }
    }
}

/// Registers every job and every schedule.
pub fn register(engine: Engine<Context>, scans: &Scans<'_>) -> Engine<Context> {
    engine
        .register::<CheckToken>()
        .register::<CrosspostMedia>()
        .register::<DiagnoseInstall>()
        .register::<ExchangeToken>()
        .register::<ExchangeXCode>()
        .register::<FetchFeed>()
        .register::<ForgetInstalls>()
        .register::<MigrateApp>()
        .register::<ProbeIncident>()
        .register::<PushDue>()
        .register::<RefreshXToken>()
        .register::<RefreshXTokens>()
        .register::<RevokeXToken>()
        .register::<ScanCrossposts>()
        .register::<ScanExpiringInstalls>()
        .register::<ScanUncheckedInstalls>()
        .register::<SendExpiryEmail>()
        .register::<Sweep>()
        .register::<TellOperator>()
        // Every minute: what is due and not in the queue comes back within one.
        .schedule("push_due", "0 * * * * *", &PushDue {})
        // Every minute: what is over is noticed within one of its probes.
        .schedule("probe_incident", "0 * * * * *", &ProbeIncident {})
        // Every minute: what failed is tried again within minutes, and the access to X lives for two hours.
        .schedule("refresh_x_tokens", "20 * * * * *", &RefreshXTokens {})
        // Every ten minutes, as a rule: that often feeds are read that are posted.
        .schedule("scan_crossposts", scans.crossposts, &ScanCrossposts { feed_id: None })
        // Daily, as a rule.
        .schedule("scan_expiring_installs", scans.expiry, &ScanExpiringInstalls {})
        // Every hour: each install has its own time of day.
        .schedule("scan_unchecked_installs", "15 20 * * * *", &ScanUncheckedInstalls {})
        // Every five minutes: an open choice keeps a token for 15.
        .schedule("sweep", "30 */5 * * * *", &Sweep {})
        // Every minute, after what the minute has begun: nobody waits longer to hear of an incident.
        .schedule("tell_operator", "45 * * * * *", &TellOperator {})
}
