//! Random command sequences, with fixed seeds, against a model that is a map: each job is in exactly one state, and the
//! store agrees after every command.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use queue::{
    Death, JobState, Store,
    store::{BATCH, CRASHES, DeadFilter, Dying, Ending, Finished, Held, LAST_CRASH, NewJob},
};

use crate::world::{Hand, Harness, LEASE, ids, job, reap};

const SEEDS: u64 = 12;
const COMMANDS: usize = 150;

/// A small linear congruential generator: the same sequence everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Ready { late: bool },
    Leased(Held),
    Dead,
}

#[derive(Debug, Clone)]
struct Entry {
    state: State,
    key: Option<String>,
    attempts: u32,
    crashes: u32,
    unknown: u32,
    dying: bool,
}

impl Entry {
    fn suspect(&self) -> bool {
        self.dying || self.crashes >= CRASHES - 1
    }
}

struct Model {
    store: Arc<dyn Store>,
    dice: Dice,
    jobs: BTreeMap<String, Entry>,
    hands: Vec<Hand>,
    pushed: usize,
    hours: i64,
}

impl Model {
    fn holder(&self, key: &str) -> Option<String> {
        let live = |entry: &Entry| entry.state != State::Dead && entry.key.as_deref() == Some(key);
        self.jobs.iter().find(|(_, entry)| live(entry)).map(|(id, _)| id.clone())
    }

    fn pick(&mut self, of: impl Fn(&State) -> bool) -> Option<String> {
        let ids: Vec<_> = self.jobs.iter().filter(|(_, entry)| of(&entry.state)).map(|(id, _)| id.clone()).collect();
        if ids.is_empty() { None } else { Some(ids[self.dice.roll(ids.len())].clone()) }
    }

    async fn push(&mut self) {
        self.pushed += 1;
        let id = format!("j{}", self.pushed);
        let key = (self.dice.roll(2) == 0).then(|| format!("toy:k{}", self.dice.roll(8)));
        let late = self.dice.roll(3) == 0;
        // Half an hour past a full one, so that no delayed job becomes due by itself.
        let delay = if late { Duration::from_mins(30) } else { Duration::ZERO };
        let said = self.store.push(&[NewJob { key: key.clone(), delay, ..job(&id) }]).await.unwrap().remove(0);
        if let Some(holder) = key.as_deref().and_then(|key| self.holder(key)) {
            assert_eq!((said.id, said.duplicate), (holder, true));
        } else {
            assert_eq!((said.id.as_str(), said.duplicate), (id.as_str(), false));
            let state = State::Ready { late };
            self.jobs.insert(id, Entry { state, key, attempts: 0, crashes: 0, unknown: 0, dying: false });
        }
    }

    async fn claim(&mut self) {
        let (hand, want) = (self.dice.roll(self.hands.len()), 1 + self.dice.roll(5));
        self.hands[hand].suspect = self.dice.roll(2) == 0;
        let mut claimed = self.hands[hand].turn(vec![], want).await.claimed;
        if self.dice.roll(3) == 0 {
            let again = self.hands[hand].again(vec![], want).await.claimed;
            assert_eq!(ids(&claimed), ids(&again));
            claimed = again;
        }
        let ready = |entry: &&Entry| entry.state == State::Ready { late: false };
        let suspects = self.jobs.values().filter(ready).filter(|entry| entry.suspect()).count();
        let others = self.jobs.values().filter(ready).count() - suspects;
        let suspects = if self.hands[hand].suspect { suspects.min(1) } else { 0 };
        assert_eq!(claimed.len(), want.min(suspects + others));
        for claimed in claimed {
            let entry = self.jobs.get_mut(&claimed.held.id).expect("a job that was pushed");
            assert_eq!(entry.state, State::Ready { late: false }, "{}", claimed.held.id);
            let said = (claimed.attempts, claimed.crashes, claimed.unknown, claimed.suspect, claimed.dying.is_some());
            assert_eq!(said, (entry.attempts, entry.crashes, entry.unknown, entry.suspect(), entry.dying));
            entry.state = State::Leased(claimed.held);
        }
    }

    async fn finish(&mut self) {
        let Some(id) = self.pick(|state| matches!(state, State::Leased(_))) else { return };
        let forged = self.dice.roll(4) == 0;
        let Entry { state: State::Leased(held), attempts, .. } = &self.jobs[&id] else { return };
        let (mut held, attempts) = (held.clone(), attempts + 1);
        if forged {
            held.token ^= 1;
        }
        let death = Death::Refused("never".into());
        let delay = if self.dice.roll(2) == 0 { Duration::from_mins(30) } else { Duration::ZERO };
        let ending = match self.dice.roll(6) {
            0 => Ending::HandBack,
            1 => Ending::Again { delay, attempts, dying: None },
            2 => Ending::Again { delay, attempts, dying: Some(Dying { death, tries: 1 }) },
            3 => Ending::Dead { attempts, death },
            4 => Ending::Unknown { delay },
            _ => Ending::Done,
        };
        let finished = vec![Finished { held, ending: ending.clone() }];
        assert_eq!(self.hands[0].turn(finished, 0).await.applied, [!forged]);
        if forged {
            return;
        }
        let entry = self.jobs.get_mut(&id).expect("it is there");
        match ending {
            Ending::Done => drop(self.jobs.remove(&id)),
            Ending::HandBack => entry.state = State::Ready { late: false },
            Ending::Dead { .. } => entry.state = State::Dead,
            Ending::Unknown { delay } => {
                entry.state = State::Ready { late: delay > Duration::ZERO };
                entry.unknown += 1;
            }
            Ending::Again { delay, attempts, dying } => {
                let state = State::Ready { late: delay > Duration::ZERO };
                *entry =
                    Entry { state, attempts, crashes: 0, unknown: 0, dying: dying.is_some(), key: entry.key.take() };
            }
        }
    }

