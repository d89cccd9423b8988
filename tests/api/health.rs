//! `GET /healthz`, `GET /readyz`, and what every route has in common.

use crate::harness::World;

#[tokio::test]
async fn alive_and_ready_with_a_status_per_part() {
    let world = World::start().await;

    let live = world.http.get(&format!("{}/healthz", world.url)).await;
    let ready = world.http.get(&format!("{}/readyz", world.url)).await;

    assert_eq!((live.status, ready.status), (200, 200));
    assert_eq!(ready.json()["parts"]["database"]["status"], "ok");
    assert_eq!(ready.json()["parts"]["queue"]["status"], "ok");
}

#[tokio::test]
async fn routes_answer_with_and_without_a_trailing_slash() {
    let world = World::start().await;
    for path in ["/healthz/", "/readyz/", "/widget.js/", "/instagram/?app_id=x"] {
        let answer = world.http.get(&format!("{}{path}", world.url)).await;
        assert_ne!(answer.code(), "no_such_route", "{path}");
    }
}

#[tokio::test]
async fn what_is_no_route_is_a_problem() {
    let world = World::start().await;

    let answer = world.http.get(&format!("{}/nothing?token=EAAsecret", world.url)).await;

    assert_eq!((answer.status, answer.code().as_str()), (404, "no_such_route"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    for field in ["type", "title", "status", "detail", "code"] {
        assert!(!answer.json()[field].is_null(), "{field}");
    }
    assert!(!answer.text.contains("EAAsecret"));
}
