//! Posts on X: what it takes, what it refuses, what it costs, and how it tells them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::on_x::saying;
use crate::stand::Stand;

const DUPLICATE: &str = "You are not allowed to create a Tweet with duplicate content.";

#[tokio::test]
async fn a_post_is_made_once_and_told_as_x_tells_it() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    let picture = stand.picture(&access).await;
    let text = "Tea & cake: https://powr.io/a?b=1, cafe\u{301}";
    let post = json!({ "text": text, "media": { "media_ids": [picture] } });

    let made = stand.tweet(&access, post.clone()).await;
    let again = stand.tweet(&access, post).await;
    let stand = stand.crash().await;

    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!((again.status, &again.json()["detail"]), (403, &json!(DUPLICATE)));
    let posts = stand.posts().await;
    assert_eq!((posts.len(), &posts[0]["text"]), (1, &json!("Tea & cake: https://powr.io/a?b=1, caf\u{e9}")));
    assert_eq!((&posts[0]["id"], &posts[0]["media"][0]["id"]), (&made.json()["data"]["id"], &json!(picture)));
    let list = stand
        .x(
            Method::GET,
            "users/1702000000000000000/tweets?max_results=5&tweet.fields=created_at,entities",
            &access,
            None,
        )
        .await
        .json();
    let told = &list["data"][0];
    let said = told["text"].as_str().unwrap();
    assert!(said.starts_with("Tea &amp; cake: https://t.co/") && !said.contains("powr.io"), "{said}");
    assert_eq!(said.matches("https://t.co/").count(), 2, "one for the link, one for the picture: {said}");
    assert_eq!(told["entities"]["urls"][0]["expanded_url"], "https://powr.io/a?b=1");
    assert_eq!(told["created_at"], posts[0]["at"]);
    assert_eq!(list["meta"]["result_count"], 1);
}

#[tokio::test]
async fn what_x_does_not_know_or_take_is_refused() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    let text = "日".repeat(141);
    for (body, status, word) in [
        (json!({ "text": "a", "source": "x" }), 400, "[source]"),
        (json!({ "text": "a", "media": { "ids": [] } }), 400, "media.ids"),
        (json!({ "text": "a", "media": { "media_ids": ["1", "2", "3", "4", "5"] } }), 400, "1 to 4"),
        (json!({ "text": "a", "media": { "media_ids": ["1"] } }), 400, "Your media IDs are invalid."),
        (json!({ "text": " " }), 400, "text is required"),
        (json!({ "text": 1 }), 400, "must be a string"),
        (json!({ "text": text }), 403, "too long"),
        (json!(["a"]), 400, "JSON object"),
    ] {
        let answer = stand.tweet(&access, body).await;
        assert_eq!(answer.status, status, "{word}");
        assert!(answer.text().contains(word), "{word}: {}", answer.text());
    }
    assert_eq!(stand.tweet("nobody's", saying("a")).await.status, 401);
    assert_eq!(stand.posts().await, Vec::<Value>::new());

    assert_eq!(stand.tweet(&access, saying(&"日".repeat(140))).await.status, 201);
    assert_eq!(stand.posts().await[0]["weight"], 280);
}

#[tokio::test]
async fn what_makes_a_duplicate_can_be_chosen_and_lasts_a_day() {
    let stand = Stand::start().await;
    let pair = stand.on_x("powr_io").await;
    let with_picture =
        async || json!({ "text": "same", "media": { "media_ids": [stand.picture(&pair.access).await] } });
    assert_eq!(stand.tweet(&pair.access, with_picture().await).await.status, 201);
    assert_eq!(stand.tweet(&pair.access, with_picture().await).await.status, 201);

    stand.change_x("", json!({ "duplicates": "text" })).await;

    assert_eq!(stand.tweet(&pair.access, with_picture().await).await.status, 403);
    let other = stand.on_x("natgeo").await.access;
    assert_eq!(stand.tweet(&other, saying("same")).await.status, 201, "another account says the same");
    let first = stand.posts().await;
    for post in first.iter().filter(|post| post["user"] == "powr_io") {
        let path = format!("/_sandbox/posts/{}", post["id"].as_str().unwrap());
        assert_eq!(stand.call(Method::DELETE, &path, None).await.status, 204);
    }
    assert_eq!(stand.tweet(&pair.access, saying("same")).await.status, 201, "what was deleted is in nobody's way");
    stand.advance(86_401).await;
    let renewed = crate::on_x::Pair::of(&stand.renew(&pair.refresh).await);
    assert_eq!(stand.tweet(&renewed.access, saying("same")).await.status, 201);
}

