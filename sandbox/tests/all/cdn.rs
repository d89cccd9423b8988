//! Pictures and videos.

use serde_json::Value;

use crate::stand::{DAY_S, Stand};

async fn posts(stand: &Stand) -> Vec<Value> {
    let (token, account) = stand.page_token("powr_io").await;
    let fields = "media_type,media_url,thumbnail_url";
    let body = stand.get(&format!("/v26.0/{account}/media?limit=60&fields={fields}&access_token={token}")).await.json();
    body["data"].as_array().unwrap().clone()
}

fn url(posts: &[Value], kind: &str, field: &str) -> String {
    let post = posts.iter().find(|post| post["media_type"] == kind && post[field].is_string());
    post.unwrap()[field].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn pictures_are_real_and_differ() {
    let stand = Stand::start().await;
    let posts = posts(&stand).await;

    let picture = stand.get(&url(&posts, "IMAGE", "media_url")).await;
    let thumbnail = stand.get(&url(&posts, "VIDEO", "thumbnail_url")).await;

    for file in [&picture, &thumbnail] {
        assert_eq!(file.status, 200);
        assert_eq!(file.header("content-type"), "image/jpeg");
        assert!(file.bytes.starts_with(&[0xff, 0xd8, 0xff]));
        assert!(file.header("cache-control").starts_with("max-age="));
    }
    assert_ne!(picture.bytes, thumbnail.bytes);
}

#[tokio::test]
async fn videos_are_real_and_can_be_read_in_part() {
    let stand = Stand::start().await;
    let video = url(&posts(&stand).await, "VIDEO", "media_url");

    let whole = stand.get(&video).await;
    assert_eq!((whole.status, whole.header("content-type")), (200, "video/mp4"));
    assert_eq!(&whole.bytes[4..8], b"ftyp");
    let path = video.strip_prefix(&stand.base).unwrap();
    let part = stand.get_with(path, "range", "bytes=4-7").await;
    assert_eq!((part.status, part.bytes.as_slice()), (206, b"ftyp".as_slice()));
    for range in ["bytes=99999999-", "bytes=9-4", "bytes=-", "cows=1-2", "bytes=-0"] {
        assert_eq!(stand.get_with(path, "range", range).await.status, 200, "{range}");
    }
}

#[tokio::test]
async fn addresses_end_and_cannot_be_changed() {
    let stand = Stand::start().await;
    let picture = url(&posts(&stand).await, "IMAGE", "media_url");
    assert_eq!(stand.get(&picture).await.status, 200);
    let (start, end) = picture.split_once("&oe=").unwrap();

    for wrong in [
        format!("{start}&oe=7{end}"),
        picture.replace("/cdn/", "/cdn/x"),
        picture.replace("&oh=", "&oh=0"),
        picture.split_once('?').unwrap().0.to_owned(),
    ] {
        let answer = stand.get(&wrong).await;
        assert_eq!((answer.status, answer.text().as_str()), (403, "Bad URL hash"), "{wrong}");
    }

    stand.advance(3 * DAY_S).await;
    assert_eq!(stand.get(&picture).await.status, 200);
    stand.advance(2 * DAY_S).await;
    let answer = stand.get(&picture).await;
    assert_eq!((answer.status, answer.text().as_str()), (403, "URL signature expired"));
}

#[tokio::test]
async fn a_picture_looks_the_same_after_a_restart() {
    let stand = Stand::start().await;
    let picture = url(&posts(&stand).await, "IMAGE", "media_url");
    let before = stand.get(&picture).await;
    let path = picture.strip_prefix(&stand.base).unwrap().to_owned();

    let stand = stand.restart().await;

    assert_eq!(stand.get(&path).await.bytes, before.bytes);
}
