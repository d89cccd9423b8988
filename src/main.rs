//! The `feedkeeper` command: one binary, one subcommand for each way to run it.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use rustix::fs::Mode;

mod admin;
mod clock;
mod commands;
mod config;
mod keyring;
mod telemetry;

use commands::migrate::Direction;
use config::Env;

/// Keeps Instagram connections alive and website feeds fresh.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process on SQLite, with stand-ins for Meta: to try it and to develop against it
    Dev,
    /// The HTTP half
    Api,
    /// The working half
    Worker,
    /// The stand-ins alone
    Sandbox,
    /// The schema
    Migrate {
        /// What to do with it
        #[arg(value_enum, default_value_t = Direction::Up)]
        direction: Direction,
    },
    /// Checks what has to be in order before anything is started, each with its fix
    Doctor {
        /// Sends a test mail, too: to this address, or to the operator
        #[arg(long, value_name = "ADDRESS", num_args = 0..=1)]
        #[expect(clippy::option_option, reason = "it is how a flag's value may be left out")]
        mail: Option<Option<String>>,
    },
    /// Says what one answer of Meta means
    Explain(commands::explain::Answer),
    /// The letters to owners
    #[command(subcommand)]
    Mail(commands::mail::Action),
    /// The queues: counted, paused, resumed
    #[command(subcommand)]
    Queue(commands::queue::Action),
    /// Single jobs
    #[command(subcommand)]
    Jobs(commands::jobs::Action),
    /// Figures of this machine
    #[command(subcommand)]
    Bench(commands::bench::Action),
    /// Apps that exist already, registered from a file of JSON Lines
    Import(commands::import::Source),
    /// Who sees what is not for everybody yet
    #[command(subcommand)]
    Rollout(commands::rollout::Action),
    /// How far old apps have moved off the outlet, and the way back
    #[command(subcommand)]
    Migration(commands::migration::Action),
    /// The connections, and how near their ends are
    Installs(commands::installs::Which),
    /// The key ring
    #[command(subcommand)]
    Keys(commands::keys::Action),
    /// Operators' keys to the routes
    #[command(subcommand)]
    ApiKeys(commands::api_keys::Action),
}

/// How long what is still going on at the end may take.
const LEFT_BEHIND: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match &cli.command {
        // They need neither environment nor runtime.
        Command::Explain(answer) => commands::explain::run(answer),
        Command::Mail(action) => commands::mail::run(action).map(|()| ExitCode::SUCCESS),
        command => start(command).map(|()| ExitCode::SUCCESS),
    };
    match ended {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the last word of a process that could not go on")]
            {
                eprintln!("feedkeeper: {}", sentence(&error));
            }
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, and why. A cause that the error before it has told already is not told twice.
fn sentence(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |said, cause| match cause.to_string() {
        cause if said.is_empty() => cause,
        cause if said.ends_with(&cause) => said,
        cause => format!("{said}: {cause}"),
    })
}

fn start(command: &Command) -> anyhow::Result<()> {
    // What we write concerns nobody else on this machine, whoever made the folder that it lies in.
    let _ = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let env = Env::of_process();
    // One crypto provider in the tree; every TLS client uses it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let traces = telemetry::start(&env, runtime.handle())?;
    let ended = runtime.block_on(async {
        match command {
            // Done before.
            Command::Explain(_) | Command::Mail(_) => Ok(()),
            Command::Dev => commands::dev::run(&env).await,
            Command::Api => commands::api::run(&env).await,
            Command::Worker => commands::worker::run(&env).await,
            Command::Sandbox => commands::sandbox::run(&env).await,
            Command::Migrate { direction } => commands::migrate::run(&env, *direction).await,
            Command::Doctor { mail } => commands::doctor::run(&env, mail.as_ref().map(Option::as_deref)).await,
            Command::Queue(action) => commands::queue::run(&env, action).await,
            Command::Jobs(action) => commands::jobs::run(&env, action).await,
            Command::Bench(action) => commands::bench::run(&env, action).await,
            Command::Import(source) => commands::import::run(&env, source).await,
            Command::Rollout(action) => commands::rollout::run(&env, action).await,
            Command::Migration(action) => commands::migration::run(&env, action).await,
            Command::Installs(which) => commands::installs::run(&env, which).await,
            Command::Keys(action) => commands::keys::run(&env, action).await,
            Command::ApiKeys(action) => commands::api_keys::run(&env, action).await,
        }
    });
    if let Some(traces) = traces {
        traces.end();
    }
    // A look-up of a host's name, or a handler that does not yield, keeps nobody from ending.
    runtime.shutdown_timeout(LEFT_BEHIND);
    ended
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::sentence;

    #[test]
    fn nothing_is_told_twice() {
        let failed = Err::<(), _>(sea_orm::DbErr::Query(sea_orm::RuntimeErr::Internal("no such table".to_owned())));
        let error = failed.context("reading a column").context("verifying").expect_err("it failed");
        assert_eq!(sentence(&error), "verifying: reading a column: Query Error: no such table");
    }
}
