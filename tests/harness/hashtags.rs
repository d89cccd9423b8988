//! Hashtags as tests see them: the ledger that the service keeps, and what the stand-in has counted.

use chrono::TimeDelta;
use entities::feed::{self, Source};
use entities::install::Status;
use entities::{FeedKey, hashtag_search};
use futures_util::future::join_all;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::PushDue;

use super::{Answer, World};

/// How often a fetch begins anew at most.
const BEGUN_ANEW: usize = 3;

/// A feed's state, and the reason for it.
pub(crate) fn freshness(answer: &Answer) -> (String, String) {
    let freshness = answer.json()["freshness"].clone();
    let text = |field: &str| freshness[field].as_str().unwrap_or_default().to_owned();
    (text("state"), text("reason"))
}

/// What [`freshness`] is to be.
pub(crate) fn is(state: &str, reason: &str) -> (String, String) {
    (state.to_owned(), reason.to_owned())
}

/// The feed keys `#tag0`, `#tag1`, ….
pub(crate) fn tags(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("#tag{number}")).collect()
}

impl World {
    /// Apps with a user's account each, and these feeds.
    pub(crate) async fn with_apps(connections: &[(&str, &str)], feeds: &[String]) -> Self {
        let world = Self::start().await;
        let feeds: Vec<&str> = feeds.iter().map(String::as_str).collect();
        for (app_id, user) in connections {
            world.register(app_id, &feeds).await;
            assert_eq!(world.connect(user, app_id).await.error, None);
        }
        world
    }

    /// One app with one account, which has fetched `#food`.
    pub(crate) async fn with_food() -> Self {
        let world = Self::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
        assert_eq!(world.ask("w1", "#food").await.status, 202);
        world.drain().await;
        assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""));
        world
    }

    /// Asks for many feeds at once.
    pub(crate) async fn ask_all(&self, app_id: &str, keys: &[String]) -> Vec<Answer> {
        join_all(keys.iter().map(|key| self.ask(app_id, key))).await
    }

    /// Has everything fetched that is due by its row.
    pub(crate) async fn fetch_due(&self) {
        self.ctx.queue.push(&PushDue {}).await.expect("pushed");
        self.drain().await;
    }

    /// Lets those fetches begin anew, and end, under which something has moved.
    pub(crate) async fn settle(&self) {
        for _ in 0..BEGUN_ANEW {
            self.advance(TimeDelta::seconds(2)).await;
            self.drain().await;
        }
    }

    pub(crate) async fn feed_of(&self, key: &str) -> feed::Model {
        let key = FeedKey::parse(key).expect("a key");
        feed::Entity::of_key(&self.ctx.db.read, Source::Graph, &key).await.expect("read").expect("a feed")
    }

    /// How often a hashtag's id was asked for.
    pub(crate) async fn searches(&self) -> usize {
        self.stand_ins.calls("ig_hashtag_search").await.len()
    }

    /// The service's ledger.
    pub(crate) async fn ledger(&self) -> Vec<hashtag_search::Model> {
        hashtag_search::Entity::find().all(&self.ctx.db.read).await.expect("read")
    }

    /// The accounts on whose ledgers a hashtag stands.
    pub(crate) async fn accounts_of(&self, tag: &str) -> Vec<String> {
        self.ledger().await.into_iter().filter(|row| row.tag == tag).map(|row| row.account_id).collect()
    }

    /// Asks Meta with an account, behind the service's back.
    pub(crate) async fn ask_meta(&self, user: &str, path: &str, query: &str) -> Value {
        let token = self.stand_ins.mint(user).await;
        let url = format!("{}/v26.0/{path}?{query}&access_token={token}", self.stand_ins.url);
        let answer = self.http.get(&url).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// The hashtags that count against an account of a user by the stand-in's own ledger.
    pub(crate) async fn counted(&self, user: &str, account: &str) -> Vec<String> {
        let path = format!("{account}/recently_searched_hashtags");
        let listed = self.ask_meta(user, &path, "limit=30&fields=name").await;
        let tags = listed["data"].as_array().expect("a list").iter();
        tags.map(|tag| tag["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Makes calls with a user's account fail, where their path contains a text.
    pub(crate) async fn fault_of(&self, user: &str, path_contains: &str, answer: Value) {
        let account = self.stand_ins.account_id(user).await;
        self.stand_ins.fault(user, json!({"path_contains": path_contains, "ig_user_id": account}), answer).await;
    }

    /// How often Meta was asked about hashtags with a user's account.
    pub(crate) async fn asked_with(&self, user: &str) -> usize {
        let account = self.stand_ins.account_id(user).await;
        let is_hashtags = |call: &Value| {
            let path = call["path"].as_str().unwrap_or_default();
            let edges = ["hashtag_search", "recent_media", "top_media"];
            call["ig_user_id"] == account.as_str() && edges.iter().any(|edge| path.ends_with(edge))
        };
        self.stand_ins.calls("").await.iter().filter(|call| is_hashtags(call)).count()
    }

    /// Ends the credential of an account.
    pub(crate) async fn make_dead(&self, name: &str) {
        let installs = self.installs().await;
        let install = installs.into_iter().find(|install| install.instagram_account == name).expect("connected");
        let mut dead = install.into_active_model();
        dead.status = Set(Status::Dead);
        dead.update(&self.ctx.db.write).await.expect("written");
    }
}
