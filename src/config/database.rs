//! Which database, and how many connections to it.

use entities::DbOptions;

use super::Env;

/// Reads `DATABASE_CONNECTIONS`.
pub(super) fn options(env: &Env) -> anyhow::Result<DbOptions> {
    let defaults = DbOptions::default();
    let connections = env.parsed("DATABASE_CONNECTIONS", defaults.connections)?;
    anyhow::ensure!(
        (2..=1_000).contains(&connections),
        "DATABASE_CONNECTIONS={connections}: 2 to 1000, and no more than the server allows to all processes together"
    );
    Ok(DbOptions { connections, ..defaults })
}

/// Refuses an address that is none of ours.
pub(super) fn check(address: &str) -> anyhow::Result<()> {
    if !is_server(address) && !address.starts_with("sqlite:") {
        anyhow::bail!("DATABASE_URL begins with `sqlite://` or `postgres://`");
    }
    if address.contains(":memory:") || address.contains("mode=memory") {
        anyhow::bail!("DATABASE_URL in memory is lost at the end, and cannot be shared by readers: give it a file");
    }
    Ok(())
}

/// Returns whether an address is that of a server.
pub(super) fn is_server(address: &str) -> bool {
    address.starts_with("postgres:") || address.starts_with("postgresql:")
}
