//! Finish and claim in one call.

use std::time::Duration;

use ::redis::Value;

use super::{RedisStore, millis, reply, script};
use crate::{
    random,
    store::{CRASHES, Claimed, Ending, Finished, Held, StoreError, Turn, Turned},
};

/// How long the answer of a turn is kept, in case it is lost on its way.
const ANSWERS: Duration = Duration::from_mins(10);

/// How many jobs one call ends at most, and how many it claims: nobody else is served meanwhile.
const PAGE: usize = 200;

/// Takes a turn: in one call as a rule, a full one page by page. Each page is kept under a name of its own, so that whoever
/// repeats the turn hears of each once more.
pub(super) async fn turn(store: &RedisStore, turn: &Turn) -> Result<Turned, StoreError> {
    let (mut turned, mut rest, mut page) = (Turned::default(), turn.finished.as_slice(), 0);
    loop {
        let (finished, others) = rest.split_at(rest.len().min(PAGE));
        let ask = Ask {
            worker: &if page == 0 { turn.worker.clone() } else { format!("{}/{page}", turn.worker) },
            finished,
            want: turn.want.saturating_sub(turned.claimed.len()).min(PAGE),
            suspect: turn.suspect && !turned.claimed.iter().any(|claimed| claimed.suspect),
            turn,
        };
        let answer = call(store, &ask).await?;
        let is_empty = answer.claimed.len() < ask.want;
        turned.applied.extend(answer.applied);
        turned.claimed.extend(answer.claimed);
        turned.next_due = answer.next_due;
        if others.is_empty() && (is_empty || turned.claimed.len() >= turn.want) {
            return Ok(turned);
        }
        (rest, page) = (others, page + 1);
    }
}

/// Is what one call asks.
struct Ask<'a> {
    /// By whom and its number the answer is kept.
    worker: &'a str,
    finished: &'a [Finished],
    want: usize,
    suspect: bool,
    turn: &'a Turn,
}

async fn call(store: &RedisStore, ask: &Ask<'_>) -> Result<Turned, StoreError> {
    let turn = ask.turn;
    let (done, others): (Vec<_>, Vec<_>) =
        ask.finished.iter().enumerate().partition(|(_, finished)| finished.ending == Ending::Done);
    let mut call = script::Call::script(&script::TURN, &store.root, 9 + 2 * done.len() + 7 * others.len());
    call.arg(turn.lane.as_str()).arg(ask.worker).arg(turn.number).arg(millis(turn.lease)).arg(ask.want);
    call.arg(u8::from(ask.suspect)).arg(random::token()).arg(millis(ANSWERS)).arg(done.len());
    for (_, finished) in &done {
        call.arg(&finished.held.id);
    }
    for (_, finished) in &done {
        call.arg(finished.held.token);
    }
    for (_, finished) in &others {
        add(&mut call, finished)?;
    }
    let mut owed = store.wakes.owe();
    if others.iter().any(|(_, finished)| finished.ending == Ending::HandBack) {
        owed.extend([turn.lane]);
    }
    let answer = reply::list(store.ask_alone(&call).await?)?;
    let order = done.iter().chain(&others).map(|(i, _)| *i);
    read(answer, order, ask.finished.len())
}

fn add(call: &mut script::Call, Finished { held, ending }: &Finished) -> Result<(), StoreError> {
    call.arg(&held.id).arg(held.token);
    match ending {
        Ending::Again { delay, attempts, dying } => {
            call.arg("again").arg(millis(*delay)).arg(attempts);
            match dying {
                Some(dying) => {
                    let json = serde_json::to_string(dying).map_err(|error| StoreError::Unavailable(error.into()))?;
                    call.arg(json).arg(dying.death.to_string())
                }
                None => call.arg("").arg(""),
            }
        }
        Ending::Dead { attempts, death } => call.arg("dead").arg(0).arg(attempts).arg("").arg(death.to_string()),
        Ending::Unknown { delay } => call.arg("unknown").arg(millis(*delay)).arg(0).arg("").arg(""),
        // Those that are done are told apart, before the others.
        Ending::HandBack | Ending::Done => call.arg("back").arg(0).arg(0).arg("").arg(""),
    };
    Ok(())
}

fn read(answer: Vec<Value>, order: impl Iterator<Item = usize>, endings: usize) -> Result<Turned, StoreError> {
    let mut answer = answer.into_iter();
    let mut next = || answer.next().ok_or_else(|| reply::strange("half a turn"));
    let digits = reply::text(next()?)?;
    let next_due = reply::number(&next()?)?;
    let token = reply::number(&next()?)?;
    let now = reply::number(&next()?)?;
    if digits.len() != endings {
        return Err(reply::strange("fewer endings than there were"));
    }
    let mut applied = vec![false; endings];
    for (i, digit) in order.zip(digits.bytes()) {
        applied[i] = digit == b'1';
    }
    let mut claimed = answer.map(|job| claim(job, token, now)).collect::<Result<Vec<_>, _>>()?;
    // What became due is claimed after what was due already; the worker gets the first due first.
    claimed.sort_by_key(|(due, _)| *due);
    let late = |due| Duration::from_millis(u64::try_from(now - due).unwrap_or_default());
    let claimed = claimed.into_iter().map(|(due, claimed)| Claimed { late: late(due), ..claimed }).collect();
    Ok(Turned { applied, claimed, next_due: next_due.try_into().ok().map(Duration::from_millis) })
}

/// Reads one claim, and when it was due.
fn claim(job: Value, token: i64, now: i64) -> Result<(i64, Claimed), StoreError> {
    let [id, payload, meta] = reply::fixed(job)?;
    let [name, attempts, crashes, unknown, dying, created, due, _key, trace] = reply::fixed(meta)?;
    let (crashes, created) = (reply::small(&crashes), reply::some_number(&created).unwrap_or(now));
    let dying: Option<String> = reply::some_text(dying);
    let claimed = Claimed {
        held: Held { id: reply::text(id)?, token },
        name: reply::some_text(name).unwrap_or_default(),
        payload: reply::text(payload)?,
        attempts: reply::small(&attempts),
        crashes,
        unknown: reply::small(&unknown),
        suspect: dying.is_some() || crashes >= CRASHES - 1,
        dying: dying.and_then(|dying| serde_json::from_str(&dying).ok()),
        age: Duration::from_millis(u64::try_from(now - created).unwrap_or_default()),
        late: Duration::ZERO,
        trace: reply::some_text(trace),
    };
    Ok((reply::some_number(&due).unwrap_or(created), claimed))
}
