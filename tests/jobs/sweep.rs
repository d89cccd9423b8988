//! `sweep`.

use chrono::TimeDelta;
use entities::{connect_link, email_delivery, job_run, used_token};
use queue::Job;
use sea_orm::{EntityTrait, PaginatorTrait};
use secrecy::ExposeSecret;
use serde_json::json;
use worker::exchange::ConnectLink;
use worker::jobs::Sweep;

use crate::harness::World;

async fn sweep(world: &World) {
    world.ctx.queue.push(&Sweep {}).await.expect("pushed");
    world.drain().await;
}

#[tokio::test]
async fn a_choice_that_nobody_made_loses_its_sealed_token() {
    let world = World::start().await;
    let run = world.connect("two_pages", "w1").await;
    sweep(&world).await;
    assert!(world.run(&run.id).await.input.is_some(), "it may still be made");

    world.advance(TimeDelta::minutes(16)).await;
    sweep(&world).await;
    sweep(&world).await;

    let swept = world.run(&run.id).await;
    assert!(swept.input.is_none() && swept.error.is_some());
}

#[tokio::test]
async fn a_finished_run_is_kept_for_a_week() {
    let world = World::start().await;
    let run = world.connect("powr_io", "w1").await;
    world.advance(TimeDelta::days(7) - TimeDelta::minutes(1)).await;
    sweep(&world).await;
    let kept = job_run::Entity::find_by_id(&run.id).one(&world.ctx.db.read).await.expect("read");

    world.advance(TimeDelta::minutes(2)).await;
    sweep(&world).await;

    assert!(kept.is_some());
    assert!(job_run::Entity::find_by_id(&run.id).one(&world.ctx.db.read).await.expect("read").is_none());
}

#[tokio::test]
async fn a_used_token_is_remembered_until_it_has_ended_outside() {
    let world = World::start().await;
    let (db, outside) = (&world.ctx.db, world.ctx.wall_now());
    for (hash, ends_in) in [("over", -601), ("just over", -540), ("not yet", 60)] {
        let ends_at = outside + TimeDelta::seconds(ends_in);
        assert!(used_token::Entity::use_up(&db.write, hash.to_owned(), ends_at).await.expect("written"));
    }
    // The host platform does not follow the domain's clock: its token still lives.
    world.advance(TimeDelta::days(60)).await;

    sweep(&world).await;

    let over = used_token::Entity::find_by_id("over").one(&db.read).await.expect("read");
    assert!(over.is_none());
    assert_eq!(used_token::Entity::find().count(&db.read).await.expect("read"), 2, "ten minutes more than it lives");
}

#[tokio::test]
async fn a_links_row_is_kept_for_a_week_behind_its_end() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let (install, ctx) = (world.installs().await.remove(0), &world.ctx);
    let link = ConnectLink::write(&ctx.db.write, &ctx.keyring, "letter", (&install, "w1"), ctx.now()).await;
    let url = format!("{}/connect/{}", world.url, link.expect("written").text.expose_secret());
    let kept = async || connect_link::Entity::find().count(&ctx.db.read).await.expect("read");

    world.advance(TimeDelta::days(21) - TimeDelta::minutes(1)).await;
    sweep(&world).await;
    assert_eq!(kept().await, 1);
    world.advance(TimeDelta::minutes(2)).await;
    sweep(&world).await;

    assert_eq!(kept().await, 0);
    assert_eq!(world.http.get(&url).await.attribute("data-code"), "link_expired", "it says so itself");
}

/// A world in which the only owner is to be told of an end in three days, and the mail server says this; and the install.
async fn told(smtp: Option<u16>) -> (World, String) {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.ends_in(&install.id, 3).await;
    if let Some(status) = smtp {
        let answer = json!({"answer": {"status": status, "headers": {}, "body": "no"}});
        world.stand_ins.fault("smtp", json!({"service": "smtp", "path_contains": "rcpt"}), answer).await;
    }
    world.scan().await;
    world.stand_ins.mend("smtp").await;
    (world, install.id)
}

async fn mails(world: &World) -> u64 {
    email_delivery::Entity::find().count(&world.ctx.db.read).await.expect("read")
}

#[tokio::test]
async fn a_mail_is_kept_for_a_year_unless_it_decides_who_is_told() {
    // Once it has been connected anew, or once all is told that there is to tell.
    for is_renewed in [true, false] {
        let (world, id) = told(None).await;
        if is_renewed {
            assert_eq!(world.connect("powr_io", "w1").await.error, None);
        }
        world.advance(TimeDelta::days(365) - TimeDelta::minutes(1)).await;
        Sweep {}.perform(&world.ctx).await.expect("swept");
        assert_eq!(mails(&world).await, 1, "{is_renewed}");
        world.advance(TimeDelta::minutes(2)).await;
        Sweep {}.perform(&world.ctx).await.expect("swept");
        assert_eq!(mails(&world).await, u64::from(!is_renewed), "what is to come has not been told");

        world.ends_in(&id, -1).await;
        world.scan().await;
        Sweep {}.perform(&world.ctx).await.expect("swept");

        assert_eq!(world.told().await.iter().map(|(stage, ..)| *stage).collect::<Vec<_>>(), ["expired"]);
    }
}

#[tokio::test]
async fn a_planned_mail_goes_with_the_credential_that_it_is_about() {
    let (world, _) = told(Some(450)).await;
    Sweep {}.perform(&world.ctx).await.expect("swept");
    assert_eq!(mails(&world).await, 1, "it is still to be sent");

    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    Sweep {}.perform(&world.ctx).await.expect("swept");

    assert_eq!(mails(&world).await, 0);
}
