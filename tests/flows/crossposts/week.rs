//! Instagram answers nothing for a week. X is not asked less for it, and not more: its accesses are renewed, nothing is
//! posted, and afterwards everything of the week is, once, in order, as many a day as may be.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::Value;

use entities::crosspost;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

/// How many posts a day are allowed.
const CAP: usize = 4;
/// How many media are published in the week.
const MEDIA: usize = 10;
/// So many minutes at a time go by afterwards, in which nothing hurries.
const CATCHING_UP: i64 = 120;

/// What became of the week.
#[derive(Debug)]
pub(crate) struct Week {
    /// Messages, oldest first.
    pub alerts: Vec<String>,
    /// How long the account was without a living access at most, in milliseconds.
    pub gap_ms: i64,
    /// How often the access was renewed.
    pub renewals: u64,
    /// What was posted, oldest first, and when.
    pub posts: Vec<(String, DateTime<Utc>)>,
}

/// Lives through it, so many minutes at a time.
pub(crate) async fn week_without_instagram(step: i64) -> Week {
    let (world, pairings) = World::cross_posting(1).await;
    let row = crosspost::Entity::find_by_id(&pairings[0].crosspost_id).one(&world.ctx.db.read).await;
    let mut capped = row.expect("read").expect("a row").into_active_model();
    capped.daily_cap = Set(i32::try_from(CAP).expect("a few"));
    capped.update(&world.ctx.db.write).await.expect("written");
    world.stand_ins.break_accounts(graph_error(403, 10, None)).await;
    let steps = 7 * 24 * 60 / step;
    let between = steps / i64::try_from(MEDIA).expect("a few");
    for number in 0..steps {
        if number % between == 0 {
            let day = number / between;
            world.stand_ins.publish_picture(&format!("media {day}")).await;
        }
        minutes(&world, step).await;
        assert_eq!(world.stand_ins.x_posts().await.len(), 0, "nothing is posted that was not seen");
    }
    let family = world.stand_ins.families().await.remove(0);
    world.stand_ins.mend_accounts().await;
    for _ in 0..3 * 24 * 60 / CATCHING_UP.max(step) {
        minutes(&world, CATCHING_UP.max(step)).await;
    }
    assert_eq!(world.stand_ins.families().await[0]["state"], "alive");
    let posts = world.stand_ins.x_posts().await;
    let when = |post: &Value| post["at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
    let posts = posts.iter().map(|post| (post["text"].as_str().expect("a text").to_owned(), when(post)));
    Week {
        alerts: world.stand_ins.alerts().await,
        gap_ms: family["longest_gap_ms"].as_i64().expect("a number"),
        renewals: family["pairs"].as_u64().expect("a number"),
        posts: posts.collect(),
    }
}

async fn minutes(world: &World, minutes: i64) {
    world.advance(TimeDelta::minutes(minutes - 10)).await;
    world.next_ten_minutes().await;
}

impl Week {
    /// Holds it against what was promised.
    pub(crate) fn judge(&self) {
        let texts: Vec<_> = self.posts.iter().map(|(text, _)| text.clone()).collect();
        let all: Vec<_> = (0..=MEDIA).map(|day| format!("media {day}")).collect();
        assert!(texts == all[..MEDIA] || texts == all, "each once, in order: {texts:?}");
        for posts in self.posts.windows(CAP + 1) {
            assert!(posts[CAP].1 - posts[0].1 >= TimeDelta::hours(24), "within the cap: {posts:?}");
        }
        assert_eq!(self.gap_ms, 0, "the access was renewed on time throughout");
        assert!(self.renewals >= 7 * 12, "{}", self.renewals);
        let news: Vec<_> = self.alerts.iter().filter(|text| !text.starts_with("Still open")).collect();
        assert_eq!(news.len(), 2, "one when it begins, one when it is over: {:#?}", self.alerts);
        assert!(news[1].starts_with("Over after 7 d"), "{:#?}", self.alerts);
    }
}

#[tokio::test]
async fn a_week_without_instagram_costs_x_nothing() {
    let week = week_without_instagram(45).await;

    println!("{} alerts, {} renewals, {} ms without", week.alerts.len(), week.renewals, week.gap_ms);
    week.judge();
}
