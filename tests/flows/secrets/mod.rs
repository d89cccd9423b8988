//! After a full run of everything, with all of it logged: no token, code, key or secret on disk, in the log, or in any
//! answer.

mod run;
mod x;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::stand_ins::graph_error;
use crate::harness::within_reason;
use run::{Run, parameter};

#[tokio::test]
async fn nothing_that_is_secret_is_kept_logged_or_answered() {
    let mut run = Run::start().await;

    the_ways_to_connect(&mut run).await;
    x::the_way_to_x(&mut run).await;
    the_ways_to_fail(&mut run).await;
    what_meta_says_about_tokens(&mut run).await;
    secrets_in_wrong_places(&mut run).await;
    requests_that_are_none(&mut run).await;
    feeds_and_settings(&mut run).await;
    a_kill_in_the_middle(&mut run).await;
    run.service.stand_ins.advance(3 * 86_400).await;
    run.service.stand_ins.advance(100 * 86_400).await;
    feeds_and_settings(&mut run).await;

    run.learn_the_tokens_at_rest().await;
    run.assert_nothing_leaked();
    run.assert_files_are_the_owners();
}

async fn the_ways_to_connect(run: &mut Run) {
    let (back, cookie) = run.consent("powr_io").await;
    let page = run.come_back(&back, &cookie).await;
    assert_eq!(run.service.end_of(&page.attribute("data-job")).await["state"], "done");
    assert_eq!(run.exchange("natgeo", "shop").await["state"], "done");

    let choice = run.exchange("two_pages", "shop").await;
    let path = format!("/jobs/{}/page", choice["id"].as_str().expect("an id"));
    let page_id = json!({"page_id": choice["error"]["pages"][1]["id"]});
    assert_eq!(run.ask(Method::POST, &path, &[], Some(&page_id)).await.status, 202);
    assert_eq!(run.service.end_of(choice["id"].as_str().expect("an id")).await["state"], "done");

    // The same code again: by the browser, and by somebody who found it.
    assert_eq!(run.come_back(&back, &cookie).await.status, 400);
    let again = run.exchange_of("code", &parameter(&back, "code"), "shop").await;
    assert_eq!(again["error"]["code"], "code_expired");
}

async fn the_ways_to_fail(run: &mut Run) {
    let (back, cookie) = run.consent("powr_io").await;
    let (state, code) = (parameter(&back, "state"), parameter(&back, "code"));
    for query in [
        format!("code={code}&state={}", &state[..state.len() - 4]),
        format!("code={code}"),
        format!("code={code}&code={code}&state={state}"),
        format!("error=access_denied&error_description={code}&state={state}"),
    ] {
        let refused = run.ask(Method::GET, &format!("/users/oauth?{query}"), &[("cookie", &cookie)], None).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
    }
    let (stolen, _) = run.consent("natgeo").await;
    assert_eq!(run.come_back(&stolen, "feedkeeper_connect_0=1").await.status, 400);

    for (change, user) in [
        (json!({"scopes": ["public_profile"]}), "natgeo"),
        (json!({"state": "password_changed"}), "natgeo"),
        (json!({}), "no_role"),
        (json!({}), "no_pages"),
        (json!({}), "no_instagram"),
    ] {
        let token = run.mint(user).await;
        run.service.stand_ins.patch(user, change).await;
        assert_eq!(run.exchange_of("token", &token, "shop").await["state"], "failed", "{user}");
    }
    run.service.stand_ins.patch("natgeo", json!({"scopes": null, "state": "ok"})).await;
    assert_eq!(run.exchange_of("token", &format!("{code}EAAno-token-of-Meta"), "shop").await["state"], "failed");
}

