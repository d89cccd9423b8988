//! Whatever connects one after another, and in whatever order: an install is never made worse by it.

use chrono::{DateTime, TimeDelta, Utc};
use entities::install::{self, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use secrecy::ExposeSecret;
use serde_json::json;
use worker::exchange::{AppRef, ConnectLink, Credential, Reconnect, Request};
use worker::jobs::ExchangeToken;

use crate::harness::World;

/// Something that somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The owner connects again.
    Connects,
    /// The owner comes by a letter's link.
    Heals,
    /// Somebody comes by it with another account.
    BringsAnother,
    /// Somebody connects who has no role on the Page.
    HasNoRole,
    /// Somebody connects and leaves a scope out.
    LeavesAScopeOut,
    /// A token comes that was made long ago.
    BringsAnOldToken,
    /// A token comes that is not one.
    BringsNonsense,
    /// The credential is ended early.
    IsKilled,
    /// Twenty days pass.
    Waits,
}

const STEPS: [Step; 9] = [
    Step::Connects,
    Step::Heals,
    Step::BringsAnother,
    Step::HasNoRole,
    Step::LeavesAScopeOut,
    Step::BringsAnOldToken,
    Step::BringsNonsense,
    Step::IsKilled,
    Step::Waits,
];
const SCOPES: [&str; 3] = ["instagram_basic", "pages_show_list", "pages_read_engagement"];

/// Numbers that look drawn, and are the same each time.
struct Drawn(u64);

impl Drawn {
    fn next(&mut self) -> Step {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        STEPS[usize::try_from(self.0 >> 33).expect("31 bits") % STEPS.len()]
    }
}

struct Story {
    world: World,
    /// A long-lived token of the first day.
    old: String,
}

impl Story {
    async fn begin() -> Self {
        let world = World::start().await;
        assert_eq!(world.connect("powr_io", "w1").await.error, None);
        let ring = &world.ctx.keyring;
        let install = world.installs().await.remove(0);
        let sealed = install.user_token.as_ref().expect("a token");
        let old = ring.open(install::USER_TOKEN.place(&install.id), sealed).expect("opens").expose_secret().to_owned();
        Self { world, old }
    }

    async fn install(&self) -> install::Model {
        let mut installs = self.world.installs().await;
        assert_eq!(installs.len(), 1, "no other account came in");
        installs.remove(0)
    }

    /// Whether the credential of an install reads its account.
    async fn serves(&self, install: &install::Model) -> bool {
        let Some(sealed) = &install.page_token else { return false };
        let token = self.world.ctx.keyring.open(install::PAGE_TOKEN.place(&install.id), sealed).expect("opens");
        let (at, id, token) =
            (&self.world.stand_ins.url, &install.instagram_business_account_id, token.expose_secret());
        let url = format!("{at}/v26.0/{id}?fields=username&access_token={token}");
        self.world.http.get(&url).await.status == 200
    }

    async fn patch(&self, change: serde_json::Value) {
        self.world.stand_ins.patch("powr_io", change).await;
    }

    /// Comes by a link, with a user's fresh token.
    async fn come_by_link(&self, user: &str) {
        let (ctx, install) = (&self.world.ctx, self.install().await);
        let (ring, name) = (&ctx.keyring, entities::new_id());
        let link = ConnectLink::write(&ctx.db.write, ring, &name, (&install, "w1"), ctx.now()).await.expect("written");
        let link = ConnectLink::open(ring, link.text.expose_secret()).expect("opens");
        let reconnect = Reconnect {
            link: link.hash,
            install_id: install.id,
            business_account_id: install.instagram_business_account_id,
            account: install.instagram_account,
        };
        let app = AppRef { app_id: "w1".into(), user: "owner".into(), app_type: String::new() };
        let credential = Credential::Short(self.world.stand_ins.mint(user).await.into());
        let request = Request { app, page_id: None, reconnect: Some(reconnect), credential };
        let job = ExchangeToken::start(&ctx.db, &ctx.keyring, entities::new_id(), request, ctx.now()).await;
        ctx.queue.push(&job.expect("written").expect("new")).await.expect("pushed");
        self.world.drain().await;
    }

    async fn bring(&self, token: &str) {
        self.world.start_exchange_of(Credential::Short(token.to_owned().into()), "w1").await;
        self.world.drain().await;
    }

    async fn take(&self, step: Step) {
        match step {
            Step::Connects => drop(self.world.connect("powr_io", "w1").await),
            Step::Heals => self.come_by_link("powr_io").await,
            Step::BringsAnother => self.come_by_link("natgeo").await,
            Step::HasNoRole => {
                self.patch(json!({"state": "page_role_lost"})).await;
                self.world.connect("powr_io", "w1").await;
                self.patch(json!({"state": "ok"})).await;
            }
            Step::LeavesAScopeOut => {
                self.patch(json!({"scopes": &SCOPES[..1]})).await;
                self.world.connect("powr_io", "w1").await;
                self.patch(json!({"scopes": SCOPES})).await;
            }
            Step::BringsAnOldToken => self.bring(&self.old).await,
            Step::BringsNonsense => self.bring("EAAnonsense").await,
            Step::IsKilled => {
                let mut killed = self.install().await.into_active_model();
                killed.status = Set(Status::Dead);
                killed.update(&self.world.ctx.db.write).await.expect("written");
            }
            Step::Waits => self.world.advance(TimeDelta::days(20)).await,
        }
    }
}

