//! Who may ask for what, under `AUTH=signed`.

use api::ApiKey;
use chrono::TimeDelta;
use entities::{api_key, app, feed, install, job_run, used_token};
use queue::clock::Clock;
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::harness::token::{SECRET, sign, sign_with};
use crate::harness::{Answer, World};

/// A world with `powr_io` connected to `w1`, whose feed is there, and an app `w2` beside it.
async fn world() -> World {
    let world = World::signed().await;
    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    world.connect("natgeo", "w2").await;
    world.ask("w1", "@powr_io").await;
    world.drain().await;
    world
}

/// What a request brings as its proof, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Proof {
    Missing,
    Garbage,
    Forged,
    AlgNone,
    Expired,
    RevokedKey,
    OtherApp,
    OtherUser,
    Right,
    Key,
}

impl Proof {
    const BAD: [(Self, &str); 6] = [
        (Self::Missing, "unauthorised"),
        (Self::Garbage, "unauthorised"),
        (Self::Forged, "unauthorised"),
        (Self::AlgNone, "unauthorised"),
        (Self::Expired, "token_expired"),
        (Self::RevokedKey, "key_revoked"),
    ];
    const GOOD: [Self; 4] = [Self::OtherApp, Self::OtherUser, Self::Right, Self::Key];

    async fn text(self, world: &World) -> Option<String> {
        let end = world.wall.now().timestamp();
        let claims = |app: &str, user: &str, lives: i64| json!({"app": app, "user": user, "exp": end + lives});
        let header = |alg: &str| json!({"alg": alg, "typ": "JWT"});
        Some(match self {
            Self::Missing => return None,
            Self::Garbage => "a.b.c".to_owned(),
            Self::Forged => sign_with(&SECRET.to_uppercase(), &header("HS256"), &claims("w1", "owner", 60)),
            Self::AlgNone => sign_with("", &header("none"), &claims("w1", "owner", 60)),
            Self::Expired => sign(&claims("w1", "owner", -10)),
            Self::OtherApp => sign(&claims("w2", "owner", 60)),
            Self::OtherUser => sign(&claims("w1", "somebody", 60)),
            Self::Right => sign(&claims("w1", "owner", 60)),
            Self::Key => make_key(world).await.expose(),
            Self::RevokedKey => {
                let key = make_key(world).await;
                assert!(
                    api_key::Entity::revoke(&world.ctx.db.write, &key.id, world.wall.now()).await.expect("written")
                );
                key.expose()
            }
        })
    }
}

async fn make_key(world: &World) -> ApiKey {
    let key = ApiKey::generate();
    let kept = api_key::Entity::keep(&world.ctx.db.write, &key.id, "ops", key.secret_hash(), world.wall.now());
    kept.await.expect("written");
    key
}

/// Asks a route with a proof, where that route wants it.
async fn ask(world: &World, (method, path, body): (&str, &str, Option<&Value>), proof: Option<&str>) -> Answer {
    let method: Method = method.parse().expect("a method");
    let url = format!("{}{path}", world.url);
    match proof {
        None => world.http.send(method, &url, &[], body).await,
        Some(text) if path.starts_with("/connect") => {
            world.http.send(method, &format!("{url}&auth={text}"), &[], body).await
        }
        Some(text) => {
            let header = format!("Bearer {text}");
            world.http.send(method, &url, &[("authorization", &header)], body).await
        }
    }
}