/// Meta quotes tokens in errors, links and pages, redirects with them, and breaks off.
async fn what_meta_says_about_tokens(run: &mut Run) {
    let quoted = run.mint("natgeo").await;
    let link = format!("https://graph.facebook.com/v26.0/1/media?access_token={quoted}&after=x");
    let error = |text: String| {
        let mut error = graph_error(400, 190, None);
        error["answer"]["headers"]["www-authenticate"] = json!(format!("OAuth \"Facebook Platform\" \"{text}\""));
        error["answer"]["body"] =
            json!(error["answer"]["body"].as_str().expect("a body").replace("said by a test", &text));
        error
    };
    let answer = |status: u16, headers: Value, body: String| json!({"answer": {"status": status, "headers": headers, "body": body}});
    let invalid = json!({"data": {"is_valid": false, "error": {"code": 190, "message": link, "subcode": 463}}});
    for (path, fault) in [
        ("me/accounts", error(format!("Malformed access token {quoted}"))),
        ("me/accounts", error(link.clone())),
        ("me/accounts", error(link.replace(':', "%3A").replace('/', "%2F").replace('=', "%3D").replace('&', "%26"))),
        ("debug_token", answer(200, json!({}), invalid.to_string())),
        ("debug_token", answer(502, json!({"content-type": "text/html"}), format!("<a href=\"{link}\">{quoted}</a>"))),
        ("oauth/access_token", answer(302, json!({"location": link}), String::new())),
        ("me/accounts", answer(200, json!({}), json!({"data": quoted}).to_string())),
        ("me/accounts", answer(200, json!({}), format!("{{\"data\":[{{\"access_token\":\"{quoted}\"}}"))),
        ("1784", json!({"drop": true})),
    ] {
        run.fault(path, fault.clone()).await;
        let end = run.exchange("natgeo", "shop").await;
        assert!(end["state"] == "done" || end["state"] == "failed", "{fault}: {end}");
    }
    let page = json!({"data": [{"id": "1", "caption": "c"}], "paging": {"cursors": {"after": "x"}, "next": link}});
    run.fault("/media", answer(200, json!({}), page.to_string())).await;
    feeds_and_settings(run).await;
}

/// A token in every place that is none for tokens.
async fn secrets_in_wrong_places(run: &mut Run) {
    let token = run.mint("natgeo").await;
    for path in [
        format!("/{token}"),
        format!("/nowhere/{token}/x?access_token={token}"),
        format!("/jobs/{token}"),
        format!("/jobs/{token}?wait={token}"),
        format!("/assets/{token}"),
        format!("/instagram?app_id={token}&username_or_hashtag=@powr_io"),
        format!("/instagram?app_id=shop&username_or_hashtag=@{token}"),
        format!("/instagram?app_id=shop&username_or_hashtag=%23{token}&access_token={token}"),
        format!("/instagram?app_id=shop&username_or_hashtag=@powr_io&is_settings={token}&page_name={token}"),
        format!("/instagram?app_id=shop&app_id={token}"),
        format!("/connect?app_id={token}&user=u"),
        format!("/connect?app_id=w1&user=u&auth_type={token}&after={token}"),
        format!("/connect?app_id=w1&user=u&auth={token}&auth={token}"),
        format!("/users/oauth?job_id={token}"),
        format!("/users/oauth?state={token}&code={token}"),
        format!("/instagram/oauth?token={token}&token={token}&appId=w1&user=u"),
        format!("/instagram/oauth?{token}=1&{token}=2"),
        format!("/instagram/oauth?token={token}&appId={token}&user=u"),
        format!("/instagram/oauth?token={token}&appId=w1&user={token}"),
        format!("/instagram/oauth?token={token}&code={token}&appId=w1&user=u"),
        format!("/instagram/oauth?token={token}&appId=w1&user=u&app_type={token}"),
        format!("/instagram/oauth?token={token}&appId=w1&user=u&page_id={token}"),
        format!("/healthz/{token}?token={token}"),
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            // By an operator, and by somebody whose proof is the token.
            let headers = [("prefer", &*token), ("origin", &*token), ("cookie", &*token), ("authorization", &*token)];
            for headers in [&headers[..3], &headers] {
                let answer = run.ask(method.clone(), &path, headers, None).await;
                assert!(answer.status < 500, "{path}: {}", answer.text);
            }
        }
    }
    for body in [
        json!({&token: 1, "user": "u"}),
        json!({"user": token}),
        json!({"user": "u", "app_type": token}),
        json!({"user": "u", "language": token}),
        json!({"user": "u", "saved_before": token}),
        json!({"user": "u", "feeds": token}),
        json!({"user": "u", "feeds": [token, 1]}),
        json!({"user": "u", "feeds": [format!("@{token}")]}),
        json!({"user": "u", "owner_email": token}),
        json!({"user": "u", "allowed_origins": [format!("https://x/{token}")]}),
        json!([token]),
        json!(token),
    ] {
        let answer = run.ask(Method::PUT, "/v1/apps/shop", &[], Some(&body)).await;
        assert!((400..500).contains(&answer.status), "{body}: {}", answer.text);
        let answer = run.ask(Method::POST, "/instagram/oauth?appId=w1&user=u", &[], Some(&body)).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
    for proof in [run.host_token(), run.api_key()] {
        let answer = run.ask(Method::PUT, "/v1/apps/shop", &[], Some(&json!({"user": proof}))).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_parameter"), "{}", answer.text);
    }
    let put = run.ask(Method::PUT, &format!("/v1/apps/{token}"), &[], Some(&json!({"user": "u"}))).await;
    assert!((400..500).contains(&put.status), "{}", put.text);
}

