//! Where the queue lies: on a Redis that can be used, or in the embedded file.

use queue::redis::Report;
use queue::sqlite::SqliteStore;

use super::{Finding, Subject};
use crate::config::Config;

/// A server that uses more of its memory than this many percent is soon full.
const NEARLY_FULL: u64 = 80;

/// Says how it is.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    match &subject.redis {
        None => embedded(subject).await,
        Some(Err(finding)) => vec![finding.clone()],
        Some(Ok((store, report))) => {
            let name = format!("Redis {} at {}", report.version, store.address());
            vec![if report.is_cluster {
                Finding::bad(format!(
                    "{name} is a node of a cluster, on which the queue cannot lie: use a single server"
                ))
            } else if report.is_master {
                Finding::good(format!("{name} answers{}", trust(&subject.config)))
            } else {
                Finding::bad(format!(
                    "{name} is the copy of another, which takes no writes: REDIS_URL is to name that one"
                ))
            }]
        }
    }
}

/// Says what protects the way to it.
fn trust(config: &Config) -> &'static str {
    match (config.is_redis_tls(), &config.redis_ca) {
        (true, Some(_)) => " over TLS; REDIS_CA vouches for it",
        (true, None) => " over TLS; an authority that this machine trusts vouches for it",
        (false, _) => "",
    }
}

async fn embedded(subject: &Subject) -> Vec<Finding> {
    let file = subject.config.data_dir.join("queue.db");
    let path = file.display();
    if !file.exists() {
        return vec![Finding::nothing(format!("REDIS_URL is not set, and there is no embedded queue at {path} yet"))];
    }
    let asked = async { queue::Store::ping(SqliteStore::open_producer(&file).await?.as_ref()).await };
    vec![match asked.await {
        Ok(()) => Finding::good(format!("REDIS_URL is not set; the embedded queue at {path} answers")),
        Err(error) => {
            Finding::bad(format!("{path}: {error}; while nothing runs it may be deleted: it is filled again"))
        }
    }]
}

/// Says whether it has room, and whether it throws work away where it has none.
pub(super) fn check_memory(subject: &Subject) -> Vec<Finding> {
    match &subject.redis {
        Some(Ok((_, report))) => vec![eviction(report), head_room(report)],
        Some(Err(_)) => vec![Finding::nothing("not looked at")],
        // The disk is looked at with the database.
        None => Vec::new(),
    }
}

fn eviction(report: &Report) -> Finding {
    match report.eviction.as_deref() {
        Some("noeviction") => {
            Finding::good("maxmemory-policy is noeviction: when it is full it refuses, and loses nothing")
        }
        Some(policy) => Finding::bad(format!(
            "maxmemory-policy is {policy}: when it is full, Redis would throw jobs away without a word; set \
             `maxmemory-policy noeviction`, in its configuration and by CONFIG SET"
        )),
        None => Finding::warning("the server does not say what it throws away when it is full: see to noeviction"),
    }
}

fn head_room(report: &Report) -> Finding {
    let mb = |bytes: u64| bytes.div_ceil(1_000_000);
    let Some(most) = report.most_memory else {
        return Finding::warning(format!("{} MB are used; the server does not say of how many", mb(report.memory)));
    };
    let says = format!("{} MB of {} MB are used", mb(report.memory), mb(most));
    if report.memory.saturating_mul(100) / most > NEARLY_FULL {
        Finding::warning(format!("{says}: raise maxmemory, or look with `feedkeeper queue stats` at what piles up"))
    } else {
        Finding::good(says)
    }
}
