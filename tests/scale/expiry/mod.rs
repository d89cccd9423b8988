//! `expiry`: four months of connections that end, are killed and are connected anew, looked after by several worker processes
//! on Redis and PostgreSQL, of which some are killed while they mail. The mailbox is the judge. And `expiring-million`: one
//! look at a great many of them.

mod judge;
mod lives;
pub(crate) mod look;
mod trouble;

use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use entities::{email_delivery, install};
use futures_util::{StreamExt, stream};
use queue::Store;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::faults::Dice;
use crate::harness::{Cluster, Postgres, PostgresServer};
use crate::wishes::Wishes;
use judge::{Tellings, Told, Verdict};
use lives::{Connection, Life, Stage};
use trouble::Trouble;

const LOOKS_EVERY: TimeDelta = TimeDelta::hours(8);
const AT_ONCE: usize = 8;
/// How long a look may take.
const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) async fn run(mut wishes: Wishes) {
    let seed = wishes.take("seed", Dice::new_seed());
    let (installs, processes) = (wishes.take("installs", 200), wishes.take("processes", 2));
    let (days, trouble) = (wishes.take("days", 120), wishes.take("trouble", 1) > 0);
    wishes.end();
    println!("seed {seed}");
    let began = Instant::now();
    let mut story = Story::start(seed, installs, processes).await;
    for look in 1..=days * 3 {
        story.happen().await;
        story.look(trouble).await;
        if look % 30 == 0 {
            println!("day {}: {} s, {}", look / 3, began.elapsed().as_secs(), story.trouble);
        }
    }
    // What was not taken at the last looks.
    for _ in 0..3 {
        story.look(false).await;
    }
    let verdict = story.verdict().await;
    println!("{installs} installs, {processes} processes, {days} days: {} s", began.elapsed().as_secs());
    println!("{}\n{verdict}", story.trouble);
    let bad = verdict.bad();
    assert!(bad.is_empty(), "{bad:#?}");
}

struct Story {
    cluster: Cluster,
    connections: Vec<Connection>,
    dice: Dice,
    trouble: Trouble,
    looks: Vec<DateTime<Utc>>,
    _server: PostgresServer,
}

impl Story {
    async fn start(seed: u64, installs: u64, processes: u64) -> Self {
        let server = PostgresServer::start();
        let mut cluster = Cluster::prepare_on(Some(Postgres::on(&server.url).await)).await;
        cluster.redis.start();
        let smtp = cluster.stand_ins.smtp().await;
        for (name, value) in [
            ("SMTP_URL", smtp.as_str()),
            ("MAIL_FROM", "Feedkeeper <feeds@example.com>"),
            ("EXPIRY_SCAN", "0 0 */8 * * *"),
            ("RUST_LOG", "warn,feedkeeper=info"),
        ] {
            cluster.env.push((name.to_owned(), value.to_owned()));
        }
        cluster.add_api(&[]).await;
        for _ in 0..processes {
            cluster.add_worker(&[]).await;
        }
        let mut dice = Dice::of_seed(seed);
        let ends: Vec<_> = (0..installs).map(|number| (number, minutes(&mut dice, 60))).collect();
        let connections = {
            let cluster = &cluster;
            let connected = ends.into_iter().map(|(number, left)| connect(cluster, number, left));
            stream::iter(connected).buffered(AT_ONCE).collect().await
        };
        Self { cluster, connections, dice, trouble: Trouble::default(), looks: Vec::new(), _server: server }
    }

