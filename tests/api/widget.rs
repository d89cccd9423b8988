//! `GET /widget.js`.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;

use crate::harness::World;

/// What a page may be asked to load for its feeds, in bytes as they travel.
const MOST: usize = 12_000;

#[tokio::test]
async fn it_travels_in_at_most_twelve_kilobytes() {
    let world = World::start().await;
    let address = format!("{}/widget.js", world.url);

    let script = world.http.get(&address).await.text;
    let travels = world.http.send(Method::GET, &address, &[("accept-encoding", "gzip")], None).await;

    let mut squeezed = GzEncoder::new(Vec::new(), Compression::default());
    squeezed.write_all(script.as_bytes()).expect("written");
    let size = squeezed.finish().expect("squeezed").len();
    // Past the harness, which keeps to itself what a test that passes has printed.
    writeln!(std::io::stderr(), "widget.js: {size} bytes gzipped of at most {MOST}; {} as they are", script.len())
        .expect("told");
    assert!(size <= MOST, "{size} bytes gzipped");
    assert_eq!(travels.header("content-encoding"), "gzip");
    let comment = script.lines().find(|line| line.starts_with("//"));
    assert!(script.contains("customElements.define('feedkeeper-feed'") && comment.is_none(), "{comment:?}");
}
