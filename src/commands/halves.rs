//! `feedkeeper api` and `feedkeeper worker`: one half each, beside a Redis that both share.

use std::net::{IpAddr, Ipv4Addr};

use crate::config::{Auth, Config, Env};

/// The HTTP half.
pub(crate) fn api(env: &Env) -> anyhow::Result<()> {
    let config = read(env)?;
    config.check_public_url()?;
    refuse(&config)
}

/// The working half.
pub(crate) fn worker(env: &Env) -> anyhow::Result<()> {
    refuse(&read(env)?)
}

fn read(env: &Env) -> anyhow::Result<Config> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::UNSPECIFIED), Auth::Signed)?;
    if config.redis_url.is_none() {
        anyhow::bail!("two processes need REDIS_URL; for one process use dev");
    }
    Ok(config)
}

fn refuse(config: &Config) -> anyhow::Result<()> {
    config.check_service()?;
    anyhow::bail!("REDIS_URL is set, but this version has no queue on Redis yet; for one process use dev")
}
