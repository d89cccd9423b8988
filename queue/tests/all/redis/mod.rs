//! What only the Redis store does: several processes, faults of the server, stock producers, addresses.
//! Everything here needs `redis-server`; `cargo test -- --skip redis::` runs the rest.

mod address;
mod faults;
mod helper;
mod meddling;
mod processes;
mod server;
mod stock;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ::redis::aio::MultiplexedConnection;
use queue::{
    Store,
    redis::{Options, RedisStore},
};

use crate::{conformance, world};

/// Names a prefix that nobody else has.
fn prefix() -> Options {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    Options { prefix: format!("test{}", NEXT.fetch_add(1, Ordering::SeqCst)), ca: None }
}

/// Builds a store under a prefix of its own.
pub(crate) struct Harness {
    store: Arc<RedisStore>,
    prefix: String,
    conn: MultiplexedConnection,
}

impl world::Harness for Harness {
    async fn new() -> Self {
        let (server, options) = (server::shared(), prefix());
        let store = RedisStore::connect(&server.url(), options.clone()).await.expect("it connects");
        Self { store, prefix: options.prefix, conn: server.conn().await }
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    /// Nobody can move the server's time, so the ends of the leases come nearer instead.
    async fn pass(&self, time: Duration) {
        let nearer = "for _, lane in ipairs({'interactive', 'default', 'bulk'}) do
            local leases = KEYS[1] .. ':' .. lane .. ':leases'
            for _, id in ipairs(redis.call('ZRANGE', leases, 0, -1)) do redis.call('ZINCRBY', leases, -ARGV[1], id) end
        end";
        let time = u64::try_from(time.as_millis()).unwrap();
        let mut conn = self.conn.clone();
        let nearer = ::redis::Script::new(nearer);
        let () = nearer.key(format!("{{{}}}", self.prefix)).arg(time).invoke_async(&mut conn).await.unwrap();
    }
}

impl Harness {
    /// Lists the keys that are left.
    async fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = ::redis::cmd("KEYS")
            .arg(format!("{{{}}}*", self.prefix))
            .query_async(&mut self.conn.clone())
            .await
            .unwrap();
        for key in &mut keys {
            *key = key.replacen(&format!("{{{}}}:", self.prefix), "", 1);
        }
        keys.sort();
        keys
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_leaves_no_key_behind() {
    let harness = <Harness as world::Harness>::new().await;
    conformance::model::random_commands_leave_each_job_in_exactly_one_state(&harness).await;
    let store = &harness.store;
    let dead = store.dead(&queue::store::DeadFilter::default(), 10_000).await.unwrap();
    store.delete_dead(&dead.into_iter().map(|dead| dead.id).collect::<Vec<_>>()).await.unwrap();
    store.set_offset(0).await.unwrap();
    let mut left = harness.keys().await;
    // The answers to the pumps, which end by themselves.
    for answer in left.extract_if(.., |key| key.contains(":turn:")) {
        let key = format!("{{{}}}:{answer}", harness.prefix);
        let rest: i64 = ::redis::cmd("PTTL").arg(key).query_async(&mut harness.conn.clone()).await.unwrap();
        assert!((1..=600_000).contains(&rest), "{rest}");
    }
    assert_eq!(left, ["burials"]);
}
