//! Media on X: a photo in one call; videos begun, sent in pieces, ended and looked at.

use reqwest::Method;
use serde_json::{Value, json};

use crate::on_x::{PICTURE, saying};
use crate::stand::Stand;

const VIDEO: &[u8] = include_bytes!("../../assets/square.mp4");

async fn begin(stand: &Stand, access: &str, bytes: usize) -> String {
    let body = json!({ "media_type": "video/mp4", "media_category": "tweet_video", "total_bytes": bytes });
    let answer = stand.x(Method::POST, "media/upload/initialize", access, Some(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"]["id"].as_str().unwrap().to_owned()
}

async fn append(stand: &Stand, access: &str, id: &str, index: &str, bytes: &[u8]) -> u16 {
    stand.send_file(access, &format!("/{id}/append"), bytes, ("segment_index", index)).await.status
}

async fn finalize(stand: &Stand, access: &str, id: &str) -> crate::stand::Answer {
    stand.x(Method::POST, &format!("media/upload/{id}/finalize"), access, None).await
}

async fn state(stand: &Stand, access: &str, id: &str) -> Value {
    let path = format!("media/upload?media_id={id}&command=STATUS");
    stand.x(Method::GET, &path, access, None).await.json()["data"]["processing_info"].clone()
}

fn showing(id: &str) -> Value {
    json!({ "text": "a film", "media": { "media_ids": [id] } })
}

#[tokio::test]
async fn a_video_comes_in_pieces_and_is_shown_once_x_has_looked_at_it() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    let (first, second) = VIDEO.split_at(VIDEO.len() / 2);
    let id = begin(&stand, &access, VIDEO.len()).await;
    // In any order, and one of them twice.
    assert_eq!(append(&stand, &access, &id, "1", second).await, 200);
    assert_eq!(append(&stand, &access, &id, "0", second).await, 200);
    let stand = stand.crash().await;
    assert_eq!(append(&stand, &access, &id, "0", first).await, 200);

    let ended = finalize(&stand, &access, &id).await.json();
    assert_eq!(ended["data"]["processing_info"], json!({ "state": "pending", "check_after_secs": 1 }));
    assert_eq!(stand.tweet(&access, showing(&id)).await.status, 400);
    stand.advance(1).await;
    assert_eq!(state(&stand, &access, &id).await["state"], "in_progress");
    stand.advance(1).await;

    assert_eq!(state(&stand, &access, &id).await["state"], "succeeded");
    assert_eq!(stand.tweet(&access, showing(&id)).await.status, 201);
    let media = &stand.posts().await[0]["media"][0];
    assert_eq!((&media["type"], &media["size"]), (&json!("video"), &json!(VIDEO.len())));
}

#[tokio::test]
async fn what_is_no_video_fails_when_x_looks_at_it() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    let mut long = VIDEO.to_vec();
    let header = long.windows(4).position(|window| window == b"mvhd").unwrap();
    long[header + 20..header + 24].copy_from_slice(&u32::MAX.to_be_bytes());
    for (bytes, word) in [(PICTURE, "does not fit"), (b"not a film at all", "unrecognized"), (&long, "140 s")] {
        let id = begin(&stand, &access, bytes.len()).await;
        append(&stand, &access, &id, "0", bytes).await;
        assert_eq!(finalize(&stand, &access, &id).await.status, 200);
        stand.advance(2).await;

        let told = state(&stand, &access, &id).await;
        assert_eq!(told["state"], "failed");
        assert!(told["error"]["message"].as_str().unwrap().contains(word), "{told}");
        assert_eq!(stand.tweet(&access, showing(&id)).await.status, 400);
    }
}

#[tokio::test]
async fn pieces_must_add_up_and_belong_to_the_caller() {
    let stand = Stand::start().await;
    let (access, other) = (stand.on_x("powr_io").await.access, stand.on_x("natgeo").await.access);
    let id = begin(&stand, &access, VIDEO.len()).await;

    assert_eq!(append(&stand, &access, &id, "1", VIDEO).await, 200);
    assert!(finalize(&stand, &access, &id).await.text().contains("0 is missing"));
    assert_eq!(append(&stand, &access, &id, "1000", VIDEO).await, 400);
    assert_eq!(append(&stand, &other, &id, "0", VIDEO).await, 400);
    assert_eq!(append(&stand, &access, &id, "0", b"more").await, 200);
    let answer = finalize(&stand, &access, &id).await;
    assert!(answer.status == 400 && answer.text().contains("total file size"), "{}", answer.text());

    let picture = stand.picture(&access).await;
    assert_eq!(stand.tweet(&other, showing(&picture)).await.status, 400);
    stand.advance(7_000).await;
    assert_eq!(stand.tweet(&access, showing(&picture)).await.status, 201);
}

#[tokio::test]
async fn an_upload_waits_a_day_for_its_post() {
    let stand = Stand::start().await;
    let pair = stand.on_x("powr_io").await;
    let picture = stand.picture(&pair.access).await;
    stand.advance(86_401).await;

    let access = crate::on_x::Pair::of(&stand.renew(&pair.refresh).await).access;

    let answer = stand.tweet(&access, showing(&picture)).await;
    assert_eq!((answer.status, stand.tweet(&access, saying("without")).await.status), (400, 201));
}

#[tokio::test]
async fn up_to_four_photos_or_one_film_go_together() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    let mut pictures = Vec::new();
    for _ in 0..4 {
        pictures.push(stand.picture(&access).await);
    }
    let film = begin(&stand, &access, VIDEO.len()).await;
    append(&stand, &access, &film, "0", VIDEO).await;
    finalize(&stand, &access, &film).await;
    stand.advance(2).await;

    let mixed = json!({ "media": { "media_ids": [pictures[0], film] } });
    assert_eq!(stand.tweet(&access, mixed).await.status, 400);
    let four = stand.tweet(&access, json!({ "media": { "media_ids": pictures } })).await;

    assert_eq!(four.status, 201, "{}", four.text());
    assert_eq!(stand.posts().await[0]["media"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_photo_in_one_call_may_come_in_json_and_must_be_one() {
    let stand = Stand::start().await;
    let access = stand.on_x("powr_io").await.access;
    let send = async |body: Value| stand.x(Method::POST, "media/upload", &access, Some(body)).await;

    let taken = send(json!({ "media": "/9j/4A==", "media_category": "tweet_image" })).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert!(taken.json()["data"]["processing_info"].is_null());
    for (body, word) in [
        (json!({ "media": "AAAA", "media_category": "tweet_image" }), "unrecognized"),
        (json!({ "media": "/9j/4A==", "media_category": "tweet_gif" }), "does not fit"),
        (json!({ "media": "/9j/4A==", "media_category": "tweet_video" }), "in one call"),
        (json!({ "media": "/9j/4A==", "media_category": "tweet_image", "command": "INIT" }), "no additional"),
    ] {
        let answer = send(body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(word), "{word}: {}", answer.text());
    }
    let large = vec![0xff; 5 * 1024 * 1024 + 1];
    assert_eq!(stand.send_file(&access, "", &large, ("media_category", "tweet_image")).await.status, 400);
}
