//! The faults that tests switch on: which calls they hit, and what those get instead of an answer.
//! They live in memory: a restart starts without faults.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::calls::{Call, Service};
use crate::durable::hold;

/// Which calls are hit; what is absent matches everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    /// The service that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<Service>,
    /// A part of the path; the query is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path_contains: Option<String>,
    /// The Instagram account that the call is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ig_user_id: Option<String>,
    /// The account on X by whose leave the call is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) x_user_id: Option<String>,
    /// GET, POST, ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
}

impl Match {
    fn hits(&self, call: &Call) -> bool {
        // Mail is not meant by a fault that says nothing of it.
        let is_meant = call.service != Service::Smtp || self.service.is_some() || self.path_contains.is_some();
        is_meant
            && self.service.is_none_or(|service| service == call.service)
            && self.path_contains.as_ref().is_none_or(|part| call.path.contains(part))
            && self.ig_user_id.as_ref().is_none_or(|id| call.ig_user_id.as_ref() == Some(id))
            && self.x_user_id.as_ref().is_none_or(|id| call.x_user_id.as_ref() == Some(id))
            && self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&call.method))
    }
}

/// An answer given instead of the real one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Headers; without a `content-type` it is Meta's for JSON.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body, sent as it is.
    #[serde(default)]
    pub(crate) body: String,
}

/// What a call that is hit gets.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// This answer in place of the real one.
    Answer {
        /// What is answered.
        answer: Answer,
        /// Whether the call happens all the same.
        applied: bool,
    },
    /// A wait, then what it would have got.
    Hang {
        /// How long.
        hang_ms: u64,
        /// Whether the call happens before the wait, not after.
        applied: bool,
    },
    /// The end of the connection, without a byte.
    Drop {
        /// Whether the call happens all the same.
        applied: bool,
    },
}

/// A fault as it is put and listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Which calls are hit.
    #[serde(rename = "match", default)]
    pub(crate) matching: Match,
    /// See [`Effect::Answer`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Answer>,
    /// See [`Effect::Hang`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hang_ms: Option<u64>,
    /// See [`Effect::Drop`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) drop: Option<bool>,
    /// Whether the call has happened all the same, and only its answer is another, late or lost: a
    /// code is then used.
    #[serde(default)]
    pub(crate) applied: bool,
    /// How many calls are hit before the fault goes away; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u32>,
}

impl Fault {
    /// Returns what the fault does; none unless it is exactly one thing.
    pub(crate) fn effect(&self) -> Option<Effect> {
        let applied = self.applied;
        match (&self.answer, self.hang_ms, self.drop) {
            (Some(answer), None, None | Some(false)) => Some(Effect::Answer { answer: answer.clone(), applied }),
            (None, Some(hang_ms), None | Some(false)) => Some(Effect::Hang { hang_ms, applied }),
            (None, None, Some(true)) => Some(Effect::Drop { applied }),
            _ => None,
        }
    }
}

/// The faults that are switched on, by name.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<BTreeMap<String, Fault>>);

impl Faults {
    /// Switches a fault on, in place of the one with the same name.
    pub(crate) fn put(&self, name: &str, fault: Fault) {
        hold(&self.0).insert(name.to_owned(), fault);
    }

    /// Switches a fault off; false if there was none.
    pub(crate) fn remove(&self, name: &str) -> bool {
        hold(&self.0).remove(name).is_some()
    }

    /// Returns the faults that are on.
    pub(crate) fn list(&self) -> Vec<(String, Fault)> {
        hold(&self.0).iter().map(|(name, fault)| (name.clone(), fault.clone())).collect()
    }

    /// Returns what a call gets, by the first matching name, and counts the hit.
    pub(crate) fn hit(&self, call: &Call) -> Option<Effect> {
        let mut faults = hold(&self.0);
        let name = faults.iter().find(|(_, fault)| fault.matching.hits(call)).map(|(name, _)| name.clone())?;
        let fault = faults.get_mut(&name)?;
        let hit = fault.effect();
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                faults.remove(&name);
            }
        }
        hit
    }
}