/// When an install ends; never is later than any day.
fn end(install: &install::Model) -> DateTime<Utc> {
    install.ends_at().unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[tokio::test]
async fn no_sequence_of_reconnects_makes_an_install_worse() {
    for seed in 0..4 {
        let (story, mut drawn, mut taken) = (Story::begin().await, Drawn(seed), Vec::new());
        for _ in 0..14 {
            let step = drawn.next();
            taken.push(step);
            let (before, did_serve) = (story.install().await, story.serves(&story.install().await).await);

            story.take(step).await;

            let (after, serves) = (story.install().await, story.serves(&story.install().await).await);
            let at = format!("seed {seed}: {taken:?}");
            let now = story.world.ctx.now();
            if after.is_active() {
                assert!(after.page_token.is_some() && after.user_token.is_some(), "active without a credential: {at}");
                assert!(serves || end(&after) <= now, "active, not ended, and serves nothing: {at}");
            }
            if did_serve && before.is_active() && step != Step::Waits && step != Step::IsKilled {
                assert!(serves && after.is_active(), "what did_serve serves no more: {at}");
                assert!(end(&before) - end(&after) <= TimeDelta::days(1), "it ends earlier: {at}");
            }
            assert!(SCOPES.iter().all(|scope| after.scopes.contains(scope)), "a scope is gone: {at}");
            if matches!(step, Step::Connects | Step::Heals) {
                assert!(after.is_active() && serves && end(&after) > now, "the owner is connected: {at}");
            }
            if matches!(
                step,
                Step::BringsAnother | Step::HasNoRole | Step::LeavesAScopeOut | Step::BringsNonsense | Step::Waits
            ) {
                // Meta was asked for the end once more, as it is every day.
                let same = install::Model { checked_at: before.checked_at, ..after };
                assert_eq!(same, before, "a refusal changes nothing: {at}");
            }
        }
    }
}

#[tokio::test]
async fn owners_are_told_anew_when_the_end_has_moved_and_not_before() {
    let story = Story::begin().await;
    let told = async || {
        let mut told = story.install().await.into_active_model();
        told.first_verify_email_sent_at = Set(Some(story.world.ctx.now()));
        told.update(&story.world.ctx.db.write).await.expect("written");
    };
    told().await;

    story.take(Step::Connects).await;
    let same_end = story.install().await;
    story.take(Step::Waits).await;
    story.take(Step::Connects).await;
    let later_end = story.install().await;
    told().await;
    story.take(Step::IsKilled).await;
    story.take(Step::Connects).await;
    let healed = story.install().await;

    assert_eq!((same_end.generation, same_end.first_verify_email_sent_at.is_some()), (2, true), "no renewal");
    assert_eq!((later_end.generation, later_end.first_verify_email_sent_at), (3, None));
    assert_eq!((healed.generation, healed.first_verify_email_sent_at), (4, None), "what they were told of is over");
}

#[tokio::test]
async fn mails_begin_anew_where_the_end_moved_either_way_and_not_where_it_stayed() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    // The sooner end is that of a credential which replaces a dead one, before anybody noticed that it was.
    for (days, kill, is_told_still) in [(90, false, true), (60, true, false), (80, false, false)] {
        let mut told = world.installs().await.remove(0).into_active_model();
        told.first_verify_email_sent_at = Set(Some(world.ctx.now()));
        told.update(&world.ctx.db.write).await.expect("written");
        if kill {
            world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
            world.advance(TimeDelta::minutes(1)).await;
        }
        world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": days * 86_400})).await;

        world.connect("powr_io", "w1").await;

        let install = world.installs().await.remove(0);
        assert_eq!(install.first_verify_email_sent_at.is_some(), is_told_still, "{days} days");
        assert!((install.ends_at().expect("an end") - world.ctx.now()).num_hours().abs_diff(days * 24) < 2);
    }
}

#[tokio::test]
async fn who_has_the_role_again_is_told_of_the_next_end_though_the_old_credential_stays() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let (id, now) = (world.installs().await.remove(0).id, world.ctx.now());
    let db = &world.ctx.db.write;
    install::Entity::kill(db, &id, install::Killed::RoleLost, now).await.expect("written");
    install::Entity::note_mailed(db, (&id, 1), entities::email_delivery::Stage::Killed, now).await.expect("written");
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": 60 * 86_400})).await;

    world.connect("powr_io", "w1").await;

    let install = world.installs().await.remove(0);
    assert!((install.ends_at().expect("an end") - now).num_days() >= 89, "the new one ends sooner, and was not taken");
    assert_eq!((install.killed, install.second_verify_email_sent_at, install.generation), (None, None, 2));
}
