//! Hearing that a lane has got work: one subscription for the process. After each gap in it every lane is woken, for
//! a message may have been missed.

use std::{sync::Arc, time::Duration};

use ::redis::{PushInfo, PushKind, RedisResult, Value, cmd};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::AbortHandle,
    time::{MissedTickBehavior, interval, sleep},
};

use super::address::Address;
use crate::{lane::Lane, random, wakes::Wakes};

/// How often a quiet subscription is tried.
const PING: Duration = Duration::from_secs(5);

/// The wait after a first failure, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// Listens until it is aborted.
pub(super) fn spawn(address: Arc<Address>, root: &str, wakes: Wakes) -> AbortHandle {
    let channels = Lane::ALL.map(|lane| format!("{root}:{lane}:wake"));
    let listening = async move {
        let (mut wait, mut failures) = (BACK_OFF.0, 0u32);
        loop {
            let mut heard = false;
            let ended = listen(&address, &channels, &wakes, &mut heard).await;
            if heard {
                (wait, failures) = (BACK_OFF.0, 0);
            }
            if failures == 0 {
                let error = ended.err().map(|error| error.to_string()).unwrap_or_default();
                tracing::warn!(address = %address, error, "wake-ups are not heard: connecting anew");
            }
            failures += 1;
            sleep(wait.mul_f64(0.5 + random::jitter() / 2.0)).await;
            wait = (wait * 2).min(BACK_OFF.1);
        }
    };
    tokio::spawn(listening).abort_handle()
}

/// Listens until the connection ends; `heard` says whether it ever began.
async fn listen(address: &Address, channels: &[String; 3], wakes: &Wakes, heard: &mut bool) -> RedisResult<()> {
    let (sender, mut messages) = unbounded_channel();
    let mut conn = address.listen(sender).await?;
    conn.subscribe(channels.as_slice()).await?;
    *heard = true;
    wakes.wake_all();
    let mut pings = interval(PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            more = next(&mut messages, channels, wakes) => if !more { return Ok(()) },
            _ = pings.tick() => conn.send_packed_command(&cmd("PING")).await?.extract_error().map(drop)?,
        }
    }
}

/// Passes one message on; `false` if there will be no more.
async fn next(messages: &mut UnboundedReceiver<PushInfo>, channels: &[String; 3], wakes: &Wakes) -> bool {
    let Some(PushInfo { kind, data }) = messages.recv().await else { return false };
    if kind == PushKind::Message
        && let Some(Value::BulkString(channel)) = data.first()
    {
        for (lane, name) in Lane::ALL.into_iter().zip(channels) {
            if name.as_bytes() == channel {
                wakes.wake(lane);
            }
        }
    }
    kind != PushKind::Disconnection
}
