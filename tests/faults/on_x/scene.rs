//! Two workers on one Redis, two Instagram accounts that have published something, and cross-posts of it to many accounts on
//! X, each of which waits until it is called.

use std::sync::Arc;

use chrono::{DurationRound, TimeDelta};
use entities::seal::Keyring;
use entities::{Db, crosspost, crosspost_delivery, job_run, new_id, x_account};
use futures_util::future::join_all;
use queue::clock::SystemClock;
use queue::store::JobState;
use queue::{Job, Lane, Queue, Store};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use worker::exchange::{AppRef, Credential, Request};
use worker::jobs::{CrosspostMedia, ExchangeToken, ExchangeXCode, RefreshXToken, ScanCrossposts, XRequest};

use super::judge::Cut;
use super::step::{Media, Step};
use crate::harness::on_x::Pairing;
use crate::harness::{Cluster, Half, within_reason};

/// How many workers there are.
const WORKERS: usize = 2;
/// What the media say.
const PICTURE: &str = "a picture";
const VIDEO: &str = "a video";
/// How old pairs are when the first is renewed: one that is younger is not doubted.
const AGE_S: i64 = 600;

pub(super) struct Scene {
    pub cluster: Cluster,
    pub db: Db,
    pub pairings: Vec<Pairing>,
    /// What the kills have cut off in the middle.
    pub cuts: Vec<Cut>,
    /// How many workers were killed.
    pub killed: usize,
    media: Vec<Media>,
    queue: Queue,
    keyring: Keyring,
}

impl Scene {
    /// Sets it: for each media a cross-post to an account of its own.
    pub(super) async fn set(media: impl Iterator<Item = Media>) -> Self {
        let mut cluster = Cluster::prepare().await;
        cluster.redis.start();
        let x_url = format!("{}/x", cluster.stand_ins.url);
        for (name, value) in [
            ("X_API_URL", x_url.as_str()),
            ("X_CLIENT_ID", sandbox::DEFAULT_X_CLIENT_ID),
            ("X_CLIENT_SECRET", sandbox::DEFAULT_X_CLIENT_SECRET),
            ("RUST_LOG", "info"),
        ] {
            cluster.env.push((name.to_owned(), value.to_owned()));
        }
        for _ in 0..WORKERS {
            cluster.add_worker(&[]).await;
        }
        let key = cluster.env.iter().find(|(name, _)| name == "KEYRING").expect("a key").1.clone();
        let keyring = Keyring::parse(&key.into()).expect("a key");
        let queue = Queue::following(cluster.redis.store().await, Arc::new(SystemClock));
        let (db, media) = (cluster.db().await, media.collect());
        let (pairings, cuts) = (Vec::new(), Vec::new());
        let mut scene = Self { cluster, db, pairings, cuts, killed: 0, media, queue, keyring };
        scene.cross_post().await;
        scene
    }

    /// Connects everybody, and has everything planned and nothing posted.
    async fn cross_post(&mut self) {
        let (users, accounts) = (["powr_io", "natgeo"], (0..self.media.len()).map(|number| format!("crowd_{number}")));
        let installing = join_all(users.map(|user| self.ask_for(user))).await;
        let connecting = join_all(accounts.map(|user| self.ask_for_x(user))).await;
        let (mut installs, mut accounts) = (Vec::new(), Vec::new());
        for run_id in installing {
            installs.push(self.result(&run_id, "install_id").await);
        }
        for (user, run_id) in connecting {
            accounts.push(self.on_x(user, &run_id).await);
        }
        self.cluster.advance(AGE_S).await;
        let now = self.cluster.now().await.duration_trunc(TimeDelta::seconds(1)).expect("a second");
        for (mut pairing, media) in accounts.into_iter().zip(&self.media) {
            pairing.crosspost_id = new_id();
            let row = crosspost::ActiveModel {
                id: Set(pairing.crosspost_id.clone()),
                install_id: Set(installs[usize::from(*media == Media::Video)].clone()),
                x_account_id: Set(pairing.x_account_id.clone()),
                template: Set(worker::crosspost::text::TEMPLATE.to_owned()),
                link: Set(false),
                alt_text: Set(true),
                daily_cap: Set(10),
                paused: Set(false),
                created_at: Set(now),
                updated_at: Set(now),
            };
            crosspost::Entity::insert_new(&self.db.write, row).await.expect("written").expect("new");
            self.pairings.push(pairing);
        }
        self.cluster.stand_ins.publish_picture(PICTURE).await;
        let video = json!({"user": "natgeo", "media_type": "VIDEO", "caption": VIDEO});
        self.cluster.stand_ins.publish(&video).await;

        // What is planned waits until its cross-post is called.
        let store = self.cluster.redis.store().await;
        store.set_paused(Lane::Bulk, true).await.expect("paused");
        self.push(&ScanCrossposts { feed_id: None }).await;
        let wanted = u64::try_from(self.pairings.len()).expect("a number");
        within_reason(async {
            while crosspost_delivery::Entity::find().count(&self.db.read).await.expect("counted") < wanted {
                tokio::task::yield_now().await;
            }
        })
        .await;
        self.pause_all(true).await;
        store.set_paused(Lane::Bulk, false).await.expect("resumed");
        self.cluster.settle().await;
        assert_eq!(self.cluster.stand_ins.x_posts().await.len(), 0, "nobody was called");
    }

