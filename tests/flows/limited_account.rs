//! One account is at its limit, and five hundred are not: those have their feeds as fast as before, and the limited one is
//! left alone.

use std::fmt::{Display, Formatter};
use std::time::{Duration, Instant};

use entities::install::{self, Status};
use entities::{StringList, app_install, feed, new_id};
use futures_util::{StreamExt, stream};
use queue::Engine;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use worker::jobs::FetchFeed;

use crate::harness::hashtags::tags;
use crate::harness::stand_ins::graph_error;
use crate::harness::{World, within_reason};

/// So many accounts are not limited.
const OTHERS: usize = 500;
/// So many people wait at once.
const AT_ONCE: usize = 8;
/// So many fetches does a worker run at once, if it is not told otherwise.
const SLOTS: usize = 10;
/// How often the busy account's feeds fall due meanwhile.
const ROUNDS: usize = 10;

impl World {
    /// Connects so many accounts to an app, whose posts a fault answers for; returns their feeds.
    async fn with_many(&self, app_id: &str, number: usize) -> Vec<String> {
        let item = json!({"id": "1", "media_type": "IMAGE", "permalink": "https://www.instagram.com/p/1/"});
        let body = json!({"data": [item]}).to_string();
        let answer = json!({"answer": {"status": 200, "headers": {}, "body": body}});
        self.stand_ins.fault("posts", json!({"path_contains": "/media"}), answer).await;
        self.register(app_id, &[]).await;
        let now = self.ctx.now();
        let mut keys = Vec::new();
        for number in 0..number {
            let (id, name) = (new_id(), format!("many{number}"));
            let token = format!("EAAmany{number}").into();
            let row = install::Model {
                ends_estimated: false,
                checked_at: now,
                killed: None,
                killed_at: None,
                instagram_account: name.clone(),
                instagram_business_account_id: format!("1784{number:013}"),
                page_id: format!("900{number:09}"),
                page_name: name.clone(),
                facebook_user_id: Some(format!("800{number:09}")),
                user_token: None,
                user_token_expires_at: None,
                page_token: Some(self.ctx.keyring.seal(install::PAGE_TOKEN.place(&id), &token)),
                token_expires_at: None,
                data_access_expires_at: None,
                scopes: StringList::default(),
                profile: Some(json!({"id": format!("1784{number:013}"), "username": name, "media_count": 1})),
                profile_read_at: Some(now),
                status: Status::Active,
                generation: 1,
                first_verify_email_sent_at: None,
                second_verify_email_sent_at: None,
                created_at: now,
                updated_at: now,
                id: id.clone(),
            };
            row.into_active_model().reset_all().insert(&self.ctx.db.write).await.expect("written");
            app_install::Entity::join(&self.ctx.db.write, app_id, &id, now).await.expect("joined");
            keys.push(format!("@{name}"));
        }
        keys
    }

    /// Asks for a feed that was never fetched, and returns how long it took until it was.
    async fn time_to_fresh(&self, app_id: &str, key: &str) -> Duration {
        let began = Instant::now();
        let asked = self.http.get(&self.feed_url(app_id, key)).await;
        assert_eq!(asked.status, 202, "{}", asked.text);
        let run = asked.json()["job_id"].as_str().expect("a run").to_owned();
        let end = self.http.get(&format!("{}/jobs/{run}?wait=30", self.url)).await;
        assert_eq!(end.json()["state"], "done", "{}", end.text);
        began.elapsed()
    }

    /// How long others take, while the busy account's feeds fall due over and over.
    async fn times_beside(&self, others: &[String], busy: &[String]) -> Times {
        let mut times = Vec::new();
        for some in others.chunks(others.len() / ROUNDS) {
            self.press(busy).await;
            let all = stream::iter(some).map(|key| self.time_to_fresh("others", key)).buffer_unordered(AT_ONCE);
            times.extend(all.collect::<Vec<_>>().await);
            self.are_done(busy).await;
        }
        times.sort_unstable();
        Times(times)
    }

    /// Waits until no worker has any of these feeds, and none waits for one.
    async fn are_done(&self, keys: &[String]) {
        within_reason(async {
            for key in keys {
                let id = self.feed_of(key).await.id;
                while self.ctx.queue.find::<FetchFeed>(&id).await.expect("asked").is_some() {
                    tokio::task::yield_now().await;
                }
            }
        })
        .await;
    }

    /// Makes feeds due and has them fetched, as if their time had come.
    async fn press(&self, keys: &[String]) {
        let feeds = feed::Entity::find().filter(feed::Column::Key.is_in(keys)).all(&self.ctx.db.read).await;
        let ids: Vec<String> = feeds.expect("read").into_iter().map(|feed| feed.id).collect();
        feed::Entity::make_due(&self.ctx.db.write, &ids, self.ctx.now()).await.expect("written");
        let jobs: Vec<_> = ids.into_iter().map(|feed_id| FetchFeed { feed_id }).collect();
        self.ctx.queue.push_all(&jobs).await.expect("pushed");
    }
}

#[tokio::test]
async fn one_account_at_its_limit_costs_the_others_nothing() {
    let busy = [vec!["@powr_io".to_owned()], tags(0..29)].concat();
    let world = World::with_apps(&[("busy", "powr_io")], &busy).await;
    let keys = world.with_many("others", OTHERS).await;
    world.ask_all("busy", &busy).await;
    world.drain().await;
    let stop = CancellationToken::new();
    let engine = worker::jobs::register(
        Engine::new(world.ctx.queue.clone(), world.ctx.clone()),
        &worker::jobs::Scans::default(),
    );
    let running = tokio::spawn(engine.run(stop.clone()));
    let (before, beside) = keys.split_at(OTHERS / 2);

    let before = world.times_beside(before, &busy).await;
    world.stand_ins.forget_calls().await;
    let account = world.stand_ins.account_id("powr_io").await;
    world.stand_ins.fault("limit", json!({"ig_user_id": account}), graph_error(400, 80002, None)).await;
    let beside = world.times_beside(beside, &busy).await;

    let calls = world.stand_ins.calls("").await;
    let refused = calls.iter().filter(|call| call["ig_user_id"] == account.as_str()).count();
    println!(
        "request to fresh, {AT_ONCE} at once, beside an account with {} feeds: {before} while it is served, {beside} while it \
         is at its limit and was called {refused} times",
        busy.len()
    );
    assert!((1..=SLOTS).contains(&refused), "{refused} calls: no more than were under way");
    assert!(beside.median() < before.median() * 2, "{before} became {beside}");
    for feed in world.feeds().await.iter().filter(|feed| busy.iter().any(|key| key == feed.key.as_str())) {
        assert!(feed.next_fetch_at.is_some_and(|at| at > world.ctx.now()), "{feed:?}");
    }
    stop.cancel();
    running.await.expect("it ends").expect("well");
}

/// How long each took.
struct Times(Vec<Duration>);

impl Times {
    fn at(&self, percent: usize) -> Duration {
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)]
    }

    fn median(&self) -> Duration {
        self.at(50)
    }
}

impl Display for Times {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "p50 {:.1?} p99 {:.1?}", self.at(50), self.at(99))
    }
}
