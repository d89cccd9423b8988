//! Pieces of work as those see them who ask for them: a person who connects an account, and a page that shows a feed.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::timer::pass;
use crate::harness::{Http, StandIns};

/// Who connects, and by which Page where there are several.
pub(super) const PEOPLE: [(&str, &str); 4] =
    [("powr_io", ""), ("natgeo", ""), ("no_posts", ""), ("two_pages", "&page_id=112233445566778")];

/// The app whose feeds are asked for.
pub(super) const SHOP: &str = "shop";

/// How long a page that got no answer waits before it asks again.
const ASKS_AGAIN_IN: Duration = Duration::from_millis(300);

/// What was accepted: who asked was told a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Piece {
    pub kind: Kind,
    pub run_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The consent that its token stems from, by which the stand-in's record names its calls.
    Exchange { grant: String },
    /// The first body of a feed.
    Feed { key: String },
}

/// How a piece of work ended, and how long after it was accepted.
#[derive(Debug)]
pub(super) struct Ended {
    pub piece: Piece,
    pub run: Value,
    pub took: Duration,
}

/// What became of a request.
pub(super) enum Asked {
    Accepted(Piece),
    /// It is done already.
    Served,
    /// The service said that it could not, just now.
    Refused,
    /// The connection broke: nobody knows whether it was accepted.
    Unanswered,
}

/// The way in, for all work.
#[derive(Clone)]
pub(super) struct Door {
    pub url: String,
    pub http: Http,
    pub stand_ins: StandIns,
}

impl Door {
    /// Posts a token of a person, for an app.
    pub(super) async fn exchange(&self, person: (&str, &str), app_id: &str) -> Asked {
        let (token, grant) = self.stand_ins.consent(person.0).await;
        let query = format!("token={token}&appId={app_id}&user=o&app_type=socialFeed{}", person.1);
        self.ask(Method::POST, &format!("instagram/oauth?{query}"), Kind::Exchange { grant }).await
    }

    /// Asks for a feed that nobody has asked for before.
    pub(super) async fn feed(&self, key: String) -> Asked {
        let query = format!("app_id={SHOP}&username_or_hashtag={}", key.replace('#', "%23"));
        self.ask(Method::GET, &format!("instagram?{query}"), Kind::Feed { key }).await
    }

    async fn ask(&self, method: Method, path: &str, kind: Kind) -> Asked {
        let Some(answer) = self.http.try_send(method, &format!("{}/{path}", self.url), &[], None).await else {
            return Asked::Unanswered;
        };
        match answer.status {
            200 => Asked::Served,
            202 => {
                let run_id = answer.json()["job_id"].as_str().expect("a run").to_owned();
                Asked::Accepted(Piece { kind, run_id })
            }
            503 => Asked::Refused,
            _ => panic!("{kind:?} was answered {}: {}", answer.status, answer.text),
        }
    }

    /// Polls a run until it has ended, however often there is no answer.
    pub(super) async fn end_of(self, piece: Piece) -> Ended {
        let (accepted, url) = (Instant::now(), format!("{}/jobs/{}?wait=10", self.url, piece.run_id));
        loop {
            match self.http.try_send(Method::GET, &url, &[], None).await {
                Some(answer) if answer.status == 200 => {
                    let run = answer.json();
                    if run["state"] == "done" || run["state"] == "failed" {
                        return Ended { piece, run, took: accepted.elapsed() };
                    }
                }
                Some(answer) if answer.status != 503 => panic!("{piece:?} is {}: {}", answer.status, answer.text),
                _ => pass(ASKS_AGAIN_IN).await,
            }
        }
    }

    /// Registers the app with its feeds.
    pub(super) async fn open_shop(&self, feeds: &[String]) {
        let body = json!({"user": "o", "app_type": "socialFeed", "feeds": feeds});
        let answer = self.http.put_json(&format!("{}/v1/apps/{SHOP}", self.url), &body).await;
        assert!(answer.status < 300, "{}", answer.text);
    }
}
