//! The log: to stderr, for people or as JSON.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::Env;

/// What is logged unless `RUST_LOG` says otherwise.
const DEFAULT: &str = "info,apalis_core=warn,sqlx=warn,sea_orm_migration=warn";

/// Starts the log.
pub(crate) fn start(env: &Env) -> anyhow::Result<()> {
    let filter = env.text("RUST_LOG").unwrap_or_else(|| DEFAULT.to_owned());
    let filter = EnvFilter::try_new(&filter).with_context(|| format!("RUST_LOG={filter} is no filter"))?;
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_span_events(FmtSpan::NONE);
    match env.text("LOG_FORMAT").as_deref() {
        None | Some("text") => log.with_ansi(std::io::stderr().is_terminal()).init(),
        Some("json") => log.json().init(),
        Some(other) => anyhow::bail!("LOG_FORMAT={other}: it is `text` or `json`"),
    }
    Ok(())
}
