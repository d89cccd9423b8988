//! The SMTP server: takes every mail, and delivers it to the mailbox of `/_sandbox/mails` alone.
//!
//! It has a port of its own, which `/_sandbox/smtp` tells. It fails as faults of the service `smtp` say, or of a
//! `path_contains` that names a step: `/smtp/connect`, `/smtp/ehlo`, `/smtp/mail/{from}`, `/smtp/rcpt/{to}`, `/smtp/data` and,
//! for the message itself, `/smtp/message/{to}`. `answer` is a reply (`status` its code, `body` its text, such as
//! `5.7.1 Relaying denied`; 421 ends the connection), `hang_ms` a slow server, `drop` the end of the connection; with `applied`
//! the mail is taken all the same.

mod reply;
mod session;

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::net::TcpListener;

use crate::state::Shared;

/// Serves until `shutdown`. Refuses a listener that other machines could reach.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("the listener has no address")?;
    if !address.ip().is_loopback() {
        bail!("the sandbox listens on this machine alone: {address} is not loopback; use {}", Ipv4Addr::LOCALHOST);
    }
    shared.smtp_url.get_or_init(|| format!("smtp://{address}"));
    // Its conversations end with it, however long their clients would keep them.
    let mut conversations = tokio::task::JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            Some(_) = conversations.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    conversations.spawn(session::converse(Arc::clone(&shared), stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "the sandbox cannot accept a connection for mail");
                    tokio::task::yield_now().await;
                }
            },
        }
    }
}