#[tokio::test]
async fn of_many_equal_posts_at_once_one_is_made() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;

    let posts = (0..20).map(|_| stand.tweet(&access, saying("once")));
    let answers = futures_util::future::join_all(posts).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 403).count(), 19);
}

#[tokio::test]
async fn links_cost_more_and_without_credits_nothing_goes() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    stand.change_x("", json!({ "credits": 216 })).await;

    assert_eq!(stand.tweet(&access, saying("plain")).await.status, 201);
    assert_eq!(stand.tweet(&access, saying("see https://powr.io")).await.status, 201);
    let broke = stand.tweet(&access, saying("more")).await;

    assert_eq!((broke.status, &broke.json()["title"]), (402, &json!("CreditsDepleted")));
    let account = stand.get("/_sandbox/x").await.json();
    assert_eq!((&account["credits"], &account["spent"]), (&json!(1), &json!(215)));
    stand.change_x("", json!({ "credits": null })).await;
    assert_eq!(stand.tweet(&access, saying("more")).await.status, 201);
}

#[tokio::test]
async fn too_many_posts_wait_for_the_time_that_is_told() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    stand.change_x("/users/powr_io", json!({ "posts_allowed": 2 })).await;
    for number in 0..2 {
        assert_eq!(stand.tweet(&access, saying(&format!("post {number}"))).await.status, 201);
    }

    let refused = stand.tweet(&access, saying("one more")).await;

    assert_eq!((refused.status, refused.header("x-rate-limit-remaining")), (429, "0"));
    let reset: i64 = refused.header("x-rate-limit-reset").parse().unwrap();
    let now = chrono::DateTime::parse_from_rfc3339(stand.get("/_sandbox/clock").await.json()["now"].as_str().unwrap());
    let wait_s = reset - now.unwrap().timestamp();
    assert!((880..=900).contains(&wait_s), "{wait_s}");
    stand.advance(wait_s).await;
    assert_eq!(stand.tweet(&access, saying("one more")).await.status, 201);
}

#[tokio::test]
async fn a_locked_account_is_read_and_not_written() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    stand.change_x("/users/powr_io", json!({ "state": "locked" })).await;

    let refused = stand.tweet(&access, saying("a")).await;

    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("temporarily locked"), "{}", refused.text());
    assert_eq!(stand.x(Method::GET, "users/me", &access, None).await.status, 200);
}

#[tokio::test]
async fn posts_are_read_in_pages_newest_first() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    for number in 0..12 {
        stand.tweet(&access, saying(&format!("post {number}"))).await;
    }
    let texts = |list: &Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap().to_owned()).collect()
    };
    let path = "users/1702000000000000000/tweets?max_results=5";

    let first = stand.x(Method::GET, path, &access, None).await.json();
    let next = first["meta"]["next_token"].as_str().unwrap();
    let second = stand.x(Method::GET, &format!("{path}&pagination_token={next}"), &access, None).await.json();
    let since = second["meta"]["newest_id"].as_str().unwrap();
    let newer = stand.x(Method::GET, &format!("{path}&since_id={since}"), &access, None).await.json();

    assert_eq!(texts(&first), ["post 11", "post 10", "post 9", "post 8", "post 7"]);
    assert_eq!(texts(&second)[0], "post 6");
    assert_eq!(texts(&newer), texts(&first));
    assert_eq!(stand.x(Method::GET, "users/1702000000000000000/tweets?max_results=3", &access, None).await.status, 400);
    assert_eq!(stand.x(Method::GET, "users/17/tweets", &access, None).await.status, 404);
}

#[tokio::test]
async fn an_account_has_a_page_with_its_posts_and_their_pictures() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    assert!(stand.get("/x/powr_io").await.text().contains("data-empty"));
    let picture = stand.picture(&access).await;
    let metadata = json!({ "id": picture, "metadata": { "alt_text": { "text": "A \"cup\"" } } });
    assert_eq!(stand.x(Method::POST, "media/metadata", &access, Some(metadata)).await.status, 200);

    stand.tweet(&access, json!({ "text": "a <b>", "media": { "media_ids": [picture] } })).await;

    let page = stand.get("/x/POWR_io").await.text();
    assert!(page.contains("a &lt;b&gt;") && page.contains("alt=\"A &quot;cup&quot;\""), "{page}");
    let file = stand.get(&format!("/x/media/{picture}")).await;
    assert_eq!((file.header("content-type"), file.bytes.as_slice()), ("image/jpeg", crate::on_x::PICTURE));
    assert_eq!(stand.get("/x/nobody").await.status, 404);
    let seen = stand.get("/_sandbox/calls?path_contains=/x/powr_io").await.json();
    assert_eq!(seen, json!([]), "who looks at a page is no app that calls");
}