/// What is no HTTP, with a token in every part of it.
async fn requests_that_are_none(run: &mut Run) {
    let token = run.mint("natgeo").await;
    let address = run.service.url.trim_start_matches("http://").to_owned();
    for request in [
        format!("{token} / HTTP/1.1\r\nhost: x\r\n\r\n"),
        format!("GET /{token} HTTP/9.9\r\nhost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{token}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: {token}\r\ncontent-length: {token}\r\n\r\n"),
        format!("GET /{token}\u{1}x HTTP/1.1\r\nhost: x\r\n\r\n"),
        format!("GET /jobs/%ff{token} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
        format!("GET http://{token}/connect?app_id=w&user=u HTTP/1.1\r\nhost: {token}\r\nconnection: close\r\n\r\n"),
        format!("POST /instagram/oauth HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\ntoken={token}"),
    ] {
        let mut connection = TcpStream::connect(&address).await.expect("connected");
        connection.write_all(request.as_bytes()).await.expect("sent");
        connection.shutdown().await.expect("that is all");
        let mut answer = Vec::new();
        // The connection may be cut instead.
        let _ = within_reason(connection.read_to_end(&mut answer)).await;
        run.note(&request, &answer);
    }
}

async fn feeds_and_settings(run: &mut Run) {
    let feeds = json!({"user": "owner", "feeds": ["@powr_io", "@natgeo", "#food", "#sunset"]});
    assert!(run.ask(Method::PUT, "/v1/apps/shop", &[], Some(&feeds)).await.status < 300);
    for key in ["@powr_io", "@natgeo", "%23food", "%23sunset", "@unknown"] {
        for more in ["", "&is_settings=true"] {
            let path = format!("/instagram?app_id=shop&username_or_hashtag={key}{more}");
            let feed = run.ask(Method::GET, &path, &[], None).await;
            if feed.status == 202 {
                run.service.end_of(feed.json()["job_id"].as_str().expect("a run")).await;
                run.ask(Method::GET, &path, &[], None).await;
            }
        }
    }
    for path in ["/", "/readyz", "/healthz", "/openapi.json", "/metrics", "/v1/installs", "/widget.js"] {
        run.ask(Method::GET, path, &[], None).await;
    }
}

/// Killed with a code in its hand, and with a long token.
async fn a_kill_in_the_middle(run: &mut Run) {
    for path in ["oauth/access_token", "me/accounts"] {
        run.service.stand_ins.fault("hang", json!({"path_contains": path}), json!({"hang_ms": 600_000})).await;
        let (back, cookie) = run.consent("powr_io").await;
        run.service.stand_ins.forget_calls().await;
        let page = run.come_back(&back, &cookie).await;
        run.service.stand_ins.wait_for_call(path).await;

        run.service.kill().await;
        run.service.restart().await;

        assert_eq!(run.service.end_of(&page.attribute("data-job")).await["state"], "done", "killed at {path}");
    }
}