#[tokio::test]
async fn every_route_wants_its_proof_and_no_other() {
    let world = world().await;
    let installs = world.installs().await;
    let install = installs.iter().find(|install| install.instagram_account == "powr_io").expect("connected");
    let exchange = format!("/instagram/oauth?token={}&appId=w1&user=owner", world.stand_ins.mint("powr_io").await);
    let install = format!("/v1/installs/{}", install.id);
    let owner = json!({"user": "owner"});
    let settings = "/instagram?app_id=w1&username_or_hashtag=@powr_io&is_settings=true";
    // What the token of another app, of another user, the right one, and an API key are answered.
    for (method, path, body, expected) in [
        ("POST", exchange.as_str(), None, [(403, "forbidden"), (403, "forbidden"), (202, ""), (202, "")]),
        ("GET", &exchange, None, [(403, "forbidden"), (403, "forbidden"), (202, ""), (202, "")]),
        ("PUT", "/v1/apps/w1", Some(&owner), [(403, "forbidden"), (403, "forbidden"), (200, ""), (200, "")]),
        ("GET", settings, None, [(403, "forbidden"), (200, ""), (200, ""), (200, "")]),
        ("GET", "/v1/installs?app_id=w1", None, [(403, "forbidden"), (200, ""), (200, ""), (200, "")]),
        ("GET", "/v1/installs", None, [(200, ""), (200, ""), (200, ""), (200, "")]),
        ("GET", &install, None, [(404, "install_unknown"), (200, ""), (200, ""), (200, "")]),
        (
            "GET",
            "/connect?app_id=w1&user=owner",
            None,
            [(403, "forbidden"), (403, "forbidden"), (302, ""), (401, "unauthorised")],
        ),
    ] {
        let is_connect = path.starts_with("/connect");
        let bad = Proof::BAD.map(|(proof, code)| {
            (proof, 401, if is_connect && proof == Proof::RevokedKey { "unauthorised" } else { code })
        });
        let good = Proof::GOOD.into_iter().zip(expected).map(|(proof, (status, code))| (proof, status, code));
        for (proof, status, code) in bad.into_iter().chain(good) {
            let text = proof.text(&world).await;
            let answer = ask(&world, (method, path, body), text.as_deref()).await;

            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {path} {proof:?}");
            assert_eq!(answer.header("www-authenticate"), if status == 401 { "Bearer" } else { "" });
            if status >= 400 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
                assert!(text.is_none_or(|text| !answer.text.contains(&text)), "a proof is not repeated");
            }
        }
    }
}

#[tokio::test]
async fn what_is_public_asks_for_nothing_and_trips_over_no_proof() {
    let world = world().await;
    let run = world.start_exchange("powr_io", "w1").await;
    let run = format!("/jobs/{run}");
    for (method, path, status) in [
        ("GET", "/instagram?app_id=w1&username_or_hashtag=@powr_io", 200),
        ("GET", "/instagram?app_id=w1&username_or_hashtag=@natgeo", 404),
        ("GET", "/instagram?app_id=nobody&username_or_hashtag=@powr_io", 404),
        ("GET", run.as_str(), 200),
        ("GET", "/jobs/00000000000000000000000000000000", 404),
        ("GET", "/users/oauth?code=x&state=x", 400),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/widget.js", 200),
        ("GET", "/assets/pages.css", 200),
        ("GET", "/", 404),
        ("HEAD", "/instagram?app_id=w1&username_or_hashtag=@powr_io", 200),
        ("OPTIONS", "/instagram?app_id=w1&username_or_hashtag=@powr_io", 204),
        ("HEAD", "/connect?app_id=w1&user=owner", 405),
        ("OPTIONS", "/v1/installs", 405),
        ("POST", "/jobs/00000000000000000000000000000000/page", 400),
    ] {
        for proof in [Proof::Missing, Proof::Garbage, Proof::Expired, Proof::OtherApp, Proof::RevokedKey, Proof::Key] {
            let answer = ask(&world, (method, path, None), proof.text(&world).await.as_deref()).await;
            assert_eq!(answer.status, status, "{method} {path} {proof:?}");
        }
    }
}

#[tokio::test]
async fn a_proof_comes_once_as_bearer_and_is_short() {
    let world = world().await;
    let (url, right) = (format!("{}/v1/installs", world.url), world.token("w1", "owner"));
    let long = sign(&json!({"app": "w1", "user": "owner", "exp": 9_999_999_999_u64, "more": "x".repeat(4_096)}));
    let bearer = |text: &str| format!("Bearer {text}");
    let (right_bearer, lower) = (bearer(&right), format!("bearer  {right}"));
    for (given, status) in [
        (vec![right_bearer.as_str()], 200),
        (vec![&lower], 200),
        (vec![&right_bearer, &right_bearer], 401),
        (vec![&right], 401),
        (vec!["Bearer "], 401),
        (vec!["Basic b3duZXI6"], 401),
        (vec![&bearer(&long)], 401),
        (vec![&bearer("fk_"), &right_bearer], 401),
    ] {
        let headers: Vec<_> = given.iter().map(|value| ("authorization", *value)).collect();
        let answer = world.http.send(Method::GET, &url, &headers, None).await;
        assert_eq!(answer.status, status, "{given:?}");
    }
}

