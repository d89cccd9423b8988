//! The day of a poller that asks for every feed every ten minutes, whatever it is told. It makes one call for each.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use queue::clock::{Clock, ShiftedClock};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Feed, Outcome, Size, account_id, user};
use crate::harness::StandIns;

const EVERY: i64 = 10;
const AT_ONCE: usize = 16;

/// Polls for a day.
pub(super) async fn run(size: &Size) -> Outcome {
    let (folder, stop) = (TempDir::new().expect("a folder"), CancellationToken::new());
    let clock = Arc::new(ShiftedClock::new(TimeDelta::zero()));
    let moved = clock.clone();
    let follow: sandbox::OnClock = Arc::new(move |offset_ms| {
        moved.set(TimeDelta::milliseconds(offset_ms));
        Box::pin(async {})
    });
    let stand_ins = StandIns::serve(folder.path(), follow, &stop).await;
    size.allow(&stand_ins).await;
    let feeds = size.feeds();
    let tokens = join_all((0..size.accounts).map(|account| page_token(&stand_ins, account))).await;
    let began = clock.now();
    let paths: Vec<String> = stream::iter(&feeds)
        .map(|feed| path(&stand_ins, feed, &tokens[feed.account]))
        .buffered(AT_ONCE)
        .collect()
        .await;

    let mut reads = vec![Vec::new(); feeds.len()];
    for _ in 0..size.hours * 60 / EVERY {
        let polled = stream::iter(paths.iter().enumerate()).map(async |(feed, path)| {
            let answer = stand_ins.http.get(path).await;
            (feed, answer.status == 200)
        });
        let answered: Vec<_> = polled.buffer_unordered(AT_ONCE).collect().await;
        let now = clock.now();
        answered.into_iter().filter(|(_, is_read)| *is_read).for_each(|(feed, _)| reads[feed].push(now));
        stand_ins.advance(EVERY * 60).await;
    }
    let outcome = Outcome::new(size, &stand_ins, (began, clock.now()), reads).await;
    stop.cancel();
    outcome
}

async fn page_token(stand_ins: &StandIns, account: usize) -> String {
    let short = stand_ins.mint(&user(account)).await;
    let (id, secret) = (sandbox::DEFAULT_APP_ID, sandbox::DEFAULT_APP_SECRET);
    let query = format!("grant_type=fb_exchange_token&client_id={id}&client_secret={secret}&fb_exchange_token={short}");
    let long = stand_ins.http.get(&format!("{}/v26.0/oauth/access_token?{query}", stand_ins.url)).await.json();
    let token = long["access_token"].as_str().expect("a token that lasts");
    let pages = format!("{}/v26.0/me/accounts?fields=access_token&access_token={token}", stand_ins.url);
    let pages = stand_ins.http.get(&pages).await.json();
    pages["data"][0]["access_token"].as_str().expect("a Page's token").to_owned()
}

/// The address of the one call that it makes for a feed.
async fn path(stand_ins: &StandIns, feed: &Feed, token: &str) -> String {
    let (graph, account) = (format!("{}/v26.0", stand_ins.url), account_id(feed.account));
    let query = format!("fields=id&limit=1&access_token={token}");
    let Some(tag) = feed.key.strip_prefix('#') else { return format!("{graph}/{account}/media?{query}") };
    let search = format!("{graph}/ig_hashtag_search?user_id={account}&q={tag}&access_token={token}");
    let found = stand_ins.http.get(&search).await.json();
    // Where even this is refused, it goes on asking for what is not there.
    let id = found["data"][0]["id"].as_str().unwrap_or("0").to_owned();
    format!("{graph}/{id}/recent_media?user_id={account}&{query}")
}
