//! What the server's slow log says of our scripts: how long the slowest call of each took.

use std::{collections::BTreeMap, time::Duration};

use queue::redis::script_name;
use redis::{Value, aio::MultiplexedConnection};

use crate::bare;

/// What is faster is not logged.
const LOGGED: Duration = Duration::from_micros(500);

/// An entry: number, second, microseconds, the command, and who sent it.
type Entry = (u64, u64, u64, Vec<Vec<u8>>, Value, Value);

/// Is what was logged since its start.
pub(crate) struct SlowLog {
    conn: MultiplexedConnection,
    /// By script: the microseconds of each call that was logged.
    scripts: BTreeMap<String, Vec<u64>>,
}

impl SlowLog {
    pub(crate) async fn start(url: &str) -> Self {
        let mut conn = bare::conn(url).await;
        let least = LOGGED.as_micros().to_string();
        for setting in [["slowlog-log-slower-than", &least], ["slowlog-max-len", "100000"]] {
            let set = redis::cmd("CONFIG").arg("SET").arg(&setting).to_owned();
            let () = set.query_async(&mut conn).await.expect("it is done");
        }
        let () = redis::cmd("SLOWLOG").arg("RESET").query_async(&mut conn).await.expect("it is done");
        Self { conn, scripts: BTreeMap::new() }
    }

    /// Takes note of what was logged, and empties the log, which takes memory of its own.
    pub(crate) async fn read(&mut self) {
        let mut pipe = redis::pipe();
        pipe.atomic().cmd("SLOWLOG").arg("GET").arg(-1).cmd("SLOWLOG").arg("RESET").ignore();
        let (log,): (Vec<Entry>,) = pipe.query_async(&mut self.conn).await.expect("it answers");
        for (_, _, micros, command, _, _) in log {
            let word = |at: usize| command.get(at).map(|word| String::from_utf8_lossy(word)).unwrap_or_default();
            let name = match &*word(0) {
                "EVALSHA" => script_name(&word(1)).unwrap_or("not ours").to_lowercase(),
                "EVAL" => "first call of a script".to_owned(),
                _ => continue,
            };
            self.scripts.entry(name).or_default().push(micros);
        }
    }

    /// Says it of each script that was logged; whatever is not named was faster.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
    pub(crate) async fn say(mut self, case: &str) {
        self.read().await;
        for (name, mut calls) in self.scripts {
            calls.sort_unstable();
            let [median, nearly, slowest] =
                [50, 99, 100].map(|percent| calls[(calls.len() - 1) * percent / 100] as f64 / 1000.0);
            println!(
                "{}",
                serde_json::json!({
                    "case": case, "script": name, "logged": calls.len(),
                    "median_ms": median, "p99_ms": nearly, "slowest_ms": slowest,
                })
            );
        }
    }
}
