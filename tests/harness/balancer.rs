//! What stands before several APIs: one address, whose connections go to each of them in turn.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

pub(crate) struct Balancer {
    pub url: String,
    targets: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Balancer {
    /// Passes connections on until `stop`.
    pub(crate) async fn start(stop: &CancellationToken) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let targets = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(stop.clone().run_until_cancelled_owned(serve(listener, targets.clone())));
        Self { url, targets }
    }

    /// Goes to another address instead of one of the targets.
    pub(crate) fn replace(&self, target: SocketAddr, by: SocketAddr) {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        targets.iter_mut().filter(|each| **each == target).for_each(|each| *each = by);
    }

    pub(crate) fn add(&self, target: SocketAddr) {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).push(target);
    }
}

async fn serve(listener: TcpListener, targets: Arc<Mutex<Vec<SocketAddr>>>) {
    let turn = AtomicUsize::new(0);
    while let Ok((mut client, _)) = listener.accept().await {
        let mut targets = targets.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !targets.is_empty() {
            let first = turn.fetch_add(1, Ordering::Relaxed) % targets.len();
            targets.rotate_left(first);
        }
        tokio::spawn(async move {
            for target in targets {
                if let Ok(mut server) = TcpStream::connect(target).await {
                    return copy_bidirectional(&mut client, &mut server).await.map(drop);
                }
            }
            Ok(())
        });
    }
}
