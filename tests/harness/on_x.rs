//! X as the judge: many accounts of its crowd that are cross-posted to, and what X has lost or seen twice.

use entities::{crosspost_delivery, x_account};
use queue::Job;
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use worker::jobs::{RefreshXTokens, ScanCrossposts};

use super::{StandIns, World};

/// A cross-post of `powr_io`'s media to one account of X's crowd.
#[derive(Clone, Debug)]
pub(crate) struct Pairing {
    /// The account's name in the stand-in.
    pub user: String,
    pub x_user_id: String,
    pub x_account_id: String,
    pub crosspost_id: String,
}

impl StandIns {
    /// What became of each consent on X.
    pub(crate) async fn families(&self) -> Vec<Value> {
        let families = self.http.get(&format!("{}/_sandbox/x/families", self.url)).await.json();
        families.as_array().cloned().expect("a list of families")
    }

    /// The consents that X has ended, as a token of theirs came twice.
    pub(crate) async fn lost_families(&self) -> Vec<Value> {
        let mut families = self.families().await;
        families.retain(|family| family["state"] == "lost");
        families
    }

    /// Changes an account on X, or with an empty path X itself.
    pub(crate) async fn change_x(&self, path: &str, change: Value) {
        let url = format!("{}/_sandbox/x{path}", self.url);
        let answer = self.http.send(Method::PATCH, &url, &[], Some(&change)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// `powr_io` publishes a picture, and says in words what it shows.
    pub(crate) async fn publish_picture(&self, caption: &str) -> String {
        let media = json!({"user": "powr_io", "media_type": "IMAGE", "caption": caption, "alt_text": "a square"});
        self.publish(&media).await
    }
}

impl World {
    /// `powr_io`, whose feed was read, cross-posted to so many accounts of X's crowd.
    pub(crate) async fn cross_posting(count: usize) -> (Self, Vec<Pairing>) {
        let world = Self::with_feed().await;
        let install_id = world.installs().await.remove(0).id;
        let mut pairings = Vec::new();
        for number in 0..count {
            let user = format!("crowd_{number}");
            let x_account_id = world.connect_on_x(&user, "w1").await;
            let wish = json!({"install_id": install_id, "x_account_id": x_account_id});
            let made = world.http.post_json(&format!("{}/v1/crossposts", world.url), &wish).await;
            assert_eq!(made.status, 201, "{}", made.text);
            let crosspost_id = made.json()["id"].as_str().expect("an id").to_owned();
            let x_user_id = world.x_account(&x_account_id).await.x_user_id;
            pairings.push(Pairing { user, x_user_id, x_account_id, crosspost_id });
        }
        world.next_ten_minutes().await;
        (world, pairings)
    }

    /// Ten minutes with all that the service does in them.
    pub(crate) async fn next_ten_minutes(&self) {
        RefreshXTokens {}.perform(&self.ctx).await.expect("renewed");
        self.ten_minutes().await;
        self.tick().await;
    }

    /// Reads the feed and plans what is new in it, without posting any of it.
    pub(crate) async fn plan(&self) {
        self.pause_all(true).await;
        self.push_feed().await;
        self.drain().await;
        self.pause_all(false).await;
        ScanCrossposts { feed_id: None }.perform(&self.ctx).await.expect("planned");
    }

    async fn pause_all(&self, paused: bool) {
        let column = entities::crosspost::Column::Paused;
        let all = entities::crosspost::Entity::update_many().col_expr(column, Expr::value(paused));
        all.exec(&self.ctx.db.write).await.expect("written");
    }

    /// The ledger of one cross-post, in order of media time.
    pub(crate) async fn deliveries_of(&self, pairing: &Pairing) -> Vec<crosspost_delivery::Model> {
        use crosspost_delivery::Column;
        let of = crosspost_delivery::Entity::find().filter(Column::CrosspostId.eq(&pairing.crosspost_id));
        of.order_by_asc(Column::MediaAt).all(&self.ctx.db.read).await.expect("read")
    }

    pub(crate) async fn x_account(&self, id: &str) -> x_account::Model {
        x_account::Entity::find_by_id(id).one(&self.ctx.db.read).await.expect("read").expect("an account on X")
    }
}
