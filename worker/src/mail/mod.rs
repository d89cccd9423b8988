//! The one door to the mail server: hands one mail at a time over, and says exactly what became of it.
//!
//! A mail is not idempotent: once its text is handed over and no answer comes, nobody knows whether it will arrive. So the
//! steps of the conversation are taken one by one, and [`Error::Unknown`] is said of the last one alone. Connections are
//! kept for a while, and asked whether they still live before they are used again.

mod address;
mod error;
mod message;
mod refusal;
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
        self.open(mail).await?.hand_over().await
    }

    /// Asks the server whether it takes a mail from us for its recipient. Until the text is handed over nothing has
    /// happened, however this ends.
    pub async fn open(&self, mail: &Mail) -> Result<Envelope, Error> {
        let written = mail.write(&self.inner.from)?;
        let mut connection = self.connection().await?;
        let taken = address(&mut connection, &written).await;
        if let Err(error) = taken {
            let_go(connection);
            return Err(error);
        }
        Ok(Envelope { mailer: self.clone(), connection, text: written.text })
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
            let_go(connection);
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

/// A mail whose sender and recipient the server has taken, and whose text it has not been given yet.
pub struct Envelope {
    mailer: Mailer,
    connection: AsyncSmtpConnection,
    text: Vec<u8>,
}

impl Envelope {
    /// Hands the text over. `Ok` is the server's word that it has it.
    pub async fn hand_over(self) -> Result<(), Error> {
        let Self { mailer, mut connection, text: said } = self;
        let sent = text(&mut connection, &said).await;
        if sent.is_ok() {
            mailer.keep(connection);
        } else {
            let_go(connection);
        }
        let server = &mailer.inner.server;
        tracing::debug!(%server, outcome = sent.as_ref().err().map(Error::kind), "a mail was sent");
        sent
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").field("mailer", &self.mailer).finish_non_exhaustive()
    }
}

/// What is left of a conversation serves nobody else. That the server hears a goodbye is not waited for.
fn let_go(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move { timeout(STEP, connection.abort()).await });
}

/// The conversation about one mail, up to its text.
async fn address(connection: &mut AsyncSmtpConnection, mail: &Written) -> Result<(), Error> {
    let mut options = Vec::new();
    if !mail.from.to_string().is_ascii() || !mail.to.to_string().is_ascii() {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(Error::refused(Step::Sender, "the server takes no address with letters beyond ASCII"));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    answered(Step::Sender, STEP, connection.command(MailFrom::new(Some(mail.from.clone()), options))).await?;
    answered(Step::Recipient, STEP, connection.command(Rcpt::new(mail.to.clone(), Vec::new()))).await
}

/// The rest of it.
async fn text(connection: &mut AsyncSmtpConnection, text: &[u8]) -> Result<(), Error> {
    answered(Step::Data, STEP, connection.command(Data)).await?;
    answered(Step::Message, TAKING, connection.message(text)).await
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
