//! From Instagram to X: each media once, whatever dies on the way. The stand-in X is the judge.

mod gone;
pub(crate) mod kills;
mod lost;
mod race;
pub(crate) mod week;

use std::pin::pin;
use std::task::Poll;

use serde_json::{Value, json};

use crate::harness::on_x::Pairing;
use crate::harness::{World, within_reason};

/// Runs something until it has waited so often, and drops it there, as a kill does; `None` then.
pub(crate) async fn killed_after<T>(what: impl Future<Output = T>, waits: usize) -> Option<T> {
    let (mut what, mut left) = (pin!(what), waits);
    std::future::poll_fn(move |context| match what.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Runs something until X has a call of an account, and drops it there; with `is_done` X has carried it out by then.
pub(crate) async fn killed_at_call<T>(
    world: &World,
    what: impl Future<Output = T>,
    (pairing, method, path): (&Pairing, &str, &str),
    is_done: bool,
) {
    let called = json!({"x_user_id": pairing.x_user_id, "method": method, "path_contains": path});
    let is_own = |call: &Value| call["x_user_id"] == *pairing.x_user_id && call["method"] == method;
    let own = async || world.stand_ins.calls(path).await.iter().filter(|call| is_own(call)).count();
    let before = own().await;
    world.stand_ins.fault("kill", called, json!({"hang_ms": 600_000, "applied": is_done})).await;
    let arrived = within_reason(async {
        while own().await == before {
            tokio::task::yield_now().await;
        }
    });
    tokio::select! {
        _ = what => panic!("nobody called {path}"),
        () = arrived => {}
    }
    world.stand_ins.mend("kill").await;
}

/// Asserts that each account has posted these, each once, in this order.
pub(crate) async fn assert_each_once(world: &World, pairings: &[Pairing], captions: &[&str]) {
    let posts = world.stand_ins.x_posts().await;
    for pairing in pairings {
        let own = posts.iter().filter(|post| post["user"] == *pairing.user);
        let texts: Vec<_> = own.filter_map(|post| post["text"].as_str()).collect();
        assert_eq!(texts, captions, "{} has each media once, in order", pairing.user);
    }
}
