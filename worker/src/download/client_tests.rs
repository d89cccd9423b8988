//! The client against a stand-in: what it sends, where it goes, and what it makes of each kind of answer.

use std::time::Duration;

use super::stand_in::{Reply, StandIn};
use super::{Config, Download, Error, Hosts, Limits, Rule};
use crate::kept_log::Log;

const PICTURE: &str = "/v/t51/1.jpg?oh=secretKey&oe=6A";

async fn answered_with(reply: Reply) -> Error {
    let server = StandIn::start([reply]).await;
    let error = server.download.get(&format!("{}{PICTURE}", server.url)).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secretKey"), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1/v/t51/1.jpg"), "{error}");
    error
}

fn small(bytes: usize) -> Limits {
    Limits { bytes, ..Limits::default() }
}

#[tokio::test]
async fn a_file_comes_whole_with_its_type() {
    let reply = Reply::new("200 OK\r\ncontent-type: image/jpeg\r\ncontent-length: 4", b"\xff\xd8\xff\xe0");
    let server = StandIn::start([reply]).await;
    let file = server.download.get(&format!("{}{PICTURE}", server.url)).await.unwrap();
    assert_eq!(file.bytes, b"\xff\xd8\xff\xe0");
    assert_eq!(file.content_type.as_deref(), Some("image/jpeg"));
}

#[tokio::test]
async fn nothing_of_ours_goes_along_but_our_name() {
    let hops = [
        Reply::new("302 Found\r\nset-cookie: id=1; Path=/\r\nlocation: /2.jpg\r\ncontent-length: 0", ""),
        Reply::new("200 OK\r\ncontent-length: 0", ""),
    ];
    let server = StandIn::start(hops).await;
    server.download.get(&format!("{}{PICTURE}", server.url)).await.unwrap();
    let heard = server.heard();
    assert!(heard[0].starts_with(&format!("GET {PICTURE} HTTP/1.1\r\n")), "{}", heard[0]);
    assert!(heard[1].starts_with("GET /2.jpg HTTP/1.1\r\n"), "{}", heard[1]);
    for head in heard {
        let mut names: Vec<_> = head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"]);
        assert!(head.contains("user-agent: feedkeeper/"), "{head}");
    }
}

