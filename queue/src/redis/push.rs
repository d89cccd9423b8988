//! Taking jobs in: one script for a page, which says of each what became of it.

use ::redis::Value;

use super::{RedisStore, gather::Gather, millis, reply, script};
use crate::{
    store::{BATCH, NewJob, Pushed, StoreError, Tick},
    wakes::Owed,
};

pub(super) async fn push(store: &RedisStore, jobs: &[NewJob]) -> Result<Vec<Pushed>, StoreError> {
    match jobs {
        [job] => store.gather.push(job).await,
        jobs => page(&store.gather, jobs).await,
    }
}

/// Pushes jobs in as few calls as they need.
pub(super) async fn page(gather: &Gather, jobs: &[NewJob]) -> Result<Vec<Pushed>, StoreError> {
    let mut pushed = Vec::with_capacity(jobs.len());
    // A page has one lane, as its jobs have one kind.
    for page in jobs.chunk_by(|one, next| one.lane == next.lane).flat_map(|lane| lane.chunks(BATCH)) {
        let lane = page[0].lane;
        let mut call = script::Call::script(&script::PUSH, &gather.root, 1 + 6 * page.len());
        call.arg(lane.as_str());
        for job in page {
            add(&mut call, job);
        }
        let mut owed = gather.wakes.owe();
        owed.extend([lane]);
        let [digits, woken, holders] = reply::fixed(gather.link.call(&call).await?)?;
        settle(owed, &woken)?;
        pushed.extend(said(page, &reply::text(digits)?, reply::list(holders)?)?);
    }
    Ok(pushed)
}

pub(super) async fn tick(store: &RedisStore, tick: &Tick) -> Result<bool, StoreError> {
    let mut call = script::Call::script(&script::TICK, &store.root, 10);
    call.arg(&tick.schedule).arg(reply::seen(tick)).arg(tick.at.timestamp_millis());
    let mut owed = store.wakes.owe();
    if let Some(job) = &tick.job {
        call.arg(job.lane.as_str());
        add(&mut call, job);
        owed.extend([job.lane]);
    }
    let [written, woken] = reply::fixed(store.ask(call).await?)?;
    settle(owed, &woken)?;
    Ok(reply::number(&written)? == 1)
}

fn add(call: &mut script::Call, job: &NewJob) {
    call.arg(&job.id).arg(&job.name).arg(job.key.as_deref().unwrap_or_default());
    call.arg(&job.payload).arg(millis(job.delay)).arg(job.trace.as_deref().unwrap_or_default());
}

/// Wakes nobody here if the server has woken everybody: this process hears of it like any other.
fn settle(owed: Owed<'_>, woken: &Value) -> Result<(), StoreError> {
    if reply::number(woken)? > 0 {
        owed.forgive();
    }
    Ok(())
}

fn said(jobs: &[NewJob], digits: &str, holders: Vec<Value>) -> Result<Vec<Pushed>, StoreError> {
    if digits.len() != jobs.len() {
        return Err(reply::strange("fewer jobs than were pushed"));
    }
    let mut holders = holders.into_iter();
    let mut pushed = Vec::with_capacity(jobs.len());
    for (job, digit) in jobs.iter().zip(digits.bytes()) {
        pushed.push(if digit == b'0' {
            let holder = holders.next().ok_or_else(|| reply::strange("a key without a holder"))?;
            Pushed { id: reply::text(holder)?, duplicate: true }
        } else {
            Pushed { id: job.id.clone(), duplicate: false }
        });
    }
    Ok(pushed)
}
