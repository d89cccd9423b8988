//! The one door to the mail server: hands one mail at a time over, and says exactly what became of it.
//!
//! A mail is not idempotent: once its text is handed over and no answer comes, nobody knows whether it will arrive. So the
//! steps of the conversation are taken one by one, and [`Error::Unknown`] is said of the last one alone. Connections are
//! kept for a while, and asked whether they still live before they are used again.

mod address;
mod error;
mod message;
mod server;

#[cfg(test)]
mod client_tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::transport::smtp;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Noop, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailParameter};
use secrecy::SecretString;
use tokio::time::timeout;

pub use address::Address;
pub use error::{Error, Step};
pub use message::Mail;
use message::Written;
use server::Server;

/// How long one step of the conversation may take.
const STEP: Duration = Duration::from_secs(20);
/// How long the server may take to say that it has the mail: it may scan it first, and giving up means not knowing.
const TAKING: Duration = Duration::from_mins(1);
/// How long an unused connection is kept.
const KEPT: Duration = Duration::from_secs(20);
/// How many.
const MOST_KEPT: usize = 4;

/// The client of one mail server. Cloning shares its connections.
#[derive(Clone)]
pub struct Mailer {
    inner: Arc<Inner>,
}

struct Inner {
    server: Server,
    from: Address,
    idle: Mutex<Vec<(Instant, AsyncSmtpConnection)>>,
}

impl Mailer {
    /// Builds the client of the server at an address such as `smtps://user:password@mail.example.com`; connects to nobody
    /// yet.
    pub fn new(url: &SecretString, from: Address) -> anyhow::Result<Self> {
        let server = Server::parse(url)?;
        Ok(Self { inner: Arc::new(Inner { server, from, idle: Mutex::default() }) })
    }

    /// Hands a mail over. `Ok` is the server's word that it has it.
    pub async fn send(&self, mail: &Mail) -> Result<(), Error> {
        let written = mail.write(&self.inner.from)?;
        let mut connection = self.connection().await?;
        let sent = hand_over(&mut connection, &written).await;
        if sent.is_ok() {
            self.keep(connection);
        } else {
            // What is left of the conversation serves nobody else. That the server hears a goodbye is not waited for.
            tokio::spawn(async move { timeout(STEP, connection.abort()).await });
        }
        tracing::debug!(server = %self.inner.server, outcome = sent.as_ref().err().map(Error::kind), "a mail was sent");
        sent
    }

    /// Greets the server, as far as it lets us in with what is configured, and sends nothing.
    pub async fn check(&self) -> Result<(), Error> {
        let mut connection = self.connect().await?;
        let _ = timeout(STEP, connection.quit()).await;
        Ok(())
    }

    /// Returns where the server is, without what opens it.
    pub fn server(&self) -> String {
        self.inner.server.to_string()
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        loop {
            let kept = self.idle().pop();
            let Some((since, mut connection)) = kept else { return self.connect().await };
            let is_fresh = since.elapsed() < KEPT;
            if is_fresh && matches!(timeout(STEP, connection.command(Noop)).await, Ok(Ok(_))) {
                return Ok(connection);
            }
            tokio::spawn(async move { timeout(STEP, connection.abort()).await });
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        self.inner.server.connect(STEP).await
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle();
        if idle.len() < MOST_KEPT && !connection.has_broken() {
            idle.push((Instant::now(), connection));
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, AsyncSmtpConnection)>> {
        self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("server", &self.server()).finish_non_exhaustive()
    }
}

/// The conversation about one mail.
async fn hand_over(connection: &mut AsyncSmtpConnection, mail: &Written) -> Result<(), Error> {
    let mut options = Vec::new();
    if !mail.from.to_string().is_ascii() || !mail.to.to_string().is_ascii() {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(Error::refused(Step::Sender, "the server takes no address with letters beyond ASCII"));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    answered(Step::Sender, STEP, connection.command(MailFrom::new(Some(mail.from.clone()), options))).await?;
    answered(Step::Recipient, STEP, connection.command(Rcpt::new(mail.to.clone(), Vec::new()))).await?;
    answered(Step::Data, STEP, connection.command(Data)).await?;
    answered(Step::Message, TAKING, connection.message(&mail.text)).await
}

/// Waits for the server's word about a step.
async fn answered<T>(
    step: Step,
    patience: Duration,
    asking: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<(), Error> {
    match timeout(patience, asking).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Error::of(step, &error)),
        Err(_) => Err(Error::silent(step, patience)),
    }
}
