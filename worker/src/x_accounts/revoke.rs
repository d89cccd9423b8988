//! Tokens that are to serve no more. They lie sealed in a run of `revoke_x_token` until X has been told, and nowhere else.

use chrono::{DateTime, Utc};
use entities::job_run::{self, State};
use entities::seal::{Keyring, Sealed};
use entities::x_account::{self, ACCESS_TOKEN, REFRESH_TOKEN};
use entities::{new_id, x_account_app};
use queue::{Job as _, JobError};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Credential, Input, Pair};
use crate::Context;
use crate::exchange::{opened, sealed};
use crate::jobs::RevokeXToken;
use crate::x::Error;

/// Tokens that are to serve no more, those that renew others first.
#[derive(Debug)]
pub(crate) struct Tokens(pub Vec<SecretString>);

/// The same, as a run keeps it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Written(Vec<String>);

impl Tokens {
    /// Has them revoked, however long that takes.
    pub(super) async fn revoke_later(self, ctx: &Context) -> Result<(), JobError> {
        let job = self.ask(&ctx.db.write, &ctx.keyring, ctx.now()).await?;
        // If the push fails, `push_due` finds the run.
        if let Err(error) = ctx.queue.push(&job).await {
            tracing::warn!(%error, "tokens are revoked at the next scan");
        }
        Ok(())
    }

    /// Keeps that they are to be revoked.
    async fn ask(
        self,
        db: &impl ConnectionTrait,
        keyring: &Keyring,
        now: DateTime<Utc>,
    ) -> Result<RevokeXToken, JobError> {
        let run_id = new_id();
        let written = Written(self.0.iter().map(|token| token.expose_secret().to_owned()).collect());
        let input = sealed(keyring, &run_id, &written).map_err(JobError::dead)?;
        let run = job_run::Entity::pending(run_id.clone(), RevokeXToken::NAME, now);
        job_run::Entity::insert_new(db, job_run::ActiveModel { input: Set(Some(input)), ..run }).await?;
        Ok(RevokeXToken { run_id })
    }
}

impl From<&Pair> for Tokens {
    fn from(pair: &Pair) -> Self {
        Self(vec![pair.refresh_token.clone(), pair.access_token.clone()])
    }
}

/// Has a pair revoked whose run has failed meanwhile, as nobody else knows it; `false`: the run goes on, or kept it.
pub(crate) async fn give_back(ctx: &Context, run_id: &str, pair: &Pair) -> Result<bool, JobError> {
    let run = job_run::Entity::find_by_id(run_id).one(&ctx.db.write).await?;
    let has_failed = run.is_none_or(|run| run.state == State::Failed);
    if has_failed {
        Tokens::from(pair).revoke_later(ctx).await?;
    }
    Ok(has_failed)
}

impl From<Written> for Tokens {
    fn from(written: Written) -> Self {
        Self(written.0.into_iter().map(SecretString::from).collect())
    }
}

impl RevokeXToken {
    /// Keeps that what X gave to a run is to be revoked; `None`: it gave nothing yet, or what the run holds does not open.
    pub(crate) async fn of_run(
        tx: &DatabaseTransaction,
        keyring: &Keyring,
        run: &job_run::Model,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, JobError> {
        let input = opened::<Input>(keyring, run);
        let input = input.inspect_err(|error| tracing::warn!(%error, "tokens of a run cannot be revoked")).ok();
        match input.map(|input| input.credential) {
            Some(Credential::Pair(pair)) => Ok(Some(Tokens::from(&pair).ask(tx, keyring, now).await?)),
            Some(Credential::Code { .. }) | None => Ok(None),
        }
    }

    /// Takes an account on X away from an app. One that no app posts to any more is deleted, tokens first, and the tokens
    /// are to be revoked: the job does that. `None`: there is no such account, or the app does not post to it.
    pub async fn part(
        tx: &DatabaseTransaction,
        keyring: &Keyring,
        (app_id, x_account_id): (Option<&str>, &str),
        now: DateTime<Utc>,
    ) -> Result<Option<Option<Self>>, JobError> {
        let Some(account) = x_account::Entity::lock(tx, x_account_id).await? else { return Ok(None) };
        let mut parted =
            x_account_app::Entity::delete_many().filter(x_account_app::Column::XAccountId.eq(x_account_id));
        if let Some(app_id) = app_id {
            parted = parted.filter(x_account_app::Column::AppId.eq(app_id));
        }
        let parted = parted.exec(tx).await?;
        if app_id.is_some() && parted.rows_affected == 0 {
            return Ok(None);
        }
        if x_account_app::Entity::is_used(tx, x_account_id).await? {
            return Ok(Some(None));
        }
        let tokens = tokens_of(keyring, &account);
        x_account::Entity::forget(tx, &account).await?;
        if tokens.0.is_empty() {
            return Ok(Some(None));
        }
        Ok(Some(Some(tokens.ask(tx, keyring, now).await?)))
    }
}

/// The tokens that an account has. What does not open cannot be revoked, and keeps nobody from being deleted.
fn tokens_of(keyring: &Keyring, account: &x_account::Model) -> Tokens {
    let both = [(REFRESH_TOKEN, &account.refresh_token), (ACCESS_TOKEN, &account.access_token)];
    let open = |column: entities::seal::SealedColumn, sealed: &Sealed| {
        let opened = keyring.open(column.place(&account.id), sealed);
        opened.inspect_err(|error| tracing::warn!(%error, column = %column, "a token cannot be revoked")).ok()
    };
    Tokens(both.into_iter().filter_map(|(column, sealed)| open(column, sealed.as_ref()?)).collect())
}

/// Tells X that tokens are to serve no more. One that serves no more already is as good.
pub(crate) async fn revoke(ctx: &Context, tokens: &Tokens) -> Result<(), Error> {
    let x = ctx.x_for_app();
    for token in &tokens.0 {
        match x.revoke(token).await {
            Ok(()) | Err(Error::TokenDead(_) | Error::NotFound(_) | Error::Rejected(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
