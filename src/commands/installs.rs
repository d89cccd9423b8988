//! `feedkeeper installs`: the connections, how near their ends are, and which mails about that did not arrive.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

use clap::{Args, ValueEnum};
use entities::install::State;
use entities::{Db, email_delivery, install};
use queue::clock::{Clock, SystemClock};
use sea_orm::Condition;
use sea_orm::prelude::DateTimeUtc;
use serde_json::json;

use super::queue::Hands;
use super::{migrate, say, table};
use crate::config::{Auth, Config, Env};

/// The most rows of one look into the database.
const PAGE: u64 = 500;

/// Which connections.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<Word>,
    /// The most that are listed
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// Prints one JSON object a line
    #[arg(long)]
    json: bool,
}

/// How near a connection's end is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Word {
    /// Far
    Active,
    /// Within `EXPIRY_WARNING_DAYS`
    Expiring,
    /// Past
    Expired,
    /// It was ended before its time
    Dead,
}

/// A connection, as it is listed.
struct Listed {
    install: install::Model,
    state: State,
    mails: Vec<email_delivery::Model>,
}

/// Lists them.
pub(crate) async fn run(env: &Env, which: &Which) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    let db = migrate::open_existing(&config).await?;
    // The queue knows what time it is for the service; without one it is ours.
    let now = Hands::on(env).await.map_or_else(|_| SystemClock.now(), |hands| hands.now);
    let soon = now + config.expiry.warning;
    let condition = which.state.map_or_else(Condition::all, |word| State::from(word).condition(now, soon));
    let mut listed = list(&db, &condition, (now, soon), which.limit.saturating_add(1)).await?;
    let has_more = listed.len() as u64 > which.limit;
    listed.truncate(usize::try_from(which.limit).unwrap_or(usize::MAX));
    if which.json {
        for listed in &listed {
            say(&object(listed));
        }
    } else {
        let rows: Vec<_> = listed.iter().map(row).collect();
        table::print(["id", "account", "state", "ends", "told", "mails"], &rows);
    }
    if has_more {
        // Whoever closed our stderr does not want to know.
        let _ = writeln!(std::io::stderr().lock(), "these are {}, and there are more: --limit shows them", which.limit);
    }
    Ok(())
}

async fn list(
    db: &Db,
    which: &Condition,
    (now, soon): (DateTimeUtc, DateTimeUtc),
    limit: u64,
) -> anyhow::Result<Vec<Listed>> {
    let (mut found, mut after) = (Vec::new(), String::new());
    while (found.len() as u64) < limit {
        let page = PAGE.min(limit - found.len() as u64);
        let installs = install::Entity::page(&db.read, None, which.clone(), &after, page).await?;
        let Some(last) = installs.last() else { break };
        after.clone_from(&last.id);
        let ids = installs.iter().map(|install| install.id.as_str());
        let mails = email_delivery::Entity::troubled(&db.read, ids).await?;
        found.extend(installs.into_iter().map(|install| {
            let is_its =
                |mail: &&email_delivery::Model| mail.install_id == install.id && mail.generation == install.generation;
            let mails = mails.iter().filter(is_its).cloned().collect();
            Listed { state: install.state(now, soon), mails, install }
        }));
    }
    Ok(found)
}

fn object(Listed { install, state, mails }: &Listed) -> String {
    let mail = |mail: &email_delivery::Model| {
        json!({
            "stage": mail.stage.as_str(), "recipient": mail.recipient, "state": mail.state.as_str(),
            "reason": mail.failure,
        })
    };
    json!({
        "id": install.id, "instagram_account": install.instagram_account, "state": state.as_str(),
        "ends_at": install.ends_at(), "ends_at_is_estimate": install.is_end_estimated(),
        "killed": install.killed.map(install::Killed::as_str),
        "first_verify_email_sent_at": install.first_verify_email_sent_at,
        "second_verify_email_sent_at": install.second_verify_email_sent_at,
        "undelivered": mails.iter().map(mail).collect::<Vec<_>>(),
    })
    .to_string()
}

fn row(Listed { install, state, mails }: &Listed) -> [String; 6] {
    let about = if install.is_end_estimated() { "about " } else { "" };
    let day = |at: DateTimeUtc| at.format("%Y-%m-%d").to_string();
    let told = install.second_verify_email_sent_at.map(|at| format!("twice, {}", day(at)));
    let told = told.or_else(|| install.first_verify_email_sent_at.map(|at| format!("once, {}", day(at))));
    let killed = install.killed.map(|killed| format!("{} ({})", state.as_str(), killed.as_str()));
    let mails = mails.iter().map(|mail| format!("{} {}", mail.state.as_str(), mail.recipient));
    [
        install.id.clone(),
        install.instagram_account.clone(),
        killed.unwrap_or_else(|| state.as_str().to_owned()),
        install.ends_at().map_or_else(|| "never, as far as is known".to_owned(), |end| format!("{about}{}", day(end))),
        told.unwrap_or_else(|| "-".to_owned()),
        mails.collect::<Vec<_>>().join(", "),
    ]
}

impl From<Word> for State {
    fn from(word: Word) -> Self {
        match word {
            Word::Active => Self::Active,
            Word::Expiring => Self::Expiring,
            Word::Expired => Self::Expired,
            Word::Dead => Self::Dead,
        }
    }
}
