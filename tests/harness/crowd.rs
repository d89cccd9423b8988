//! Many accounts at once, connected as their rows say, with tokens that the stand-in knows.

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::{self, Source};
use entities::install::{self, Status};
use entities::{FeedKey, StringList, app, app_install, incident, new_id};
use futures_util::{StreamExt, stream};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::{Value, json};
use worker::jobs::{ProbeIncident, PushDue, TellOperator};

use super::{StandIns, World};

/// What the stand-in counts the ids of its crowd's people from.
const PERSON_ID: u64 = 10_230_000_000_000_000;
/// So many accounts share an app.
const PER_APP: usize = 10;
const AT_ONCE: usize = 32;

/// What all Instagram accounts' ids begin with, and so the calls that read them.
pub(crate) const ACCOUNTS: &str = "/17841";

impl StandIns {
    /// Makes every read of an Instagram account fail; everything else is answered.
    pub(crate) async fn break_accounts(&self, answer: Value) {
        self.fault("accounts", json!({"service": "graph", "path_contains": ACCOUNTS}), answer).await;
    }

    /// Takes that back.
    pub(crate) async fn mend_accounts(&self) {
        self.mend("accounts").await;
    }
}

impl World {
    /// So many accounts of the crowd, each with its feed, which is fetched and wanted every ten minutes.
    pub(crate) async fn with_crowd(count: usize) -> Self {
        let world = Self::start().await;
        world.connect_crowd(count).await;
        world.fetch_due().await;
        assert_eq!(world.fresh().await, count as u64, "all are fetched");
        world
    }

    async fn connect_crowd(&self, count: usize) {
        let rows: Vec<_> = stream::iter(0..count).map(|number| self.member(number)).buffered(AT_ONCE).collect().await;
        let now = self.ctx.now();
        let tx = self.ctx.db.begin().await.expect("a transaction");
        for (number, row) in rows.into_iter().enumerate() {
            let install = row.insert(&tx).await.expect("written");
            let app_id = format!("app{}", number / PER_APP);
            app::Entity::register(&tx, &app_id, "owner", "socialFeed", now).await.expect("registered");
            app_install::Entity::join(&tx, &app_id, &install.id, now).await.expect("joined");
            let key = FeedKey::account(&install.instagram_account).expect("a key");
            let ids = (new_id(), new_id());
            feed::Entity::insert_due(&tx, Source::Graph, &key, (&ids.0, &ids.1), now).await.expect("written");
        }
        tx.commit().await.expect("committed");
        self.demand_every_feed().await;
    }

    /// One of the crowd, as an exchange would have written it.
    async fn member(&self, number: usize) -> install::ActiveModel {
        let short = SecretString::from(self.stand_ins.mint(&format!("crowd_{number}")).await);
        let long = self.ctx.graph.extend(&short).await.expect("a long token").token;
        let page = self.ctx.graph.accounts(&long).await.expect("its Pages").remove(0);
        let (id, now, keyring) = (new_id(), self.ctx.now(), &self.ctx.keyring);
        let token = page.access_token.expect("a Page token");
        let account = page.instagram.expect("an account");
        install::ActiveModel {
            ends_estimated: Set(false),
            checked_at: Set(now),
            killed: Set(None),
            killed_at: Set(None),
            instagram_account: Set(format!("crowd_{number}")),
            instagram_business_account_id: Set(account.id),
            page_id: Set(page.id),
            page_name: Set(page.name),
            facebook_user_id: Set(Some((PERSON_ID + number as u64).to_string())),
            user_token: Set(Some(keyring.seal(install::USER_TOKEN.place(&id), &long))),
            user_token_expires_at: Set(Some(now + TimeDelta::days(60))),
            page_token: Set(Some(keyring.seal(install::PAGE_TOKEN.place(&id), &token))),
            token_expires_at: Set(None),
            data_access_expires_at: Set(Some(now + TimeDelta::days(90))),
            scopes: Set(StringList::from_iter(["instagram_basic", "pages_show_list", "pages_read_engagement"])),
            profile: Set(None),
            profile_read_at: Set(None),
            status: Set(Status::Active),
            generation: Set(1),
            first_verify_email_sent_at: Set(None),
            second_verify_email_sent_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
            id: Set(id),
        }
    }

    /// What a minute of the service does, at the time that it is.
    pub(crate) async fn tick(&self) {
        PushDue {}.perform(&self.ctx).await.expect("pushed");
        self.drain().await;
        ProbeIncident {}.perform(&self.ctx).await.expect("probed");
        TellOperator {}.perform(&self.ctx).await.expect("told");
    }

    /// So many minutes, one by one.
    pub(crate) async fn minutes(&self, minutes: usize) {
        for _ in 0..minutes {
            self.advance(TimeDelta::minutes(1)).await;
            self.tick().await;
        }
    }

    /// How many feeds were fetched at their newest try.
    pub(crate) async fn fresh(&self) -> u64 {
        let well = feed::Entity::find().filter(feed::Column::Failure.is_null());
        well.filter(feed::Column::Body.is_not_null()).count(&self.ctx.db.read).await.expect("read")
    }

    /// How many feeds were fetched since a time.
    pub(crate) async fn fetched_since(&self, since: DateTime<Utc>) -> u64 {
        let fetched = feed::Entity::find().filter(feed::Column::FetchedAt.gte(since));
        fetched.count(&self.ctx.db.read).await.expect("read")
    }

    /// All incidents, oldest first.
    pub(crate) async fn incidents(&self) -> Vec<incident::Model> {
        let mut all = incident::Entity::find().all(&self.ctx.db.read).await.expect("read");
        all.sort_by_key(|incident| (incident.opened_at, incident.id.clone()));
        all
    }
}
