//! The day as the service lives it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::{Column, Entity};
use futures_util::{StreamExt, stream};
use sea_orm::{EntityTrait, QuerySelect};

use super::{Feed, Outcome, Size, user};
use crate::harness::World;

/// So many ask at once.
const AT_ONCE: usize = 16;

/// Connects the accounts, asks for the feeds, and lives the day.
pub(super) async fn run(size: &Size) -> Outcome {
    let world = World::start().await;
    let feeds = size.feeds();
    size.allow(&world.stand_ins).await;
    let began = world.ctx.now();
    for account in 0..size.accounts {
        let tags = feeds.iter().filter(|feed| feed.class.is_tag && feed.account == account);
        world.register(&app(account), &tags.map(|feed| feed.key.as_str()).collect::<Vec<_>>()).await;
        world.start_exchange(&user(account), &app(account)).await;
    }
    world.drain().await;
    assert_eq!(world.installs().await.len(), size.accounts, "all are connected");
    look_at(&world, &feeds, |_| true).await;
    world.drain().await;

    let mut seen = Reads::default();
    seen.note(&world).await;
    let mut minute = 0;
    while minute < size.hours * 60 {
        minute += size.step;
        world.advance(TimeDelta::minutes(size.step)).await;
        let is_now = |at: i64| (minute - size.step..minute).contains(&at);
        for feed in feeds.iter().filter(|feed| size.posts(feed).into_iter().any(is_now)) {
            world.stand_ins.post(&user(feed.account), "news").await;
        }
        // Each in a minute of the hour of its own.
        let hour = minute - minute % 60;
        let own_minute = |feed: &Feed| i64::try_from(feed.number % 60).expect("small");
        let looks = |feed: &Feed| is_now(hour + own_minute(feed)) || is_now(hour - 60 + own_minute(feed));
        look_at(&world, &feeds, |feed| feed.class.is_seen && looks(feed)).await;
        world.fetch_due().await;
        seen.note(&world).await;
    }
    let reads = feeds.iter().map(|feed| seen.0.remove(&feed.key).unwrap_or_default()).collect();
    Outcome::new(size, &world.stand_ins, (began, world.ctx.now()), reads).await
}

fn app(account: usize) -> String {
    format!("app{account}")
}

/// Has somebody look at feeds.
async fn look_at(world: &World, feeds: &[Feed], which: impl Fn(&Feed) -> bool) {
    let asked = feeds.iter().filter(|feed| which(feed));
    let answers = stream::iter(asked).map(|feed| world.ask_quickly(app(feed.account), &feed.key));
    answers.buffer_unordered(AT_ONCE).for_each(async |answer| assert!(answer.status < 300, "{}", answer.text)).await;
}

/// When each feed was read, by its key.
#[derive(Default)]
struct Reads(HashMap<String, Vec<DateTime<Utc>>>);

impl Reads {
    async fn note(&mut self, world: &World) {
        let rows = Entity::find().select_only().columns([Column::Key, Column::FetchedAt]);
        let rows: Vec<(String, Option<DateTime<Utc>>)> = rows.into_tuple().all(&world.ctx.db.read).await.expect("read");
        for (key, fetched_at) in rows {
            let reads = self.0.entry(key).or_default();
            reads.extend(fetched_at.filter(|at| reads.last() != Some(at)));
        }
    }
}
