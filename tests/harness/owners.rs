//! Owners who are told that their connections end: installs with ends, apps with addresses, and the mails that came.

use chrono::{DateTime, TimeDelta, Utc};
use entities::email_delivery::{self, State};
use entities::install;
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::ScanExpiringInstalls;

use super::World;

impl World {
    /// Connects a user's account to an app whose owner has an address; returns the install.
    pub(crate) async fn connect_of(&self, user: &str, app_id: &str, email: &str) -> install::Model {
        self.register_of(app_id, email).await;
        let run = self.connect(user, app_id).await;
        let id = run.result.as_ref().and_then(|result| result["install_id"].as_str());
        self.install(id.unwrap_or_else(|| panic!("not connected: {:?}", run.error))).await
    }

    /// Registers an app with its owner's address.
    pub(crate) async fn register_of(&self, app_id: &str, email: &str) {
        let body = json!({"user": "owner", "app_type": "socialFeed", "owner_email": email});
        let answer = self.http.put_json(&format!("{}/v1/apps/{app_id}", self.url), &body).await;
        assert!(answer.status < 300, "{}", answer.text);
    }

    pub(crate) async fn install(&self, id: &str) -> install::Model {
        install::Entity::find_by_id(id).one(&self.ctx.db.read).await.expect("read").expect("an install")
    }

    /// Writes an install's end down, as Meta has just told it.
    pub(crate) async fn ends_in(&self, id: &str, days: i64) {
        let mut row = self.install(id).await.into_active_model();
        row.token_expires_at = Set(None);
        row.data_access_expires_at = Set(Some(self.ctx.now() + TimeDelta::days(days)));
        row.checked_at = Set(self.ctx.now());
        row.update(&self.ctx.db.write).await.expect("written");
    }

    /// Looks for connections that end, as every day, and sends what there is to send.
    pub(crate) async fn scan(&self) {
        ScanExpiringInstalls {}.perform(&self.ctx).await.expect("scanned");
        self.drain().await;
    }

    /// Who was told what, in the ledger: stage, recipient, state.
    pub(crate) async fn told(&self) -> Vec<(&'static str, String, State)> {
        let rows = email_delivery::Entity::find().all(&self.ctx.db.read).await.expect("read");
        let mut told: Vec<_> = rows.into_iter().map(|row| (row.stage.as_str(), row.recipient, row.state)).collect();
        told.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        told
    }

    /// The mails that an address has got, oldest first.
    pub(crate) async fn mails_to(&self, email: &str) -> Vec<Value> {
        let mut mails = self.stand_ins.mails().await;
        mails.retain(|mail| mail["to"] == json!([email]));
        mails
    }

    /// When the two mails about an install were sent.
    pub(crate) async fn told_at(&self, id: &str) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let install = self.install(id).await;
        (install.first_verify_email_sent_at, install.second_verify_email_sent_at)
    }
}
