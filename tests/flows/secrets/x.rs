//! What is secret on the way to X: the state, the code, each pair of tokens, and the client's secret.

use entities::x_account::{self, ACCESS_TOKEN, REFRESH_TOKEN};
use reqwest::Method;
use sea_orm::EntityTrait;
use secrecy::ExposeSecret;
use serde_json::json;

use super::run::{Run, parameter};

/// Connects, posts, is refused in words that hold a token, and renews the pair.
pub(super) async fn the_way_to_x(run: &mut Run) {
    let path = format!("/x/connect?app_id=shop&user=owner&auth={}", run.host_token());
    let dialog = run.ask(Method::GET, &path, &[], None).await;
    let cookie = dialog.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let consent = run.service.http.get(&format!("{}&_user=powr_io", dialog.header("location"))).await;
    let back = consent.header("location").to_owned();
    run.keep_from_all_but_the_browser("the cookie for X", cookie.split_once('=').expect("a value").1);
    run.keep_from_all_but_the_browser("X's state", &parameter(&back, "state"));
    run.keep("X's code", &parameter(&back, "code"));
    let page = run.come_back(&back, &cookie).await;
    assert!(page.text.contains("data-state=\"done\""), "{}", page.text);
    let first = run.learn_the_pair().await;

    let installs = run.ask(Method::GET, "/v1/installs?app_id=shop", &[], None).await.json();
    let installs = installs["data"].as_array().expect("a list").clone();
    let install = installs.iter().find(|install| install["instagram_account"] == "powr_io").expect("it is connected");
    let account = run.ask(Method::GET, "/v1/x-accounts?app_id=shop", &[], None).await.json()["data"][0].clone();
    let wish = json!({"install_id": install["id"], "x_account_id": account["id"]});
    let made = run.ask(Method::POST, "/v1/crossposts", &[], Some(&wish)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    run.service.stand_ins.advance(60).await;
    run.service.stand_ins.post("powr_io", "one that is posted").await;
    run.service.stand_ins.advance(600).await;
    run.service.stand_ins.advance(600).await;
    assert_eq!(run.service.stand_ins.x_posts().await.len(), 1, "it is posted");
    let said = json!({"title": "Forbidden", "status": 403, "detail": format!("the token {first} may not do this")});
    run.fault("/x/2/tweets", json!({"answer": {"status": 403, "headers": {}, "body": said.to_string()}})).await;
    run.service.stand_ins.post("powr_io", "one that is refused").await;
    for _ in 0..3 {
        run.service.stand_ins.advance(3_600).await;
    }
    assert_ne!(run.learn_the_pair().await, first, "the pair was renewed");
}

impl Run {
    /// Opens the pair that lies sealed in the row, and learns it; returns the access token.
    async fn learn_the_pair(&mut self) -> String {
        let (keyring, db) = self.rows().await;
        let account = x_account::Entity::find().one(&db.read).await.expect("read").expect("it is connected");
        let mut tokens = Vec::new();
        for (column, sealed) in [(ACCESS_TOKEN, &account.access_token), (REFRESH_TOKEN, &account.refresh_token)] {
            let token = keyring.open(column.place(&account.id), sealed.as_ref().expect("a token")).expect("it opens");
            self.keep("a token of X's", token.expose_secret());
            tokens.push(token.expose_secret().to_owned());
        }
        tokens.swap_remove(0)
    }
}
