//! Whether a call to X may be made now: X counts by account and call, and by our app and call. A limited key is not called,
//! by whichever process was refused. The keys lie in `throttles`, beside Meta's and never among them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entities::{Db, throttle};
use queue::clock::Clock;
use sea_orm::{ConnectionTrait, DbErr};

use super::Error;
use super::limits::Limits;

/// What calls have to pass that are made for one account, or for our app alone.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    /// X's id of the account.
    pub(crate) x_user_id: Option<String>,
}

impl Gate {
    /// Asks whether a call may be made now.
    pub(super) async fn ask(&self, call: &'static str) -> Result<(), Error> {
        let keys: Vec<_> = self.account_key(call).into_iter().chain([app_key(call)]).collect();
        let rows = throttle::Entity::of_keys(&self.db.read, &keys).await.map_err(|error| Error::unread(call, error))?;
        let closed = rows.into_iter().filter_map(|row| row.closed_until).max();
        match closed.and_then(|until| (until - self.clock.now()).to_std().ok()) {
            Some(wait) if !wait.is_zero() => Err(Error::closed(call, wait)),
            _ => Ok(()),
        }
    }

    /// Takes in what X said. A row that cannot be written costs one refused call more.
    pub(super) async fn heard(&self, call: &'static str, limits: &Limits, error: Option<&Error>) {
        let refused = match error {
            Some(Error::RateLimited { retry_after, .. }) => Some(*retry_after),
            _ => None,
        };
        let app = limits.app_rests();
        // Where X does not say whose limit it is, it is the narrowest.
        let account = limits.account_rests().or(refused.filter(|_| app.is_none()));
        let key = self.account_key(call).unwrap_or_else(|| app_key(call));
        for (key, rests) in [(key, account), (app_key(call), app)] {
            let Some(rests) = rests else { continue };
            let now = self.clock.now();
            let until = now + TimeDelta::from_std(rests).unwrap_or(TimeDelta::minutes(15));
            self.close(call, &key, until, now).await;
        }
    }

    async fn close(&self, call: &'static str, key: &str, until: DateTime<Utc>, now: DateTime<Utc>) {
        tracing::info!(call, until = until.to_rfc3339(), "X's limit is used up");
        if let Err(error) = throttle::Entity::close(&self.db.write, key, until, now).await {
            tracing::warn!(call, %error, "a limit of X's could not be written");
        }
    }

    fn account_key(&self, call: &str) -> Option<String> {
        self.x_user_id.as_ref().map(|id| account_key(id, call))
    }
}

/// Returns until when X is not asked to do any of these for an account, as a limit of its is used up.
pub(crate) async fn closed_until(
    db: &impl ConnectionTrait,
    x_user_id: &str,
    calls: &[&str],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let keys: Vec<_> = calls.iter().flat_map(|call| [account_key(x_user_id, call), app_key(call)]).collect();
    let rows = throttle::Entity::of_keys(db, &keys).await?;
    Ok(rows.into_iter().filter_map(|row| row.closed_until).max().filter(|until| now < *until))
}

fn account_key(x_user_id: &str, call: &str) -> String {
    format!("{}{call}", throttle::x_account(x_user_id))
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

fn app_key(call: &str) -> String {
    format!("x:{call}")
}