#[tokio::test]
async fn the_log_tells_host_and_path_and_never_the_key() {
    let (log, _kept) = Log::keep();
    let server = StandIn::start([Reply::redirect("/2.jpg?oh=secretKey"), Reply::new("200 OK", "file")]).await;
    server.download.get(&format!("{}{PICTURE}", server.url)).await.unwrap();
    server.download.get("https://evil.example/3.jpg?oh=secretKey").await.unwrap_err();

    let text = log.text();
    for told in ["at=127.0.0.1/v/t51/1.jpg", "status=302", "status=200", "redirects=1", "bytes=4", "duration_ms="] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    assert!(!text.contains("secretKey"), "{text}");
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_fourth() {
    let hops = || ["/2", "/3", "/4"].map(Reply::redirect);
    let server = StandIn::start(hops().into_iter().chain([Reply::new("200 OK\r\ncontent-length: 1", "x")])).await;
    assert_eq!(server.download.get(&server.url).await.unwrap().bytes, b"x");

    let server = StandIn::start(hops().into_iter().chain([Reply::redirect("/5")])).await;
    let error = server.download.get(&server.url).await.unwrap_err();
    assert!(matches!(error, Error::Refused { rule: Rule::Redirects, .. }), "{error}");
    assert_eq!(server.heard().len(), 4);
}

#[tokio::test]
async fn a_redirect_is_asked_only_by_the_rules() {
    let inner = StandIn::start([]).await;
    let port = inner.url.rsplit_once(':').unwrap().1.to_owned();
    for (location, rule) in [
        (format!("{}/latest", inner.url), Rule::Scheme),
        (format!("https://127.0.0.1:{port}/"), Rule::Port),
        (format!("https://localhost:{port}/"), Rule::Port),
        ("http://169.254.169.254/latest/meta-data".to_owned(), Rule::Scheme),
        ("https://[::1]/".to_owned(), Rule::IpAddress),
        ("https://evil.example/".to_owned(), Rule::Host),
        // On the list, and of this machine all the same: the resolver gives no address for it.
        ("https://localhost/".to_owned(), Rule::Private),
    ] {
        let server = StandIn::start([Reply::redirect(&location)]).await;
        match server.download.get(&server.url).await.unwrap_err() {
            Error::Refused { rule: broken, .. } => assert_eq!(broken, rule, "{location}"),
            other => panic!("{location}: {other}"),
        }
    }
    assert!(inner.heard().is_empty());
}

#[tokio::test]
async fn a_listed_name_that_leads_into_a_private_network_is_refused() {
    let server = StandIn::start([]).await;
    let error = server.download.get("https://localhost/v/1.jpg?oh=secretKey").await.unwrap_err();
    assert_eq!(error.to_string(), "download of localhost/v/1.jpg: refused, its host's name leads to no public address");
}

#[tokio::test]
async fn a_body_is_taken_up_to_the_limit_and_not_beyond() {
    let exact = Reply::new("200 OK\r\ncontent-length: 4", "four");
    let server = StandIn::start([exact]).await;
    assert_eq!(server.download.get_within(&server.url, small(4)).await.unwrap().bytes, b"four");

    for too_large in [
        // Said in advance: refused though not one byte comes.
        Reply::new("200 OK\r\ncontent-length: 5", "").hangs(),
        Reply::new("200 OK\r\ncontent-length: 9223372036854775807", "").hangs(),
        // Not said: counted, and refused though more would come.
        Reply::new("200 OK\r\ntransfer-encoding: chunked", "3\r\nabc\r\n2\r\nde\r\n").hangs(),
        Reply::new("200 OK", "five!"),
    ] {
        let server = StandIn::start([too_large]).await;
        let error = server.download.get_within(&server.url, small(4)).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: 4, .. }), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_given_up() {
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    for slow in [
        Reply::new("200 OK\r\ncontent-length: 9", "some").hangs(),
        Reply::new("200 OK\r\ntransfer-encoding: chunked", "3\r\nabc\r\n").hangs(),
    ] {
        let server = StandIn::start([slow]).await;
        let error = server.download.get_within(&server.url, limits).await.unwrap_err();
        assert!(error.to_string().ends_with("not there in time"), "{error}");
        assert!(matches!(error, Error::Transient { retry_after: None, .. }), "{error}");
    }
}

#[tokio::test]
async fn what_is_late_is_named_by_the_address_that_was_asked_last() {
    let limits = Limits { time: Duration::from_millis(200), ..Limits::default() };
    let server = StandIn::start([Reply::redirect("/late.jpg?oh=secretKey"), Reply::new("200 OK", "").hangs()]).await;
    let error = server.download.get_within(&format!("{}{PICTURE}", server.url), limits).await.unwrap_err();
    assert_eq!(error.to_string(), "download of 127.0.0.1/late.jpg: not there in time");
}

#[tokio::test]
async fn a_configured_service_is_asked_as_such_and_never_as_content() {
    let replies = [Reply::redirect("/feeds/powr_io/"), Reply::new("200 OK\r\ncontent-length: 2", "{}")];
    let server = StandIn::configured(replies).await;
    let url = format!("{}/feeds/powr_io?limit=50", server.url);

    let content = server.download.get(&url).await.unwrap_err();
    let answer = server.download.get_configured(&url, Limits::default()).await.unwrap();

    assert!(matches!(content, Error::Refused { rule: Rule::Scheme, .. }), "{content}");
    assert_eq!((answer.bytes.as_slice(), server.heard().len()), (&b"{}"[..], 2));
}

#[tokio::test]
async fn the_other_side_s_trouble_passes_and_its_wait_is_kept() {
    for (head, wait) in [
        ("500 No", None),
        ("302 Found", None),
        ("206 Partial Content\r\ncontent-length: 0", None),
        ("408 Late", None),
        ("429 Slow down\r\nretry-after: 120", Some(120)),
        ("503 Down\r\nretry-after: Fri, 31 Dec 1999 23:59:59 GMT", None),
    ] {
        match answered_with(Reply::new(head, "")).await {
            Error::Transient { retry_after, .. } => assert_eq!(retry_after, wait.map(Duration::from_secs), "{head}"),
            other => panic!("{head}: {other}"),
        }
    }
    for broken in [Reply::new("200 OK\r\ncontent-length: 9", "half"), Reply::new("nonsense", "")] {
        let error = answered_with(broken).await;
        assert!(matches!(&error, Error::Transient { source: Some(_), .. }), "{error}");
    }
}

#[tokio::test]
async fn an_address_that_has_ended_is_gone() {
    for status in [400, 401, 403, 404, 410] {
        let error = answered_with(Reply::new(&format!("{status} No"), "URL signature expired")).await;
        assert!(matches!(error, Error::Gone { status: given, .. } if given == status), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_transient() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: url::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let download =
        Download::new(Config { hosts: Hosts::default(), stand_ins: vec![url.clone()], configured: Vec::new() })
            .unwrap();
    let error = download.get(url.as_str()).await.unwrap_err();
    assert_eq!(error.to_string(), "download of 127.0.0.1/: no connection");
}

#[test]
fn a_stand_in_is_on_this_machine() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for (url, is_allowed) in [
        ("http://127.0.0.1:3900", true),
        ("http://localhost:3900/outlet", true),
        ("http://[::1]:3900", true),
        ("http://10.0.0.1", false),
        ("https://cdn.example.com", false),
        ("file:///etc/passwd", false),
    ] {
        let config = Config { hosts: Hosts::default(), stand_ins: vec![url.parse().unwrap()], configured: Vec::new() };
        assert_eq!(Download::new(config).is_ok(), is_allowed, "{url}");
    }
}
