//! The shortest demand on feeds, every ten minutes: that of a cross-post. Nothing is ever posted by these.

use chrono::TimeDelta;
use entities::x_account::{self, Status};
use entities::{StringList, app_install, crosspost, feed, new_id, x_account_app};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::World;

/// In seconds.
const EVERY_TEN_MINUTES: i32 = 600;

impl World {
    /// Has every connected account's feed demanded every ten minutes, by cross-posts to an account that has ended, and for
    /// which all that will be published for a century is history.
    pub(crate) async fn demand_every_feed(&self) {
        let now = self.ctx.now();
        let account = self.ended_x_account();
        let account_id = account.id.clone();
        let tx = self.ctx.db.begin().await.expect("a transaction");
        x_account::Entity::insert(account.into_active_model()).exec_without_returning(&tx).await.expect("written");
        for joined in app_install::Entity::find().all(&tx).await.expect("read") {
            x_account_app::Entity::join(&tx, &joined.app_id, &account_id, now).await.expect("joined");
            let row = crosspost::Model {
                id: new_id(),
                install_id: joined.install_id,
                x_account_id: account_id.clone(),
                template: "{caption}".into(),
                link: false,
                alt_text: false,
                daily_cap: 1,
                paused: false,
                created_at: now + TimeDelta::days(36_500),
                updated_at: now,
            };
            crosspost::Entity::insert_new(&tx, row.into_active_model()).await.expect("written");
        }
        let demand = Expr::value(EVERY_TEN_MINUTES);
        feed::Entity::update_many().col_expr(feed::Column::DemandS, demand).exec(&tx).await.expect("written");
        tx.commit().await.expect("committed");
    }

    fn ended_x_account(&self) -> x_account::Model {
        let now = self.ctx.now();
        x_account::Model {
            id: new_id(),
            x_user_id: "1".into(),
            username: "ended".into(),
            name: "Ended".into(),
            access_token: None,
            refresh_token: None,
            access_ends_at: now,
            scopes: StringList::default(),
            status: Status::Dead,
            ended: None,
            generation: 1,
            refresh_due_at: None,
            pair_number: 1,
            turn_number: 0,
            refreshing_since: None,
            unanswered: 0,
            refused: 0,
            failures: 0,
            first_failed_at: None,
            unexplained: 0,
            unexplained_since: None,
            last_failure: None,
            stopped_for: None,
            stopped_until: None,
            created_at: now,
            updated_at: now,
        }
    }
}
