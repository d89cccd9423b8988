//! Keys of ours that somebody has overwritten with something else: whatever cannot be done is not begun, and once the key is
//! put right, every job is where it was.

use queue::{
    StoreError,
    store::{CRASHES, Retention},
};

use super::{Harness, server};
use crate::world::{self, Hand, Harness as _, LEASE, ids, job, reap};

/// Puts a text where a key is, does something, and puts right what there was.
async fn spoiled<T>(key: &str, meanwhile: impl Future<Output = T>) -> T {
    let server = server::shared();
    let aside = format!("{key}:aside");
    let existed: bool = server.ask(&format!("EXISTS {key}")).await;
    if existed {
        let () = server.ask(&format!("RENAME {key} {aside}")).await;
    }
    let () = server.ask(&format!("SET {key} text")).await;
    let done = meanwhile.await;
    let () = server.ask(&format!("DEL {key}")).await;
    if existed {
        let () = server.ask(&format!("RENAME {aside} {key}")).await;
    }
    done
}

fn is_wrong_type<T: std::fmt::Debug>(done: Result<T, StoreError>) -> bool {
    done.unwrap_err().to_string().contains("WRONGTYPE")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_cannot_be_written_takes_no_job_away() {
    let harness = <Harness as world::Harness>::new().await;
    let store = harness.store();
    store.push(&["a", "b", "c"].map(job)).await.unwrap();
    let mut hand = Hand::new(store.clone(), "w");
    for key in ["leases", "fences", "meta:b"] {
        let key = format!("{}:{key}", harness.store.queue_name(queue::Lane::Default));
        let failed = spoiled(&key, hand.try_claim(9)).await;
        assert!(is_wrong_type(failed), "{key}");
    }
    harness.pass(2 * LEASE).await;
    assert_eq!(reap(&*store).await[0].returned, 0, "nothing was held");
    assert_eq!(ids(&hand.claim(9).await), ["a", "b", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaping_that_cannot_be_written_charges_nobody_and_loses_no_job() {
    let harness = <Harness as world::Harness>::new().await;
    let store = harness.store();
    store.push(&["a", "b", "c"].map(job)).await.unwrap();
    for crash in 1..CRASHES {
        assert_eq!(Hand::new(store.clone(), &format!("{crash}")).claim(9).await.len(), 3);
        harness.pass(2 * LEASE).await;
        for key in ["leases", "fences", "meta:b", "active", "suspects", "dead"] {
            let key = format!("{}:{key}", harness.store.queue_name(queue::Lane::Default));
            let failed = spoiled(&key, store.reap(&Retention::default())).await;
            assert!(is_wrong_type(failed), "{key}");
        }
        assert_eq!(reap(&*store).await[0].returned, 3);
    }
    let claimed = Hand::new(store.clone(), "last").claim(9).await;
    assert_eq!(claimed.iter().map(|claimed| claimed.crashes).collect::<Vec<_>>(), [CRASHES - 1]);
}
