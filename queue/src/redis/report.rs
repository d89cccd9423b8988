//! What a server says of itself, for whoever checks whether it can be trusted with work.

use std::collections::HashMap;

use ::redis::Value;
use chrono::{DateTime, Utc};

use super::{RedisStore, reply, script::Call};
use crate::store::StoreError;

/// Is what a server says of itself; what it keeps to itself is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one line of what the server says")]
pub struct Report {
    /// Its version.
    pub version: String,
    /// Whether it takes writes, and is not the copy of another.
    pub is_master: bool,
    /// Whether it is a node of a cluster.
    pub is_cluster: bool,
    /// Whether it logs each write to its append-only file.
    pub aof: bool,
    /// How soon that log is on disk: `always`, `everysec` or `no`.
    pub appendfsync: Option<String>,
    /// When it takes snapshots, as its configuration says; empty: never.
    pub snapshots: Option<String>,
    /// Whether its last attempts to write its log and a snapshot went well.
    pub writes_well: bool,
    /// What it throws away when its memory is full: `noeviction` or a policy.
    pub eviction: Option<String>,
    /// Bytes that it uses.
    pub memory: u64,
    /// Bytes that it may use: its own limit, or all that the machine has.
    pub most_memory: Option<u64>,
    /// Its time.
    pub time: DateTime<Utc>,
}

impl RedisStore {
    /// Returns where the server is, without user and password.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Asks the server what it says of itself.
    pub async fn report(&self) -> Result<Report, StoreError> {
        let info = reply::text(self.ask(Call::command("INFO", &[])).await?)?;
        let (appendfsync, snapshots) = (self.setting("appendfsync").await, self.setting("save").await);
        let [seconds, micros] = reply::fixed(self.ask(Call::command("TIME", &[])).await?)?;
        let micros = reply::number(&seconds)?.saturating_mul(1_000_000).saturating_add(reply::number(&micros)?);
        let time = DateTime::from_timestamp_micros(micros).ok_or_else(|| reply::strange("no time"))?;
        Ok(read(&info, appendfsync, snapshots, time))
    }

    /// Returns a setting; whoever rents a server may not be allowed to ask.
    async fn setting(&self, name: &str) -> Option<String> {
        let answer = self.ask(Call::command("CONFIG", &["GET", name])).await.ok()?;
        let [_name, value]: [Value; 2] = reply::fixed(answer).ok()?;
        reply::text(value).ok()
    }
}

fn read(info: &str, appendfsync: Option<String>, snapshots: Option<String>, time: DateTime<Utc>) -> Report {
    let said: HashMap<&str, &str> = info.lines().filter_map(|line| line.trim().split_once(':')).collect();
    let text = |name: &str| said.get(name).map(|value| (*value).to_owned());
    let bytes = |name: &str| said.get(name).and_then(|value| value.parse::<u64>().ok()).filter(|bytes| *bytes > 0);
    let is = |name: &str, value: &str| said.get(name).is_some_and(|said| *said == value);
    Report {
        version: text("redis_version").unwrap_or_default(),
        is_master: !is("role", "slave"),
        is_cluster: is("cluster_enabled", "1"),
        aof: is("aof_enabled", "1"),
        appendfsync,
        snapshots,
        writes_well: !is("aof_last_write_status", "err") && !is("rdb_last_bgsave_status", "err"),
        eviction: text("maxmemory_policy"),
        memory: bytes("used_memory").unwrap_or_default(),
        most_memory: bytes("maxmemory").or_else(|| bytes("total_system_memory")),
        time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_keeps_to_itself_is_absent() {
        let info = "# Server\r\nredis_version:7.2.4\r\nrole:slave\r\nmaxmemory:0\r\ntotal_system_memory:4096\r\n\
                    aof_enabled:1\r\naof_last_write_status:err\r\nused_memory:7\r\n";
        let report = read(info, None, None, DateTime::UNIX_EPOCH);
        assert_eq!((report.version.as_str(), report.is_master, report.is_cluster), ("7.2.4", false, false));
        assert_eq!((report.aof, report.writes_well, report.eviction), (true, false, None));
        assert_eq!((report.memory, report.most_memory), (7, Some(4096)));
    }
}