    /// Lets things happen to connections: now and then one is connected anew, and now and then one is killed.
    async fn happen(&mut self) {
        let Self { cluster, connections, dice, trouble, .. } = self;
        let (mut anew, now) = (Vec::new(), cluster.now().await);
        for connection in connections {
            let life = connection.lives.last().expect("it was connected");
            let is_over = life.killed.is_some() || life.end <= now;
            // Whoever has the role again has what served before, too; all else that killed it has killed it for good.
            let serves = life.end > now && life.killed.is_none_or(|_| connection.is_role_lost);
            if dice.number(0..150) == 0 {
                // Where the old one serves, what ends sooner is not taken, and what ends with it begins nothing new.
                let left = minutes(dice, 70);
                let left = if serves { left + (life.end - now) + TimeDelta::days(2) } else { left };
                anew.push((connection, left));
            } else if dice.number(0..1_000) == 0 && !is_over && trouble.is_quiet() {
                consent(cluster, connection.number, life.end - now).await;
            } else if dice.number(0..800) == 0 && !is_over {
                let state = dice.one_of(&["password_changed", "app_removed", "checkpoint", "page_role_lost"]);
                cluster.stand_ins.patch(&connection.user(), json!({"state": state})).await;
                connection.is_role_lost = state == "page_role_lost";
                connection.lives.last_mut().expect("it was connected").killed = Some(now);
            }
        }
        let cluster = &*cluster;
        let consents = anew.into_iter().map(async |(connection, left)| {
            if std::mem::take(&mut connection.is_role_lost) {
                cluster.stand_ins.patch(&connection.user(), json!({"state": "ok"})).await;
            }
            let (before, end, from) = consent(cluster, connection.number, left).await;
            connection.lives.last_mut().expect("one").until = Some(before);
            connection.lives.push(Life { from, end, killed: None, until: None });
        });
        stream::iter(consents).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    /// Moves the time behind the next look, lets something go wrong, and waits until all is done.
    async fn look(&mut self, with_trouble: bool) {
        let now = self.cluster.now().await;
        let tick = now.duration_trunc(LOOKS_EVERY).expect("a time") + LOOKS_EVERY;
        if with_trouble {
            self.trouble.begin(&self.cluster, &mut self.dice).await;
        }
        self.cluster.stand_ins.advance((tick + TimeDelta::seconds(90) - now).num_seconds()).await;
        let store = self.cluster.redis.store().await;
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        let done = tokio::time::timeout(PATIENCE, async {
            loop {
                pace.tick().await;
                self.trouble.strike(&mut self.cluster, &mut self.dice).await;
                let mut has_ticked = true;
                for (schedule, at) in [
                    ("scan_expiring_installs", tick),
                    ("scan_unchecked_installs", tick - TimeDelta::hours(1)),
                    ("push_due", tick + TimeDelta::minutes(1)),
                ] {
                    let last = store.last_tick(schedule).await.expect("answered");
                    has_ticked = has_ticked && last.is_some_and(|last| last >= at);
                }
                if has_ticked && store.is_idle().await.expect("answered") {
                    break;
                }
            }
        });
        assert!(done.await.is_ok(), "a look does not end: {}", self.cluster.logs());
        self.trouble.end(&self.cluster).await;
        self.looks.push(self.cluster.now().await);
    }

    async fn verdict(&self) -> Verdict {
        let came = judge::read(&self.cluster.stand_ins.mails().await);
        let db = self.cluster.db().await;
        let rows =
            email_delivery::Entity::find().filter(email_delivery::Column::State.eq(email_delivery::State::Unknown));
        let mut unknown = Tellings::new();
        for row in rows.all(&db.read).await.expect("read") {
            let install = install::Entity::find_by_id(&row.install_id).one(&db.read).await.expect("read");
            let (stage, user) = (Stage::named(row.stage.as_str()), install.expect("it lives").instagram_account);
            let told = Told { stage: stage.expect("a stage"), user, owner: row.recipient };
            unknown.entry(told).or_default().push(row.sending_at.expect("it was sent"));
        }
        Verdict::of(&self.connections, &self.looks, &came, &unknown)
    }
}

/// So many minutes of so many days.
fn minutes(dice: &mut Dice, days: u64) -> TimeDelta {
    TimeDelta::minutes(i64::try_from(dice.number(60..days * 1_440)).expect("a small number"))
}

/// Connects an account: to one app, every fifth to a second one of another owner, every seventh to one of the same owner, who
/// writes the address otherwise.
async fn connect(cluster: &Cluster, number: u64, left: TimeDelta) -> Connection {
    let owner = format!("owner{}@example.com", number % 67);
    let mut apps = vec![(format!("app{number}"), owner.clone())];
    let mut owners = vec![owner.clone()];
    if number.is_multiple_of(5) {
        owners.push(format!("other{}@example.com", number % 13));
        apps.push((format!("second{number}"), owners[1].clone()));
    }
    if number.is_multiple_of(7) {
        apps.push((format!("third{number}"), owner.to_uppercase()));
    }
    for (app_id, owner) in &apps {
        let body = json!({"user": "o", "app_type": "socialFeed", "owner_email": owner});
        let answer = cluster.http.put_json(&format!("{}/v1/apps/{app_id}", cluster.apis[0]), &body).await;
        assert!(answer.status < 300, "{}", answer.text);
    }
    let (_, end, mut from) = consent(cluster, number, left).await;
    for (app_id, _) in &apps[1..] {
        exchange(cluster, number, app_id).await;
        from = cluster.now().await;
    }
    Connection { number, owners, lives: vec![Life { from, end, killed: None, until: None }], is_role_lost: false }
}

/// Somebody agrees anew, for so long; returns the time before it, the end, and the time behind it.
async fn consent(cluster: &Cluster, number: u64, left: TimeDelta) -> (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>) {
    let before = cluster.now().await;
    let change = json!({"data_access_expires_in_s": left.num_seconds()});
    cluster.stand_ins.patch(&format!("crowd_{number}"), change).await;
    exchange(cluster, number, &format!("app{number}")).await;
    (before, before + left, cluster.now().await)
}

async fn exchange(cluster: &Cluster, number: u64, app_id: &str) {
    let run_id = cluster.exchange(0, &format!("crowd_{number}"), app_id).await;
    let run = cluster.end_of(0, &run_id).await;
    assert_eq!(run["state"], "done", "{run}");
}