    async fn crash(&mut self, harness: &impl Harness) {
        harness.pass(LEASE).await;
        reap(self.store.as_ref()).await;
        for entry in self.jobs.values_mut().filter(|entry| matches!(entry.state, State::Leased(_))) {
            entry.crashes += 1;
            let buried = entry.dying && entry.crashes >= LAST_CRASH;
            entry.state = if buried { State::Dead } else { State::Ready { late: false } };
            entry.dying |= entry.crashes >= CRASHES;
        }
    }

    async fn an_hour_later(&mut self) {
        self.hours += 1;
        self.store.set_offset(self.hours * 3_600_000).await.unwrap();
        for entry in self.jobs.values_mut().filter(|entry| entry.state == State::Ready { late: true }) {
            entry.state = State::Ready { late: false };
        }
    }

    async fn exhume(&mut self) {
        let Some(id) = self.pick(|state| *state == State::Dead) else { return };
        if self.dice.roll(2) == 0 {
            assert_eq!(self.store.delete_dead(std::slice::from_ref(&id)).await.unwrap(), 1);
            self.jobs.remove(&id);
            return;
        }
        let held = self.jobs[&id].key.clone().is_some_and(|key| self.holder(&key).is_some());
        let back = self.store.retry_dead(std::slice::from_ref(&id)).await.unwrap();
        assert_eq!(back, usize::from(!held));
        if !held {
            let entry = self.jobs.get_mut(&id).expect("it is there");
            let key = entry.key.take();
            let state = State::Ready { late: false };
            *entry = Entry { state, key, attempts: 0, crashes: 0, unknown: 0, dying: false };
        }
    }

    /// The store's counts, keys and dead are the model's.
    async fn agree(&self, after: &str) {
        let count = |of: &dyn Fn(&State) -> bool| self.jobs.values().filter(|entry| of(&entry.state)).count() as u64;
        let expected = [
            count(&|state| *state == State::Ready { late: false }),
            count(&|state| *state == State::Ready { late: true }),
            count(&|state| matches!(state, State::Leased(_))),
            count(&|state| *state == State::Dead),
        ];
        let stats = self.store.stats().await.unwrap();
        let sum = |of: &dyn Fn(&queue::store::LaneStats) -> u64| stats.iter().map(of).sum::<u64>();
        let counted = [sum(&|s| s.waiting), sum(&|s| s.delayed), sum(&|s| s.running), sum(&|s| s.dead)];
        assert_eq!(counted, expected, "{after}");
        assert_eq!(self.store.is_idle().await.unwrap(), expected[0] + expected[2] == 0);

        let mut views = HashMap::new();
        for key in (0..8).map(|i| format!("toy:k{i}")) {
            let view = self.store.find(&key).await.unwrap();
            assert_eq!(view.as_ref().map(|view| view.id.clone()), self.holder(&key), "{after}, {key}");
            views.extend(view.map(|view| (view.id.clone(), view)));
        }
        for (id, view) in views {
            let doing = match self.jobs[&id].state {
                State::Ready { late: true } => JobState::Delayed,
                State::Ready { late: false } => JobState::Waiting,
                _ => JobState::Running,
            };
            assert_eq!((view.state, view.attempt), (doing, self.jobs[&id].attempts + 1), "{id}");
        }
        let dead = self.store.dead(&DeadFilter::default(), BATCH).await.unwrap();
        assert!(dead.iter().all(|dead| self.jobs[&dead.id].state == State::Dead));
    }
}

pub(crate) async fn random_commands_leave_each_job_in_exactly_one_state(harness: &impl Harness) {
    for seed in 0..SEEDS {
        let store = harness.store();
        let left = store.dead(&DeadFilter::default(), BATCH).await.unwrap();
        store.delete_dead(&left.into_iter().map(|dead| dead.id).collect::<Vec<_>>()).await.unwrap();
        store.set_offset(0).await.unwrap();
        let hands = (0..3).map(|hand| Hand::new(store.clone(), &format!("{seed}-{hand}"))).collect();
        let jobs = BTreeMap::new();
        let mut model = Model { store, dice: Dice(seed), jobs, hands, pushed: 0, hours: 0 };
        for command in 0..COMMANDS {
            match model.dice.roll(12) {
                0..4 => model.push().await,
                4..7 => model.claim().await,
                7..9 => model.finish().await,
                9 => model.crash(harness).await,
                10 => model.an_hour_later().await,
                _ => model.exhume().await,
            }
            model.agree(&format!("seed {seed}, command {command}")).await;
        }
        // To its end: every job leaves, and nothing stays behind.
        model.an_hour_later().await;
        model.crash(harness).await;
        model.hands[0].suspect = true;
        while let Some(claimed) = model.hands[0].claim(1).await.first() {
            assert!(model.hands[0].finish(claimed, Ending::Done).await);
        }
        assert!(model.store.is_idle().await.unwrap());
    }
}
