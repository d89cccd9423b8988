//! Apps that were saved before the Graph API came.

use chrono::TimeDelta;
use entities::rollout::{self, MIGRATE_APPS, Share};
use queue::Job;
use serde_json::{Value, json};
use worker::jobs::PushDue;

use super::World;

impl World {
    /// Lets everybody see the move.
    pub(crate) async fn roll_out(&self) {
        let (db, now) = (&self.ctx.db.write, self.ctx.now());
        rollout::Entity::set(db, MIGRATE_APPS, Share::All, now).await.expect("written");
    }

    /// Saves an old app with its feeds.
    pub(crate) async fn save_old(&self, app_id: &str, feeds: &[&str]) {
        let body = json!({"user": "owner", "app_type": "socialFeed", "saved_before": true, "feeds": feeds});
        let answer = self.http.put_json(&format!("{}/v1/apps/{app_id}", self.url), &body).await;
        assert!(answer.status < 300, "{}", answer.text);
    }

    /// Asks for each of an app's feeds; every answer is one with a body.
    pub(crate) async fn look_at(&self, app_id: &str, feeds: &[&str]) -> Vec<Value> {
        let mut all = Vec::new();
        for key in feeds {
            let answer = self.ask(app_id, key).await;
            assert_eq!(answer.status, 200, "{key}: {}", answer.text);
            all.push(answer.json());
        }
        all
    }

    /// The same, once each has been fetched that was not asked for before: more than the outlet is asked for at once come
    /// a second later.
    pub(crate) async fn fetch_all(&self, app_id: &str, feeds: &[&str]) -> Vec<Value> {
        for key in feeds {
            self.ask(app_id, key).await;
        }
        self.drain().await;
        self.advance(TimeDelta::seconds(2)).await;
        self.drain().await;
        self.look_at(app_id, feeds).await
    }

    /// Lets some time pass, minute by minute as the schedules do.
    pub(crate) async fn live(&self, minutes: i64) {
        for _ in 0..minutes {
            self.advance(TimeDelta::minutes(1)).await;
            PushDue {}.perform(&self.ctx).await.expect("pushed");
            self.drain().await;
        }
    }
}