    /// Asks for an account on Instagram to be connected; returns the run.
    async fn ask_for(&self, user: &str) -> String {
        let credential = Credential::Short(self.cluster.stand_ins.mint(user).await.into());
        let request = Request { app: app(), page_id: None, reconnect: None, credential };
        let (run_id, now) = (new_id(), self.cluster.now().await);
        let job = ExchangeToken::start(&self.db, &self.keyring, run_id.clone(), request, now).await;
        self.push(&job.expect("written").expect("new")).await;
        run_id
    }

    /// Asks for a user's account on X to be connected, for the first time or again.
    async fn ask_for_x(&self, user: String) -> (String, String) {
        let (redirect_uri, verifier) = (format!("{}/x/callback", self.cluster.url), "v".repeat(43));
        let code = self.cluster.stand_ins.x_code(&user, &redirect_uri, &verifier).await.into();
        let request = XRequest { app: app(), code, redirect_uri, verifier: verifier.into() };
        let (run_id, now) = (new_id(), self.cluster.now().await);
        let job = ExchangeXCode::start(&self.db, &self.keyring, run_id.clone(), request, now).await;
        self.push(&job.expect("written").expect("new")).await;
        (user, run_id)
    }

    /// The account that a run has connected; its cross-post is still to be made.
    async fn on_x(&self, user: String, run_id: &str) -> Pairing {
        let x_account_id = self.result(run_id, "x_account_id").await;
        let x_user_id = self.x_account(&x_account_id).await.x_user_id;
        Pairing { user, x_user_id, x_account_id, crosspost_id: String::new() }
    }

    /// Connects accounts on X again.
    pub(super) async fn connect_again(&self, users: Vec<String>) {
        for (user, run_id) in join_all(users.into_iter().map(|user| self.ask_for_x(user))).await {
            self.on_x(user, &run_id).await;
        }
    }

    /// What a run has ended with.
    async fn result(&self, run_id: &str, name: &str) -> String {
        let run = within_reason(async {
            loop {
                let run = job_run::Entity::find_by_id(run_id).one(&self.db.read).await.expect("read").expect("a run");
                if run.state != job_run::State::Pending {
                    return run;
                }
            }
        })
        .await;
        let value = run.result.as_ref().and_then(|result: &Value| result[name].as_str());
        value.unwrap_or_else(|| panic!("not connected: {:?}", run.error)).to_owned()
    }

    pub(super) async fn x_account(&self, id: &str) -> x_account::Model {
        x_account::Entity::find_by_id(id).one(&self.db.read).await.expect("read").expect("an account on X")
    }

    pub(super) async fn push<J: Job>(&self, job: &J) {
        self.queue.push(job).await.expect("pushed");
    }

    pub(super) async fn pause_all(&self, paused: bool) {
        let all = crosspost::Entity::update_many().col_expr(crosspost::Column::Paused, Expr::value(paused));
        all.exec(&self.db.write).await.expect("written");
    }

    /// Calls a cross-post, so that it comes to this step.
    pub(super) async fn call(&self, step: Step, pairing: &Pairing) {
        if step == Step::Renew {
            let now = Expr::value(Some(self.cluster.now().await));
            let due = x_account::Entity::update_many().col_expr(x_account::Column::RefreshDueAt, now);
            let due = due.filter(x_account::Column::Id.eq(&pairing.x_account_id));
            due.exec(&self.db.write).await.expect("written");
            return self.push(&RefreshXToken { x_account_id: pairing.x_account_id.clone() }).await;
        }
        let resumed = crosspost::Entity::update_many().col_expr(crosspost::Column::Paused, Expr::value(false));
        let resumed = resumed.filter(crosspost::Column::Id.eq(&pairing.crosspost_id));
        resumed.exec(&self.db.write).await.expect("written");
        self.push(&CrosspostMedia { crosspost_id: pairing.crosspost_id.clone() }).await;
    }

    /// Whether the job that was called has been met by somebody, and put off.
    pub(super) async fn is_put_off(&self, step: Step, pairing: &Pairing) -> bool {
        let job = match step {
            Step::Renew => self.queue.find::<RefreshXToken>(&pairing.x_account_id).await,
            _ => self.queue.find::<CrosspostMedia>(&pairing.crosspost_id).await,
        };
        job.expect("answered").is_some_and(|job| job.state == JobState::Delayed)
    }

    /// What a cross-post has to post.
    pub(super) fn caption_of(&self, pairing: &Pairing) -> &'static str {
        let place = self.pairings.iter().position(|each| each.user == pairing.user).expect("one of them");
        match self.media[place] {
            Media::Picture => PICTURE,
            Media::Video => VIDEO,
        }
    }

    /// SIGKILL of both workers at once; what they were in the middle of is noted.
    pub(super) async fn kill_workers(&mut self) {
        self.killed += self.cluster.workers.len();
        join_all(self.cluster.workers.iter_mut().map(Half::kill)).await;
        // Nobody is left who could change it.
        self.note_cuts().await;
    }

    /// Starts as many again. They take work as soon as they can.
    pub(super) fn start_workers(&mut self) {
        for worker in &mut self.cluster.workers {
            *worker = Half::spawn("worker", &self.cluster.env);
        }
    }
}

fn app() -> AppRef {
    AppRef { app_id: "w1".into(), user: "owner".into(), app_type: "socialFeed".into() }
}
