//! Cross-posts: an account here, an account on X, and what comes to be seen there.

use chrono::TimeDelta;
use entities::crosspost_delivery::{self, Model, State};
use queue::Job;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use worker::exchange::AppRef;
use worker::jobs::{ExchangeXCode, PushDue, ScanCrossposts, XRequest};

use super::{StandIns, World};

/// A feed shows so many.
const SHOWN: usize = 50;

impl StandIns {
    /// A code, as X's consent page gives it to a person who agrees; it was asked for with this verifier.
    pub(crate) async fn x_code(&self, user: &str, redirect_uri: &str, verifier: &str) -> String {
        let consent = format!(
            "{}/x/i/oauth2/authorize?response_type=code&client_id={}&redirect_uri={redirect_uri}&state=s\
             &scope=tweet.read%20tweet.write%20users.read%20media.write%20offline.access\
             &code_challenge={verifier}&code_challenge_method=plain&_user={user}",
            self.url,
            sandbox::DEFAULT_X_CLIENT_ID,
        );
        let back: url::Url = self.http.get(&consent).await.header("location").parse().expect("back to us");
        back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned()
    }

    /// What is seen on X, oldest first.
    pub(crate) async fn x_posts(&self) -> Vec<Value> {
        let posts = self.http.get(&format!("{}/_sandbox/posts", self.url)).await.json();
        posts.as_array().cloned().expect("a list of posts")
    }

    /// Publishes something; returns its id.
    pub(crate) async fn publish(&self, media: &Value) -> String {
        let posted = self.http.post_json(&format!("{}/_sandbox/media", self.url), media).await;
        assert_eq!(posted.status, 200, "{}", posted.text);
        posted.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Deletes what was published.
    pub(crate) async fn unpublish(&self, media_id: &str) {
        let url = format!("{}/_sandbox/media/{media_id}", self.url);
        let deleted = self.http.send(reqwest::Method::DELETE, &url, &[], None).await;
        assert!((200..300).contains(&deleted.status), "{}", deleted.text);
    }
}

impl World {
    /// Connects a user's account on X to an app; returns its id.
    pub(crate) async fn connect_on_x(&self, user: &str, app_id: &str) -> String {
        let (redirect_uri, verifier) = (format!("{}/x/callback", self.url), "v".repeat(43));
        let code = self.stand_ins.x_code(user, &redirect_uri, &verifier).await.into();
        let app = AppRef { app_id: app_id.into(), user: "owner".into(), app_type: "socialFeed".into() };
        let request = XRequest { app, code, redirect_uri, verifier: verifier.into() };
        let (run_id, now) = (entities::new_id(), self.ctx.now());
        let job = ExchangeXCode::start(&self.ctx.db, &self.ctx.keyring, run_id.clone(), request, now).await;
        self.ctx.queue.push(&job.expect("written").expect("new")).await.expect("pushed");
        self.drain().await;
        let run = self.run(&run_id).await;
        let id = run.result.as_ref().and_then(|result| result["x_account_id"].as_str());
        id.unwrap_or_else(|| panic!("not connected: {:?}", run.error)).to_owned()
    }

    /// Connects `powr_io` here and on X, and has its media posted from now on; returns the cross-post's id.
    pub(crate) async fn crosspost(&self, wish: Value) -> String {
        let run = self.connect("powr_io", "w1").await;
        let x_account_id = self.connect_on_x("powr_io", "w1").await;
        let mut body = wish;
        body["install_id"] = run.result.expect("connected")["install_id"].clone();
        body["x_account_id"] = json!(x_account_id);
        let made = self.http.post_json(&format!("{}/v1/crossposts", self.url), &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        self.drain().await;
        made.json()["id"].as_str().expect("an id").to_owned()
    }

    /// `powr_io` publishes as many pictures as a feed shows, one a second; returns how many.
    pub(crate) async fn flood(&self) -> usize {
        for number in 0..SHOWN {
            self.stand_ins.publish_picture(&format!("flood {number}")).await;
            self.advance(TimeDelta::seconds(1)).await;
        }
        SHOWN
    }

    /// Ten minutes pass: what is due is fetched, feeds are compared with ledgers, and what is new is posted.
    pub(crate) async fn ten_minutes(&self) {
        self.advance(TimeDelta::minutes(10)).await;
        PushDue {}.perform(&self.ctx).await.expect("pushed");
        self.drain().await;
        ScanCrossposts { feed_id: None }.perform(&self.ctx).await.expect("compared");
        self.drain().await;
    }

    /// Time passes in which nothing but what was put off becomes due.
    pub(crate) async fn later(&self, step: TimeDelta) {
        self.advance(step).await;
        self.drain().await;
    }

    /// The ledger, in order of media time.
    pub(crate) async fn deliveries(&self) -> Vec<Model> {
        let rows = crosspost_delivery::Entity::find().order_by_asc(crosspost_delivery::Column::MediaAt);
        rows.all(&self.ctx.db.read).await.expect("read")
    }

    /// What became of each media, and why.
    pub(crate) async fn fates(&self) -> Vec<(State, Option<String>)> {
        self.deliveries().await.into_iter().map(|row| (row.state, row.reason)).collect()
    }
}
