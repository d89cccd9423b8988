//! `exchange_x_code`: afterwards the account on X is connected with a pair of tokens that was seen to work, or the run says
//! why not.
//!
//! 1. The code becomes a pair (once: the pair is kept in the row before anything else happens).
//! 2. X says whose it is: only then is it a connection.
//! 3. The account, the app's link to it and the end of the run are one commit.
//!
//! A code that X took without our hearing the answer ends as `code_expired`: click again.

use std::time::Duration;

use entities::job_run::{self, State};
use queue::{Death, Job, JobError, Lane};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::exchange::{keep, opened};
use crate::x_accounts::{Credential, Input, Pair, Refusal, Stop, connection, give_back};

/// Without these nothing can be posted, nor the access be kept.
const NEEDED: [&str; 5] = ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"];

/// Turns what X's dialog gave into a connected account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeXCode {
    /// The run in `job_runs` whose sealed input is worked on.
    pub run_id: String,
}

impl Job for ExchangeXCode {
    type Context = Context;

    const NAME: &'static str = "exchange_x_code";
    const QUEUE: Lane = Lane::Interactive;
    const ATTEMPTS: u32 = 6;
    /// As long as the access token lives: nobody waits for longer.
    const MAX_AGE: Duration = Duration::from_hours(2);
    /// Two calls, and a database that is away in between.
    const TIMEOUT: Duration = Duration::from_mins(3);

    fn key(&self) -> Option<String> {
        Some(self.run_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let Some(run) = job_run::Entity::find_by_id(&self.run_id).one(&ctx.db.read).await? else { return Ok(()) };
        if run.state != State::Pending {
            return Ok(());
        }
        let input = opened(&ctx.keyring, &run)?;
        match self.connect(ctx, input).await {
            Ok(()) => Ok(()),
            Err(Stop::Refused(refusal)) => refusal.record(ctx, &self.run_id).await,
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        Refusal::GaveUp(reason.clone()).record(ctx, &self.run_id).await
    }
}

impl ExchangeXCode {
    async fn connect(&self, ctx: &Context, mut input: Input) -> Result<(), Stop> {
        let pair = self.pair(ctx, &mut input).await?;
        let missing: Vec<_> = NEEDED.into_iter().filter(|scope| !pair.scopes.iter().any(|has| has == scope)).collect();
        if !missing.is_empty() && !pair.scopes.is_empty() {
            return Err(Refusal::MissingScopes(missing).into());
        }
        let user = ctx.x_for_app().me(&pair.access_token).await?;
        connection(ctx, &self.run_id, &input, &pair, user).await
    }

    /// The pair is kept before it is used: the code serves once.
    async fn pair(&self, ctx: &Context, input: &mut Input) -> Result<Pair, Stop> {
        let (code, redirect_uri, verifier) = match &input.credential {
            Credential::Pair(pair) => return Ok(pair.clone()),
            Credential::Code { code, redirect_uri, verifier } => (code, redirect_uri, verifier),
        };
        let grant = ctx.x_for_app().exchange_code(code, redirect_uri, verifier).await?;
        let Some(refresh_token) = grant.refresh_token else {
            return Err(Refusal::MissingScopes(vec!["offline.access"]).into());
        };
        let pair = Pair {
            access_token: grant.access_token,
            refresh_token,
            given_at: ctx.now(),
            lives_s: grant.lives.as_secs(),
            scopes: grant.scopes,
        };
        input.credential = Credential::Pair(pair.clone());
        keep(ctx, &self.run_id, input).await?;
        if give_back(ctx, &self.run_id, &pair).await? {
            return Err(JobError::retry(anyhow::anyhow!("the run has ended meanwhile")).into());
        }
        Ok(pair)
    }
}
