//! One conversation with a mail client (RFC 5321).

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::reply::Reply;
use crate::calls::{Call, Service};
use crate::faults::Effect;
use crate::mails::{Mail, address};
use crate::server::waited;
use crate::state::Shared;

/// The longest command.
const MAX_LINE: u64 = 4_096;
/// The largest mail.
const MAX_MAIL: usize = 10 << 20;

/// Whom a mail comes from and goes to.
#[derive(Debug, Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

struct Session {
    shared: Arc<Shared>,
    stream: BufReader<TcpStream>,
    envelope: Envelope,
}

/// Why a conversation ends: a fault cuts it, or the server is to leave.
struct Ended;

/// Talks until one side leaves.
pub(super) async fn converse(shared: Arc<Shared>, stream: TcpStream) {
    stream.set_nodelay(true).ok();
    let mut session = Session { shared, stream: BufReader::new(stream), envelope: Envelope::default() };
    if let Err(error) = session.run().await {
        tracing::debug!(%error, "a mail client left in the middle");
    }
}

impl Session {
    async fn run(&mut self) -> io::Result<()> {
        let greeting = Reply::new(220, "sandbox ESMTP: nothing leaves this machine");
        if self.say("connect", |_| greeting).await?.is_err() {
            return Ok(());
        }
        while let Some(line) = self.line().await? {
            let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
            let said = match verb.to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => self.say("ehlo", |_| hello(verb)).await?,
                "MAIL" => self.mail(argument).await?,
                "RCPT" => self.rcpt(argument).await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.envelope = Envelope::default();
                    self.reply(&Reply::new(250, "forgotten")).await?
                }
                "NOOP" => self.reply(&Reply::new(250, "ok")).await?,
                "VRFY" => self.reply(&Reply::new(252, "everybody lives here")).await?,
                "QUIT" => return self.reply(&Reply::new(221, "goodbye")).await.map(drop),
                _ => self.reply(&Reply::new(500, "no such command here")).await?,
            };
            if said.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn mail(&mut self, argument: &str) -> io::Result<Result<Reply, Ended>> {
        let Some(from) = path(argument, "FROM:") else {
            return self.reply(&Reply::new(501, "MAIL FROM:<address>")).await;
        };
        let step = format!("mail/{from}");
        self.say(&step, |session| {
            session.envelope = Envelope { from: Some(from), to: Vec::new() };
            Reply::new(250, "welcome")
        })
        .await
    }

    async fn rcpt(&mut self, argument: &str) -> io::Result<Result<Reply, Ended>> {
        let to = path(argument, "TO:").filter(|to| to.contains('@'));
        let Some(to) = to else { return self.reply(&Reply::new(501, "RCPT TO:<address>")).await };
        if self.envelope.from.is_none() {
            return self.reply(&Reply::new(503, "MAIL comes first")).await;
        }
        let step = format!("rcpt/{to}");
        self.say(&step, |session| {
            session.envelope.to.push(to);
            Reply::new(250, "lives here")
        })
        .await
    }

    async fn data(&mut self) -> io::Result<Result<Reply, Ended>> {
        let Some(first) = self.envelope.to.first().cloned() else {
            return self.reply(&Reply::new(503, "RCPT comes first")).await;
        };
        match self.say("data", |_| Reply::new(354, "end it with a dot")).await? {
            Ok(reply) if reply.code == 354 => {}
            other => return Ok(other),
        }
        let Some(raw) = self.message().await? else {
            self.envelope = Envelope::default();
            return self.reply(&Reply::new(552, "too large")).await;
        };
        let said = self.say(&format!("message/{first}"), |session| session.keep(&raw)).await;
        self.envelope = Envelope::default();
        said
    }

    fn keep(&mut self, raw: &[u8]) -> Reply {
        let (from, to) = (self.envelope.from.clone().unwrap_or_default(), self.envelope.to.clone());
        match self.shared.mails.add(Mail::read(self.shared.clock.now_text(), &from, to, raw)) {
            Ok(()) => Reply::new(250, "delivered to /_sandbox/mails"),
            Err(error) => {
                tracing::error!(%error, "the sandbox could not keep a mail");
                Reply::new(451, "could not be kept")
            }
        }
    }

    /// Reads up to the line with a dot alone; none if it is too large, and then it is read to its end all the same.
    async fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let (mut raw, mut is_large) = (Vec::new(), false);
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == b".\r\n" || line == b".\n" {
                return Ok((!is_large).then_some(raw));
            }
            is_large |= raw.len() + line.len() > MAX_MAIL;
            if !is_large {
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if (&mut self.stream).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
    }

    /// Takes a step and says what came of it, unless a fault has it.
    async fn say(&mut self, step: &str, take: impl FnOnce(&mut Self) -> Reply) -> io::Result<Result<Reply, Ended>> {
        let call = Call {
            at: String::new(),
            service: Service::Smtp,
            method: String::new(),
            path: format!("/smtp/{step}"),
            ig_user_id: None,
            grant: None,
            x_user_id: None,
            status: None,
        };
        let reply = match self.shared.faults.hit(&call) {
            None => take(self),
            Some(Effect::Answer { answer, applied }) => {
                if applied {
                    take(self);
                }
                Reply::told(answer.status, &answer.body)
            }
            Some(Effect::Drop { applied }) => {
                if applied {
                    take(self);
                }
                return Ok(Err(Ended));
            }
            Some(Effect::Hang { hang_ms, applied }) => {
                let early = if applied { Err(take(self)) } else { Ok(take) };
                if !waited(&self.shared, hang_ms).await {
                    return Ok(Err(Ended));
                }
                match early {
                    Ok(take) => take(self),
                    Err(reply) => reply,
                }
            }
        };
        self.reply(&reply).await
    }

    async fn reply(&mut self, reply: &Reply) -> io::Result<Result<Reply, Ended>> {
        self.stream.write_all(reply.wire().as_bytes()).await?;
        self.stream.flush().await?;
        Ok(if reply.code == 421 { Err(Ended) } else { Ok(reply.clone()) })
    }
}

fn hello(verb: &str) -> Reply {
    if verb.eq_ignore_ascii_case("HELO") {
        return Reply::new(250, "sandbox");
    }
    Reply::of_lines(250, &["sandbox", "8BITMIME", "SMTPUTF8", &format!("SIZE {MAX_MAIL}")])
}

/// The address of `FROM:<address> PARAMETER…`.
fn path(argument: &str, word: &str) -> Option<String> {
    let (start, rest) = argument.split_at_checked(word.len())?;
    let (path, _) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    start.eq_ignore_ascii_case(word).then(|| address(path).to_owned())
}