#[tokio::test]
async fn tokens_end_by_the_time_outside_and_not_by_the_domains() {
    let world = world().await;
    let token = world.token("w1", "owner");
    let status = async || ask(&world, ("GET", "/v1/installs", None), Some(&token)).await.status;

    world.advance(TimeDelta::days(60)).await;
    let domain_moved = status().await;
    world.wall.advance(TimeDelta::seconds(66));

    assert_eq!((domain_moved, status().await), (200, 401));
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_to_the_hour() {
    let world = world().await;
    let key = make_key(&world).await;
    let used = async || {
        assert_eq!(ask(&world, ("GET", "/v1/installs", None), Some(&key.expose())).await.status, 200);
        let row = api_key::Entity::find_by_id(&key.id).one(&world.ctx.db.read).await.expect("read").expect("a key");
        row.last_used_at.expect("noted")
    };

    let (first, second) = (used().await, used().await);
    world.wall.advance(TimeDelta::hours(1));
    let later = used().await;

    assert_eq!((first.timestamp() % 3_600, first), (0, second));
    assert_eq!(later - first, TimeDelta::hours(1));
    let row = api_key::Entity::find_by_id(&key.id).one(&world.ctx.db.read).await.expect("read").expect("a key");
    let secret = key.expose().rsplit('_').next().expect("a secret").to_owned();
    assert!(!format!("{row:?}").contains(&secret), "only a hash is kept");
}

/// How many rows there are of everything that a request could write.
async fn rows(world: &World) -> [u64; 6] {
    let db = &world.ctx.db.read;
    [
        app::Entity::find().count(db).await.expect("read"),
        install::Entity::find().count(db).await.expect("read"),
        feed::Entity::find().count(db).await.expect("read"),
        job_run::Entity::find().count(db).await.expect("read"),
        used_token::Entity::find().count(db).await.expect("read"),
        api_key::Entity::find().count(db).await.expect("read"),
    ]
}

#[tokio::test]
async fn a_flood_of_unknown_keys_writes_nothing() {
    let world = world().await;
    let (expired, forged) = (Proof::Expired.text(&world).await, Proof::Forged.text(&world).await);
    let (before, calls) = (rows(&world).await, world.stand_ins.calls("").await.len());
    let owner = json!({"user": "owner"});

    for number in 0..100 {
        let unknown_key = format!("fk_{number:012x}_{number:032x}");
        let unknown_job = format!("/jobs/{number:032x}");
        let preview = format!("/instagram?app_id=w1&username_or_hashtag=@a{number}&is_settings=true");
        let stranger = format!("/instagram?app_id=w1&username_or_hashtag=@a{number}");
        for (request, proof, status) in [
            (("GET", stranger.as_str(), None), None, 404),
            (("GET", &preview, None), Some(unknown_key.as_str()), 401),
            (("PUT", &format!("/v1/apps/a{number}"), Some(&owner)), forged.as_deref(), 401),
            (("POST", &format!("/instagram/oauth?token=x&appId=a{number}&user=owner"), None), expired.as_deref(), 401),
            (("GET", &unknown_job, None), None, 404),
        ] {
            assert_eq!(ask(&world, request, proof).await.status, status, "{request:?}");
        }
    }

    assert_eq!(rows(&world).await, before);
    assert!(world.ctx.queue.is_idle().await.expect("asked"), "no job");
    assert_eq!(world.stand_ins.calls("").await.len(), calls, "no call");
}

#[tokio::test]
async fn a_runs_id_is_its_proof_and_has_one_spelling() {
    let world = world().await;
    let id = world.start_exchange("powr_io", "w1").await;
    let other = world.start_exchange("powr_io", "w1").await;
    let status = async |path: String| world.http.get(&format!("{}{path}", world.url)).await.status;

    assert_eq!(id.len(), 32, "128 bits");
    assert!(id.bytes().zip(other.bytes()).filter(|(one, other)| one != other).count() > 16, "{id} {other}");
    assert_eq!(status(format!("/jobs/{id}")).await, 200);
    let with_letters = format!("{}a", &id[..31]);
    for wrong in [&id[..31], &format!("{id}0"), &with_letters.to_uppercase(), &format!("{}*", &id[..31]), ""] {
        assert_eq!(status(format!("/jobs/{wrong}")).await, 404, "{wrong}");
    }
    for list in ["/jobs", "/jobs?limit=1", "/v1/jobs", "/jobs/?app_id=w1"] {
        assert_eq!(status(list.to_owned()).await, 404, "{list}");
    }
}
