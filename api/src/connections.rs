//! The connections: no more than the process can bear, and none for long for somebody who does not ask.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

/// How long somebody may take for a request's head, and how long a connection is kept on which nobody asks.
const HEAD: Duration = Duration::from_secs(30);
/// Connections at once, if the system gives us as many files.
const MOST: usize = 8_192;
/// Files that the process needs for itself: databases, the queue, calls to Meta.
const OWN_FILES: u64 = 128;

/// What connections are held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    head: Duration,
    connections: usize,
}

impl Limits {
    /// Returns what this process can bear: beyond it, not even its database could be opened.
    pub(crate) fn of_process() -> Self {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let left = files.saturating_sub(OWN_FILES).max(files / 2).max(1);
        Self { head: HEAD, connections: usize::try_from(left).map_or(MOST, |left| left.min(MOST)) }
    }
}

/// Serves until `stop`, and then what is under way. Whoever comes while all places are taken waits for one.
pub(crate) async fn serve<S>(mut listener: TcpListener, service: S, limits: Limits, stop: CancellationToken)
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, Listener::accept(&mut listener).await.0)
        };
        let (place, stream) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        let service = service.clone().map_request(|request: hyper::Request<Incoming>| request.map(Body::new));
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            // How a connection ends is the other side's affair.
            let _ = connection.await;
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::JoinHandle;
    use tokio_util::sync::CancellationToken;

    use super::{Limits, serve};

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    /// A server under limits: where it is, and its end.
    async fn serving(limits: Limits, stop: &CancellationToken) -> (String, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let routes = Router::new().route("/", get(async || "here"));
        (address, tokio::spawn(serve(listener, routes, limits, stop.clone())))
    }

    async fn send(address: &str, bytes: &[u8]) -> TcpStream {
        let mut connection = TcpStream::connect(address).await.expect("connected");
        connection.write_all(bytes).await.expect("sent");
        connection
    }

    /// All that comes until the other side closes.
    async fn heard(mut connection: TcpStream) -> String {
        let mut text = Vec::new();
        // A connection that was cut has ended, too.
        let _ = connection.read_to_end(&mut text).await;
        String::from_utf8_lossy(&text).into_owned()
    }

    #[tokio::test]
    async fn who_never_finishes_a_head_makes_place_for_who_asks() {
        let limits = Limits { head: Duration::from_millis(100), connections: 2 };
        let (address, _) = serving(limits, &CancellationToken::new()).await;
        let silent = send(&address, b"").await;
        let slow = send(&address, b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await;

        let answer = heard(send(&address, ASK).await).await;

        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"), "{answer}");
        assert_eq!((heard(silent).await, heard(slow).await), (String::new(), String::new()));
    }

    #[tokio::test]
    async fn a_stop_does_not_wait_for_connections_on_which_nobody_asks() {
        let limits = Limits { head: Duration::from_hours(1), connections: 2 };
        let stop = CancellationToken::new();
        let (address, ended) = serving(limits, &stop).await;
        let mut kept = send(&address, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        kept.read_exact(&mut [0; 12]).await.expect("an answer");

        stop.cancel();

        ended.await.expect("it ends");
        assert!(heard(kept).await.ends_with("here"));
    }

    #[test]
    fn a_process_bears_some_connections_always() {
        assert!(Limits::of_process().connections > 0);
    }
}
