//! Work that comes in without a break, whatever befalls the deployment.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Dice;
use super::timer::pass;
use super::work::{Asked, Door, Ended, PEOPLE, Piece};

pub(super) struct Stream {
    stop: CancellationToken,
    coming: JoinHandle<Came>,
}

/// What has come in.
#[derive(Default)]
pub(super) struct Came {
    pub accepted: BTreeSet<Piece>,
    pub ended: Vec<Ended>,
    pub refused: usize,
    pub unanswered: usize,
    watched: JoinSet<Ended>,
}

impl Stream {
    /// Begins with it: a person or a page each 100 to 350 ms. An app is numbered behind `first`.
    pub(super) fn start(door: Door, dice: Dice, feeds: Vec<String>, first: u64) -> Self {
        let stop = CancellationToken::new();
        let coming = tokio::spawn(come(door, dice, feeds, first, stop.clone()));
        Self { stop, coming }
    }

    /// Lets nobody in any more, and returns what has come.
    pub(super) async fn stop(self) -> Came {
        self.stop.cancel();
        self.coming.await.expect("who asks is answered as the contract says")
    }
}

impl Came {
    /// Waits until all of it has ended, for so long at most; returns whether it has.
    pub(super) async fn end(&mut self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        while !self.watched.is_empty() {
            let next = tokio::time::timeout(end.saturating_duration_since(Instant::now()), self.watched.join_next());
            let Ok(ended) = next.await else { return false };
            self.ended.extend(ended.transpose().expect("polled to its end"));
        }
        true
    }

    /// What was accepted and has not ended.
    pub(super) fn lost(&self) -> Vec<&Piece> {
        let ended: BTreeSet<_> = self.ended.iter().map(|ended| &ended.piece).collect();
        self.accepted.iter().filter(|piece| !ended.contains(piece)).collect()
    }

    async fn ask(&mut self, door: &Door, asked: impl Future<Output = Asked>) -> bool {
        match asked.await {
            Asked::Accepted(piece) => {
                self.accepted.insert(piece.clone());
                self.watched.spawn(door.clone().end_of(piece));
                return true;
            }
            Asked::Served => return true,
            Asked::Refused => self.refused += 1,
            Asked::Unanswered => self.unanswered += 1,
        }
        false
    }
}

async fn come(door: Door, mut dice: Dice, mut feeds: Vec<String>, first: u64, stop: CancellationToken) -> Came {
    let mut came = Came::default();
    let mut number = first;
    while !stop.is_cancelled() {
        pass(dice.pause(100..350)).await;
        if dice.number(0..3) == 0
            && let Some(key) = feeds.pop()
        {
            // Who gets no feed asks again; who could not connect comes as another one.
            if !came.ask(&door, door.feed(key.clone())).await {
                feeds.push(key);
            }
        } else {
            number += 1;
            let person = dice.one_of(&PEOPLE);
            came.ask(&door, door.exchange(person, &format!("w{number}"))).await;
        }
    }
    while let Some(key) = feeds.pop() {
        came.ask(&door, door.feed(key)).await;
    }
    came
}
