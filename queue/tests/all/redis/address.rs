//! Addresses: TLS, passwords, and what is said when one of them is wrong.

use queue::{
    Lane, Store,
    redis::{ConnectError, Options, RedisStore},
};

use super::server::Server;
use crate::world::{Hand, ids, job};

/// A port that was free a moment ago.
fn port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn failure(url: &str, options: Options) -> ConnectError {
    RedisStore::connect(url, options).await.err().expect("it is refused")
}

#[tokio::test]
async fn a_wrong_password_is_said_and_not_shown() {
    let port = port();
    let server = Server::start(&["--port", &port.to_string(), "--requirepass", "right"]);
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{port}");
    let error = failure(&url("wr0ng-secret"), Options::default()).await;
    assert!(matches!(error, ConnectError::Refused(..)), "{error:?}");
    assert!(
        error.to_string().contains("refuses the user or the password")
            && error.to_string().contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("secret"));
    let error = failure(&format!("redis://127.0.0.1:{port}"), Options::default()).await;
    assert!(matches!(error, ConnectError::Refused(..)), "{error:?}");

    let store = RedisStore::connect(&url("right"), Options::default()).await.unwrap();
    store.ping().await.unwrap();
    let mut conn = ::redis::Client::open(url("right")).unwrap().get_multiplexed_async_connection().await.unwrap();
    let () = ::redis::cmd("CONFIG").arg(&["SET", "requirepass", "changed"]).query_async(&mut conn).await.unwrap();
    let _: i64 = ::redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal"]).query_async(&mut conn).await.unwrap();
    let error = store.ping().await.unwrap_err();
    assert!(error.to_string().contains("authentication failed"), "{error}");
    assert!(!format!("{error:#} {error:?}").contains("right"), "{error:?}");
    drop(server);
}

#[tokio::test]
async fn a_user_with_too_few_rights_is_refused_and_one_with_just_enough_works() {
    let port = port();
    let user = |name: &str, rights: &str| format!("--user {name} on >secret {rights}");
    let most = "+@all -@dangerous";
    let users = [
        user("enough", &format!("~{{queue}}* &{{queue}}* {most}")),
        user("keyless", &format!("~other:* &* {most}")),
        user("deaf", &format!("~* resetchannels {most}")),
        user("idle", "~* &* +ping +info"),
    ];
    let users: Vec<_> = users.iter().flat_map(|user| user.split(' ')).collect();
    let port = port.to_string();
    let _server = Server::start(&[&["--port", &port], &users[..]].concat());
    let url = |name: &str| format!("redis://{name}:secret@127.0.0.1:{port}");
    for name in ["keyless", "deaf", "idle"] {
        let error = failure(&url(name), Options::default()).await;
        assert!(matches!(error, ConnectError::Refused(..)), "{name}: {error:?}");
        assert!(error.to_string().contains("too few rights") && !error.to_string().contains("secret"), "{error}");
    }

    let store = RedisStore::connect(&url("enough"), Options::default()).await.unwrap();
    let mut heard = store.wakes(Lane::Default);
    let mut hand = Hand::new(store.clone(), "w");
    assert!(hand.claim(9).await.is_empty());
    store.push(&[job("a")]).await.unwrap();
    heard.changed().await.unwrap();
    assert_eq!(ids(&hand.claim(9).await), ["a"]);
    assert!(store.report().await.is_err(), "only `doctor` asks for what is dangerous to tell");
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_refused_without_being_shown() {
    for (url, word) in [
        ("localhost", "cannot be read"),
        ("http://:secret@localhost", "cannot be read"),
        ("redis://:secret@localhost:port", "cannot be read"),
        ("rediss://:secret@localhost/#insecure", "without certificates"),
    ] {
        let error = failure(url, Options::default()).await;
        assert!(error.to_string().contains(word), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    for prefix in ["", "a{b", "a}b"] {
        let options = Options { prefix: prefix.into(), ca: None };
        assert!(matches!(failure("redis://localhost", options).await, ConnectError::Prefix(_)));
    }
}

#[tokio::test]
async fn tls_is_spoken_with_whom_the_certificates_vouch_for() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (cert, key) = (file("cert.pem", made.cert.pem()), file("key.pem", made.signing_key.serialize_pem()));
    let port = port();
    let tls = ["--tls-port", &port.to_string(), "--tls-cert-file", &cert, "--tls-key-file", &key];
    let _server = Server::start(&[&tls[..], &["--tls-auth-clients", "no"]].concat());
    let url = format!("rediss://localhost:{port}");
    let with = |ca: Option<&str>| Options { ca: ca.map(|ca| ca.as_bytes().to_vec()), ..Options::default() };
    let store = RedisStore::connect(&url, with(Some(&made.cert.pem()))).await.unwrap();
    store.push(&[job("a")]).await.unwrap();
    assert_eq!(ids(&Hand::new(store, "w").claim(9).await), ["a"]);

    assert!(matches!(failure(&url, with(None)).await, ConnectError::Untrusted(..)));
    assert!(matches!(failure(&url, with(Some("no certificate"))).await, ConnectError::Certificates));
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    assert!(matches!(failure(&url, with(Some(&other.cert.pem()))).await, ConnectError::Untrusted(..)));
    let name = format!("rediss://127.0.0.1:{port}");
    assert!(matches!(failure(&name, with(Some(&made.cert.pem()))).await, ConnectError::Untrusted(..)));
}
