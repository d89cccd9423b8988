//! The key ring's life with the real binary.

mod copied;
mod refused;
mod rotation;
mod seeds;

use std::path::Path;
use std::process::Stdio;

use entities::Db;
use entities::seal::{Keyring, SealedColumn};
use tokio::process::Command;

use crate::harness::{Service, within_reason};

/// What a command left behind.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn command(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
    command.args(args).env_clear().env("DATA_DIR", folder).env("PORT", "0").env("SANDBOX_PORT", "0");
    command.envs(env.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn run(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Said {
    let output = within_reason(command(folder, env, args).output()).await.expect("it ran");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A key, as the command prints it.
async fn key(folder: &Path, id: &str) -> String {
    let said = run(folder, &[], &["keys", "generate", id]).await;
    assert_eq!((said.code, said.out.lines().count()), (Some(0), 1), "{}", said.err);
    said.out.trim().to_owned()
}

fn ring(text: &str) -> Keyring {
    Keyring::parse(&text.to_owned().into()).expect("a ring")
}

async fn db_of(service: &Service) -> Db {
    Db::connect(&format!("sqlite://{}", service.data().join("feedkeeper.db").display())).await.expect("a database")
}

async fn count(db: &Db, column: SealedColumn, id: &str) -> u64 {
    column.count_under(&db.read, id).await.expect("counted")
}
