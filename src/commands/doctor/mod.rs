//! `feedkeeper doctor`: one line for each thing that has to be in order, with the fix where it is not.

mod address;
mod alerts;
mod clock;
mod database;
mod keys;
mod meta;
mod outlet;
mod persistence;
mod queues;
mod test_mail;

use std::future::ready;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;

use entities::Db;
use queue::redis::{RedisStore, Report};
use secrecy::ExposeSecret;

use super::say;
use crate::config::{Auth, Config, Env};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// In order.
    Good,
    /// It works, and will hurt some day.
    Warning,
    /// To be mended before anything is started.
    Bad,
    /// There is nothing to check.
    Nothing,
}

/// What a check found.
#[derive(Clone, Debug)]
struct Finding {
    mark: Mark,
    says: String,
}

impl Finding {
    fn good(says: impl Into<String>) -> Self {
        Self { mark: Mark::Good, says: says.into() }
    }

    fn warning(says: impl Into<String>) -> Self {
        Self { mark: Mark::Warning, says: says.into() }
    }

    fn bad(says: impl Into<String>) -> Self {
        Self { mark: Mark::Bad, says: says.into() }
    }

    fn nothing(says: impl Into<String>) -> Self {
        Self { mark: Mark::Nothing, says: says.into() }
    }

    /// A failure, with all of its causes in one line.
    fn failed(error: &anyhow::Error) -> Self {
        Self::bad(format!("{error:#}").replace('\n', " "))
    }

    fn line(&self, about: &str) -> String {
        let mark = match self.mark {
            Mark::Good => '✓',
            Mark::Warning => '!',
            Mark::Bad => '✗',
            Mark::Nothing => '-',
        };
        format!("{mark} {about}: {}", self.says)
    }
}

/// Everything that is looked at.
struct Subject {
    config: Config,
    db: Result<Db, Finding>,
    redis: Option<Result<(Arc<RedisStore>, Report), Finding>>,
    /// Whom to send a test mail to, if anybody.
    test_mail: Option<Recipient>,
}

/// Whom a test mail goes to.
enum Recipient {
    /// The operator.
    Operator,
    /// Whoever was named.
    Named(String),
}

impl Subject {
    /// Whether this is a deployment of several processes; else it is a `dev`.
    fn is_deployed(&self) -> bool {
        self.redis.is_some()
    }
}

type Findings<'a> = Pin<Box<dyn Future<Output = Vec<Finding>> + Send + 'a>>;
type Check = for<'a> fn(&'a Subject) -> Findings<'a>;

/// What is checked, in this order.
const CHECKS: [(&str, Check); 13] = [
    ("database", |subject| Box::pin(database::check(subject))),
    ("keys", |subject| Box::pin(keys::check(subject))),
    ("queue", |subject| Box::pin(queues::check(subject))),
    ("queue persistence", |subject| Box::pin(ready(persistence::check(subject)))),
    ("queue memory", |subject| Box::pin(ready(queues::check_memory(subject)))),
    ("clock", |subject| Box::pin(clock::check(subject))),
    ("public address", |subject| Box::pin(address::check(subject))),
    ("who may ask", |subject| Box::pin(ready(address::check_auth(subject)))),
    ("Meta app", |subject| Box::pin(meta::check(subject))),
    ("outlet", |subject| Box::pin(outlet::check(subject))),
    ("SMTP", |subject| Box::pin(alerts::check_mail(subject))),
    ("test mail", |subject| Box::pin(test_mail::check(subject))),
    ("Slack", |subject| Box::pin(alerts::check_slack(subject))),
];

/// Checks everything, and sends a test mail where one is wanted; fails if something is to be mended.
#[expect(clippy::option_option, reason = "a test mail may be asked for without an address")]
pub(crate) async fn run(env: &Env, test_mail: Option<Option<&str>>) -> anyhow::Result<()> {
    // Where there is a Redis there are halves, with their defaults; else it is `dev`.
    let deployed = env.secret("REDIS_URL").is_ok_and(|url| url.is_some());
    let (host, auth) = if deployed { (Ipv4Addr::UNSPECIFIED, Auth::Signed) } else { (Ipv4Addr::LOCALHOST, Auth::Open) };
    let config = match Config::read(env, IpAddr::V4(host), auth) {
        Ok(config) => config,
        Err(error) => {
            say(&Finding::failed(&error).line("configuration"));
            anyhow::bail!("what is configured cannot be read, so that nothing else was checked");
        }
    };
    let (db, redis) = tokio::join!(database::open(&config), redis(&config));
    let test_mail = test_mail.map(|to| to.map_or(Recipient::Operator, |to| Recipient::Named(to.to_owned())));
    let subject = Subject { config, db, redis, test_mail };
    let mut bad = 0;
    for (about, check) in CHECKS {
        for finding in check(&subject).await {
            say(&finding.line(about));
            bad += usize::from(finding.mark == Mark::Bad);
        }
    }
    for line in address::dashboards(&subject) {
        say(&line);
    }
    match bad {
        0 => Ok(()),
        1 => anyhow::bail!("1 thing is to be mended"),
        _ => anyhow::bail!("{bad} things are to be mended"),
    }
}

/// Asks the Redis of the queue what it says of itself.
async fn redis(config: &Config) -> Option<Result<(Arc<RedisStore>, Report), Finding>> {
    let url = config.redis_url.as_ref()?;
    let asked = async {
        let store = RedisStore::connect(url.expose_secret(), config.redis_options()).await;
        let store = store.map_err(|error| Finding::failed(&config.blame_redis(error)))?;
        let report = store.report().await;
        let report =
            report.map_err(|error| Finding::bad(format!("{error}; is it running, and is REDIS_URL right?")))?;
        Ok((store, report))
    };
    Some(asked.await)
}
