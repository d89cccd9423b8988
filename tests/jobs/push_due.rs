//! `push_due`: what the rows say is due comes back into the queue, whatever the queue had lost.

use chrono::TimeDelta;
use entities::{FeedKey, feed, new_id};
use queue::Job;
use worker::exchange::{AppRef, Credential, Request};
use worker::jobs::{ExchangeToken, FetchFeed, PushDue};

use crate::harness::World;

async fn scan(world: &World) {
    world.ctx.queue.push(&PushDue {}).await.expect("pushed");
    world.drain().await;
}

#[tokio::test]
async fn a_run_whose_push_was_lost_ends_after_the_next_scan() {
    let world = World::start().await;
    let token = world.stand_ins.mint("powr_io").await;
    let app = AppRef { app_id: "w1".into(), user: "owner".into(), app_type: String::new() };
    let request = Request { app, page_id: None, reconnect: None, credential: Credential::Short(token.into()) };
    let run_id = new_id();
    ExchangeToken::start(&world.ctx.db, &world.ctx.keyring, run_id.clone(), request, world.ctx.now())
        .await
        .expect("written");

    scan(&world).await;
    scan(&world).await;

    assert_eq!(world.run(&run_id).await.error, None);
    assert_eq!(world.installs().await[0].generation, 1, "pushed twice, connected once");
}

#[tokio::test]
async fn a_due_feed_is_fetched_and_one_that_nobody_wants_sleeps() {
    let world = World::with_feed().await;
    world.advance(TimeDelta::minutes(11)).await;
    scan(&world).await;
    let fetched = world.stand_ins.calls("/media").await.len();

    world.advance(TimeDelta::days(15)).await;
    scan(&world).await;
    let asleep = world.stand_ins.calls("/media").await.len();
    assert_eq!(world.feed().await.next_fetch_at, None, "no scan comes past it again");
    let first_answer = world.ask("w1", "@powr_io").await;
    world.drain().await;

    assert_eq!((fetched, asleep), (2, 2));
    assert_eq!(first_answer.status, 200, "whoever asks is answered with the last good body");
    assert_eq!(world.stand_ins.calls("/media").await.len(), 3, "and the feed is awake");
}

/// More polls than a scan takes.
const POLLS: usize = 60;

#[tokio::test]
async fn what_falls_due_while_it_looks_does_not_wait_for_the_next_minute() {
    let world = World::with_feed().await;
    for polls in 0..POLLS {
        let mut scan = std::pin::pin!(PushDue {}.perform(&world.ctx));
        let mut is_over = false;
        for _ in 0..polls {
            is_over = futures_util::poll!(scan.as_mut()).is_ready();
            if is_over {
                break;
            }
            tokio::task::yield_now().await;
        }
        if is_over {
            break;
        }

        // Longer than a quiet feed waits that somebody looks at.
        world.advance(TimeDelta::minutes(61)).await;
        scan.await.expect("looked");
        let feed_id = world.feed().await.id;
        assert!(world.ctx.queue.find::<FetchFeed>(&feed_id).await.expect("looked").is_some(), "after {polls} polls");
        world.ask("w1", "@powr_io").await;
        world.drain().await;
    }
}

#[tokio::test]
async fn more_due_feeds_than_a_page_are_all_pushed() {
    let world = World::start().await;
    let tx = world.ctx.db.begin().await.expect("a transaction");
    for number in 0..501 {
        let key = FeedKey::account(&format!("a{number}")).expect("a key");
        let ids = (new_id(), new_id());
        let now = world.ctx.now();
        feed::Entity::insert_due(&tx, feed::Source::Graph, &key, (&ids.0, &ids.1), now).await.expect("written");
    }
    tx.commit().await.expect("committed");

    scan(&world).await;

    let feeds = world.feeds().await;
    assert_eq!(feeds.len(), 501);
    assert!(feeds.iter().all(|feed| feed.failure.as_deref() == Some("not_connected")));
}

#[tokio::test]
async fn more_feeds_than_a_page_fall_asleep_at_once_and_those_that_are_wanted_or_not_due_do_not() {
    let world = World::start().await;
    let now = world.ctx.now();
    let long_ago = now - TimeDelta::days(15);
    let tx = world.ctx.db.begin().await.expect("a transaction");
    for number in 0..501 {
        let key = FeedKey::account(&format!("a{number}")).expect("a key");
        let ids = (new_id(), new_id());
        feed::Entity::insert_due(&tx, feed::Source::Graph, &key, (&ids.0, &ids.1), long_ago).await.expect("written");
    }
    for (id, asked, due) in [("wanted", now, now), ("later", long_ago, now + TimeDelta::hours(1))] {
        let key = FeedKey::account(id).expect("a key");
        feed::Entity::insert_due(&tx, feed::Source::Graph, &key, (id, id), asked).await.expect("written");
        feed::Entity::make_due(&tx, &[id.to_owned()], due).await.expect("written");
    }
    tx.commit().await.expect("committed");

    scan(&world).await;

    let feeds = world.feeds().await;
    let awake = feeds.iter().filter(|feed| feed.next_fetch_at.is_some());
    let mut awake: Vec<_> = awake.map(|feed| (feed.id.as_str(), feed.failure.as_deref())).collect();
    awake.sort_unstable();
    assert_eq!(awake, [("later", None), ("wanted", Some("not_connected"))]);
}

#[tokio::test]
async fn due_feeds_are_listed_page_by_page_the_longest_due_first() {
    let world = World::start().await;
    let (db, now) = (&world.ctx.db, world.ctx.now());
    for (id, minutes) in [("e", 1), ("d", 3), ("c", 3), ("b", 3), ("a", 2), ("future", -1)] {
        let key = FeedKey::account(id).expect("a key");
        let at = now - TimeDelta::minutes(minutes);
        feed::Entity::insert_due(&db.write, feed::Source::Graph, &key, (id, id), at).await.expect("written");
    }

    let (mut after, mut ids) = (None, Vec::new());
    loop {
        let page = feed::Entity::due(&db.read, now, now - TimeDelta::days(1), after.as_ref(), 2).await.expect("read");
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        ids.extend(page.into_iter().map(|(_, id)| id));
    }

    assert_eq!(ids, ["b", "c", "d", "a", "e"]);
}

#[tokio::test]
async fn more_feeds_are_made_due_than_a_statement_can_name() {
    let world = World::with_feed().await;
    let mut ids: Vec<_> = (0..70_000).map(|number| number.to_string()).collect();
    ids.push(world.feed().await.id);
    let now = world.ctx.now();

    feed::Entity::make_due(&world.ctx.db.write, &ids, now).await.expect("written");

    assert!(world.feed().await.next_fetch_at.is_some_and(|due| due <= now));
}
