//! What holds for every route of the document that is served, whatever routes there will be.

use std::collections::BTreeSet;

use queue::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use super::openapi::operations;
use crate::harness::token::{SECRET, sign, sign_with};
use crate::harness::{Answer, World};

/// The operations that ask for no proof. Whoever adds one says here that anybody may use it.
const PUBLIC: [&str; 15] = [
    "get /deletions/{code}",
    "post /meta/data-deletion",
    "post /meta/deauthorize",
    "get /connect/{link}",
    "post /connect/{link}",
    "get /healthz",
    "get /jobs/{id}",
    "get /openapi.json",
    "get /readyz",
    "get /users/oauth",
    "get /widget.js",
    "get /x/callback",
    "options /instagram",
    "post /jobs/{id}/page",
    "get /instagram",
];

/// The methods and paths of the document that a service answers with.
async fn served(world: &World) -> Vec<(Method, String, Value)> {
    let document = world.http.get(&format!("{}/openapi.json", world.url)).await.json();
    operations()
        .into_iter()
        .map(|(at, _)| {
            let (method, path) = at.split_once(' ').expect("a method and a path");
            let operation = document["paths"][path][method].clone();
            (method.to_uppercase().parse().expect("a method"), path.to_owned(), operation)
        })
        .collect()
}

/// A path with something in each of its places.
fn filled(path: &str, with: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { with } else { part }).collect::<Vec<_>>().join("/")
}

async fn ask(world: &World, method: &Method, path: &str, bearer: Option<&str>) -> Answer {
    let header = bearer.map(|proof| format!("Bearer {proof}"));
    let headers: Vec<_> = header.iter().map(|header| ("authorization", header.as_str())).collect();
    world.http.send(method.clone(), &format!("{}{path}", world.url), &headers, None).await
}

#[tokio::test]
async fn whatever_is_not_named_as_public_refuses_who_proves_nothing() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    let claims = |lives: i64| json!({"app": "w1", "user": "owner", "exp": world.wall.now().timestamp() + lives});
    let forged = sign_with(&SECRET.to_uppercase(), &json!({"alg": "HS256", "typ": "JWT"}), &claims(60));
    let (expired, endless) = (sign(&claims(-10)), sign(&claims(400 * 86_400)));
    let mut public = BTreeSet::new();

    for (method, path, operation) in served(&world).await {
        let proofs = operation["security"].as_array().expect("who may ask");
        if proofs.contains(&json!({})) {
            public.insert(format!("{} {path}", method.as_str().to_lowercase()));
        }
        let wants = |name: &str| proofs.iter().any(|proof| proof.get(name).is_some());
        let (in_header, in_address) = (wants("bearer"), wants("auth"));
        if !in_header && !in_address {
            continue;
        }
        let query = match path.as_str() {
            "/instagram" => "?app_id=w1&username_or_hashtag=@powr_io&is_settings=true",
            "/connect" | "/x/connect" => "?app_id=w1&user=owner",
            _ => "",
        };
        let path = filled(&path, "w1") + query;
        for (proof, code) in [
            (None, "unauthorised"),
            (Some(&forged), "unauthorised"),
            (Some(&expired), "token_expired"),
            (Some(&endless), "token_lives_too_long"),
        ] {
            let answer = match proof {
                Some(proof) if in_address => ask(&world, &method, &format!("{path}&auth={proof}"), None).await,
                proof => ask(&world, &method, &path, proof.map(String::as_str)).await,
            };
            assert_eq!((answer.status, answer.code().as_str()), (401, code), "{method} {path} {proof:?}");
        }
        if method == Method::GET {
            let head = ask(&world, &Method::HEAD, &path, None).await;
            assert!([401, 405].contains(&head.status), "HEAD {path}: {}", head.status);
        }
    }

    assert_eq!(public, PUBLIC.map(str::to_owned).into());
}

#[tokio::test]
async fn a_path_that_is_no_text_is_a_problem() {
    let world = World::start().await;
    for (method, path, _) in served(&world).await {
        if path.contains('{') {
            let answer = ask(&world, &method, &filled(&path, "%ff"), None).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_slash_at_the_end_changes_nothing() {
    let world = World::start().await;
    for (method, path, _) in served(&world).await {
        let path = filled(&path, "x");
        let (without, with) =
            (ask(&world, &method, &path, None).await, ask(&world, &method, &(path.clone() + "/"), None).await);
        assert_eq!((with.status, with.code()), (without.status, without.code()), "{method} {path}");
        assert_ne!(with.code(), "no_such_route", "{method} {path}");
    }
}

#[tokio::test]
async fn another_method_is_told_which_ones_there_are() {
    let world = World::start().await;
    let served = served(&world).await;
    for (_, path, _) in &served {
        let at = filled(path, "x");
        let mut methods: BTreeSet<&str> =
            served.iter().filter(|(_, known, _)| known == path).map(|(method, ..)| method.as_str()).collect();
        if methods.contains("GET") && ask(&world, &Method::HEAD, &at, None).await.status != 405 {
            methods.insert("HEAD");
        }
        let others = [Method::PATCH, Method::DELETE, Method::HEAD].into_iter();
        for method in others.filter(|method| !methods.contains(method.as_str())) {
            let answer = ask(&world, &method, &at, None).await;
            let allowed: BTreeSet<&str> = answer.header("allow").split(',').collect();
            assert_eq!((answer.status, &allowed), (405, &methods), "{method} {path}");
        }
    }
}
