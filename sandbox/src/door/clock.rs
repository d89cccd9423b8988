//! `/_sandbox/clock`: what time it is, and later.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use serde_json::{Value, json};

use super::body::{Fields, whole};
use super::{Answer, Problem, Sandbox};
use crate::durable::hold;

/// How far the clock can be ahead: beyond it dates stop making sense.
const MAX_OFFSET_S: i64 = 100 * 366 * 86_400;

/// Tells the time.
pub(super) async fn show(State(shared): Sandbox) -> Answer<Value> {
    Ok(Json(json!({
        "now": shared.clock.now_text(),
        "offset_ms": shared.clock.offset_ms(),
    })))
}

/// Moves the clock ahead; answers when whoever follows it has caught up.
pub(super) async fn advance(State(shared): Sandbox, body: Bytes) -> Answer<Value> {
    let mut fields = Fields::read(&body)?;
    let value = fields
        .take("advance_s")
        .ok_or_else(|| Problem::field("advance_s is missing; it must be a number of seconds"))?;
    fields.done("advance_s")?;
    let advance_ms = whole("advance_s", &value, 0, MAX_OFFSET_S)? * 1000;

    let offset_ms = shared.saved.update(|saved| {
        let offset_ms = saved.offset_ms.saturating_add(advance_ms);
        if offset_ms <= MAX_OFFSET_S * 1000 {
            saved.offset_ms = offset_ms;
            // Inside, so that two moves at once cannot set the clock back.
            shared.clock.set_offset_ms(offset_ms);
        }
        (offset_ms <= MAX_OFFSET_S * 1000).then_some(offset_ms)
    })?;
    let offset_ms = offset_ms.ok_or_else(|| Problem::field("advance_s: the clock would be over 100 years ahead"))?;
    let hook = hold(&shared.on_clock).as_ref().map(Arc::clone);
    if let Some(hook) = hook {
        // A task of its own: who follows the clock catches up even if the asker leaves.
        if let Err(error) = tokio::spawn(hook(offset_ms)).await {
            tracing::error!(%error, "what follows the sandbox's clock has failed");
        }
    }
    Ok(Json(json!({ "now": shared.clock.now_text() })))
}
