//! `exchange_token`: afterwards the account is connected with access that was seen to work, or the run says why not.
//!
//! 1. A code becomes a short token (once: the token is kept in the row before anything else happens), a short
//!    token becomes a long one.
//! 2. `debug_token` says whether it is ours, valid, and carries the scopes.
//! 3. Of the person's Pages, the one that carries an Instagram account is taken; several are a choice.
//! 4. One real read with the Page's token: only then is it a connection.
//! 5. The install, the app's link to it and the end of the run are one commit.

use std::time::Duration;

use entities::job_run::{self, State};
use queue::{Death, Job, JobError, Lane};
use sea_orm::EntityTrait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::exchange::{Access, Connected, Credential, Input, Refusal, Stop, access, pages, save};
use crate::graph::Graph;
use crate::jobs::FetchFeed;
use crate::throttles::{Key, Priority};
use crate::{Context, incidents};

/// Turns what a run was given (a code or a token) into a connected account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeToken {
    /// The run in `job_runs` whose sealed input is worked on.
    pub run_id: String,
}

impl Job for ExchangeToken {
    type Context = Context;

    const NAME: &'static str = "exchange_token";
    const QUEUE: Lane = Lane::Interactive;
    const ATTEMPTS: u32 = 6;
    /// Whoever connects an account is gone by then: a limit that lasts longer is told at once.
    const MAX_AGE: Duration = Duration::from_hours(12);
    /// Six calls as a rule; a person with very many Pages takes more, and each call may take 25 s.
    const TIMEOUT: Duration = Duration::from_mins(4);

    fn key(&self) -> Option<String> {
        Some(self.run_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let Some(run) = job_run::Entity::find_by_id(&self.run_id).one(&ctx.db.read).await? else { return Ok(()) };
        if run.state != State::Pending {
            return Ok(());
        }
        let input = Input::open(&ctx.keyring, &run)?;
        match self.connect(ctx, input).await {
            Ok(connected) => {
                wake_feeds(ctx, &connected).await;
                move_apps(ctx, &connected).await;
                Ok(incidents::exchange::connected(ctx).await?)
            }
            Err(Stop::Refused(refusal)) => refusal.record(ctx, &self.run_id).await,
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        Refusal::GaveUp(reason.clone()).record(ctx, &self.run_id).await
    }
}

impl ExchangeToken {
    async fn connect(&self, ctx: &Context, mut input: Input) -> Result<Connected, Stop> {
        // Somebody looks at the page that says how it goes.
        let graph = |keys: Vec<Key>| ctx.graph_for(keys, Priority::Waiting);
        let app = graph(Vec::new());
        let user_token = self.long_lived(ctx, &app, &mut input).await?;
        let person = access::of_person(&app, &user_token, ctx.now()).await?;
        let user = person.user_id.clone().map(Key::User);
        let listed = graph(user.clone().into_iter().collect()).accounts(&user_token).await?;
        let page = match &input.reconnect {
            Some(wanted) => pages::choose_account(listed, wanted)?,
            None => pages::choose(listed, input.page_id.as_deref())?,
        };
        let keys = [Key::Page(page.id.clone()), Key::Account(page.account_id.clone())];
        let profile = graph(user.into_iter().chain(keys).collect()).ig_user(&page.token, &page.account_id).await?;
        let end = access::of_page(&app, &page.token, ctx.now()).await?;
        let access = Access { user_token, person, page, profile, end };
        save::connection(ctx, &self.run_id, &input, access).await
    }

    /// Each step keeps what it got before the next begins: a code serves once, and a choice needs the long token.
    async fn long_lived(&self, ctx: &Context, graph: &Graph, input: &mut Input) -> Result<SecretString, Stop> {
        let short = match &input.credential {
            Credential::Long(long) => return Ok(long.clone()),
            Credential::Short(short) => short.clone(),
            Credential::Code { code, redirect_uri } => {
                let short = graph.exchange_code(code, redirect_uri).await?.token;
                input.credential = Credential::Short(short.clone());
                input.keep(ctx, &self.run_id).await?;
                short
            }
        };
        let long = graph.extend(&short).await?.token;
        input.credential = Credential::Long(long.clone());
        input.keep(ctx, &self.run_id).await?;
        Ok(long)
    }
}

/// The app's feeds move off the outlet; if the push fails, `push_due` finds it.
async fn move_apps(ctx: &Context, connected: &Connected) {
    if let Err(error) = ctx.queue.push_all(&connected.moves).await {
        tracing::warn!(%error, "an app is to move but is not pushed; the next scan pushes it");
    }
}

/// Feeds of the account that waited for a connection are fetched now; if the push fails, `push_due` finds them.
async fn wake_feeds(ctx: &Context, connected: &Connected) {
    let jobs: Vec<_> = connected.due_feeds.iter().map(|feed_id| FetchFeed { feed_id: feed_id.clone() }).collect();
    if let Err(error) = ctx.queue.push_all(&jobs).await {
        tracing::warn!(%error, feeds = jobs.len(), "feeds are due but not all are pushed; the next scan pushes them");
    }
}
