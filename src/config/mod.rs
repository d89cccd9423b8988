//! Configuration: the environment is read by `env` and nowhere else, and what the commands are told is put together here. (The
//! log, the traces and `bench` ask `env` for names of their own.) Every error names its variable and the fix.
//!
//! Each secret is also taken from the file that `NAME_FILE` names.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use entities::DbOptions;
use queue::Options;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use worker::download::Hosts;
use worker::graph::AppCredentials;
use worker::migrating::AppTypes;

mod address;
mod alerts;
mod auth;
mod crossposts;
mod database;
mod env;
mod expiry;
mod halves;
mod meta;
mod migration;
mod outlet;
mod redis;
mod work;
mod x;

use alerts::Alerts;
pub(crate) use alerts::StandIns;
pub(crate) use auth::Auth;
pub(crate) use env::Env;
use expiry::Expiry;
pub(crate) use meta::{DIALOG, GRAPH};
pub(crate) use x::XStandIn;

/// What several commands are told.
#[derive(Debug)]
pub(crate) struct Config {
    /// `HOST`.
    pub host: IpAddr,
    /// `PORT`.
    pub port: u16,
    /// `SANDBOX_PORT`.
    pub sandbox_port: u16,
    /// `SANDBOX_SMTP_PORT`.
    pub sandbox_smtp_port: u16,
    /// `ADMIN_PORT`; `None`: nothing is counted.
    pub admin_port: Option<u16>,
    /// `DATA_DIR`.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`; `None`: SQLite in `data_dir`.
    pub database_url: Option<SecretString>,
    /// `DATABASE_CONNECTIONS`.
    pub database: DbOptions,
    /// `REDIS_URL`.
    pub redis_url: Option<SecretString>,
    /// `REDIS_CA`.
    pub redis_ca: Option<Vec<u8>>,
    /// `PUBLIC_URL`.
    pub public_url: Option<Url>,
    /// `KEYRING`.
    pub keyring: Option<SecretString>,
    /// `AUTH`.
    pub auth: Auth,
    /// `APP_TOKEN_SECRET`.
    pub app_token_secret: Option<SecretString>,
    /// `META_APP_ID`, `META_APP_SECRET`.
    pub meta_app: Option<AppCredentials>,
    /// `GRAPH_VERSION`.
    pub graph_version: String,
    /// `FB_LOGIN_CONFIG_ID`.
    pub login_config_id: Option<String>,
    /// `FB_SCOPES`.
    pub scopes: Vec<String>,
    /// `GRAPH_URL`.
    pub graph_url: Option<Url>,
    /// `FB_DIALOG_URL`.
    pub dialog_url: Option<Url>,
    /// `OUTLET_URL`.
    pub outlet_url: Option<Url>,
    /// `X_CLIENT_ID`, `X_CLIENT_SECRET`, `X_API_URL`, `X_DIALOG_URL`.
    pub x: x::X,
    /// `CLOCK_URL`.
    pub clock_url: Option<Url>,
    /// `CROSSPOST_SCAN`.
    pub crosspost_scan: String,
    /// `MEDIA_HOSTS`.
    pub media_hosts: Hosts,
    /// `SLACK_WEBHOOK_URL`, `SMTP_URL`, `MAIL_FROM`, `OPERATOR_EMAIL`.
    pub alerts: Alerts,
    /// `EXPIRY_WARNING_DAYS`, `EXPIRY_SCAN`.
    pub expiry: Expiry,
    /// `MIGRATION_APP_TYPES`.
    pub migration_app_types: AppTypes,
    /// `DEMO`.
    pub demo: bool,
    /// `QUEUES`, `CONCURRENCY`, `LEASE`, `SHUTDOWN_GRACE`.
    pub work: Options,
}

/// What is asked for unless `FB_SCOPES` says otherwise.
const SCOPES: &str = "instagram_basic,pages_show_list,pages_read_engagement";

impl Config {
    /// Reads everything; `host` and `auth` are the command's defaults.
    pub(crate) fn read(env: &Env, host: IpAddr, auth: Auth) -> anyhow::Result<Self> {
        let redis_url = env.secret("REDIS_URL")?;
        let config = Self {
            host: env.parsed("HOST", Host(host))?.0,
            port: env.parsed("PORT", Port(3000))?.0,
            sandbox_port: env.parsed("SANDBOX_PORT", Port(3900))?.0,
            sandbox_smtp_port: env.parsed("SANDBOX_SMTP_PORT", Port(0))?.0,
            admin_port: env.optional("ADMIN_PORT")?,
            data_dir: env.parsed("DATA_DIR", PathBuf::from("./data"))?,
            database_url: env.secret("DATABASE_URL")?,
            database: database::options(env)?,
            redis_ca: redis::ca(env, redis_url.as_ref())?,
            redis_url,
            public_url: address::web(env, "PUBLIC_URL")?,
            keyring: env.secret("KEYRING")?,
            auth: env.parsed("AUTH", auth)?,
            app_token_secret: env.secret("APP_TOKEN_SECRET")?,
            meta_app: meta::app(env)?,
            graph_version: env.parsed("GRAPH_VERSION", Version("v26.0".to_owned()))?.0,
            login_config_id: env.text("FB_LOGIN_CONFIG_ID"),
            scopes: list(&env.text("FB_SCOPES").unwrap_or_else(|| SCOPES.to_owned())),
            graph_url: address::outside(env, "GRAPH_URL")?,
            dialog_url: address::outside(env, "FB_DIALOG_URL")?,
            outlet_url: address::web(env, "OUTLET_URL")?,
            x: x::X::read(env)?,
            clock_url: address::outside(env, "CLOCK_URL")?,
            crosspost_scan: crossposts::scan(env)?,
            media_hosts: env.parsed("MEDIA_HOSTS", Hosts::default())?,
            alerts: Alerts::read(env)?,
            expiry: Expiry::read(env)?,
            migration_app_types: migration::app_types(env)?,
            demo: switch(env, "DEMO", true)?,
            work: work::options(env)?,
        };
        anyhow::ensure!(!config.scopes.is_empty(), "FB_SCOPES names no scope");
        config.database_url.as_ref().map_or(Ok(()), |url| database::check(url.expose_secret()))?;
        Ok(config)
    }

    /// Refuses what a service must not be started with; the schema and the stand-ins do not care.
    pub(crate) fn check_service(&self) -> anyhow::Result<()> {
        if self.auth == Auth::Open && !self.host.is_loopback() {
            anyhow::bail!("AUTH=open takes every caller as authorised, so HOST has to be loopback; HOST={}", self.host);
        }
        let is_server = self.database_url.as_ref().is_some_and(|url| database::is_server(url.expose_secret()));
        if is_server && self.redis_url.is_none() {
            anyhow::bail!(
                "DATABASE_URL=postgres://… needs REDIS_URL: the embedded queue serves one process on SQLite alone"
            );
        }
        if self.public_url.as_ref().is_some_and(|url| url.path() != "/") {
            anyhow::bail!("PUBLIC_URL has no path: the service answers at the top of a host name");
        }
        if self.host.is_unspecified() && self.public_url.is_none() {
            anyhow::bail!(
                "HOST={} is an address that nobody can be sent to; set PUBLIC_URL to where people reach the service, such \
                 as https://feeds.example.com",
                self.host
            );
        }
        Ok(())
    }
}

fn switch(env: &Env, name: &str, default: bool) -> anyhow::Result<bool> {
    match env.text(name).as_deref() {
        None => Ok(default),
        Some("on" | "true" | "1") => Ok(true),
        Some("off" | "false" | "0") => Ok(false),
        Some(other) => anyhow::bail!("{name}={other}: it is `on` or `off`"),
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

/// An address to listen on.
struct Host(IpAddr);

impl FromStr for Host {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "it is an IP address such as 127.0.0.1 or 0.0.0.0, not a name")
    }
}

/// A port.
struct Port(u16);

impl FromStr for Port {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "a port is a number up to 65535; 0 takes any free one")
    }
}

/// A Graph version, such as `v26.0`.
struct Version(String);

impl FromStr for Version {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
        let is_version = text
            .strip_prefix('v')
            .and_then(|number| number.split_once('.'))
            .is_some_and(|(major, minor)| digits(major) && digits(minor));
        if is_version { Ok(Self(text.to_owned())) } else { Err("a version looks like `v26.0`") }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{Auth, Config, Env};

    pub(super) const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    pub(super) fn read(vars: &[(&str, &str)]) -> anyhow::Result<Config> {
        let env = Env(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let config = Config::read(&env, LOOPBACK, Auth::Open)?;
        config.check_service()?;
        config.routes_auth().map(|_| config)
    }

    #[test]
    fn an_empty_environment_has_all_defaults() {
        let config = read(&[]).expect("defaults");
        assert_eq!((config.port, config.sandbox_port, config.graph_version.as_str()), (3000, 3900, "v26.0"));
        assert_eq!(config.scopes, ["instagram_basic", "pages_show_list", "pages_read_engagement"]);
        assert!(config.demo && config.meta_app.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_fix() {
        for (vars, says) in [
            (&[("PORT", "x")][..], "PORT=x: a port is a number up to 65535"),
            (&[("HOST", "localhost")], "HOST=localhost: it is an IP address such as 127.0.0.1"),
            (&[("PUBLIC_URL", "localhost:3000")], "begins with https:// or, on this machine, http://"),
            (&[("AUTH", "none")], "AUTH=none: it is `signed` or `open`"),
            (&[("HOST", "0.0.0.0")], "HOST has to be loopback"),
            (&[("AUTH", "signed")], "AUTH=signed needs APP_TOKEN_SECRET"),
            (&[("AUTH", "signed"), ("APP_TOKEN_SECRET", "short")], "APP_TOKEN_SECRET has 5 bytes, and needs 32"),
            (&[("AUTH", "signed"), ("APP_TOKEN_SECRET_FILE", "/no")], "APP_TOKEN_SECRET_FILE=/no cannot be read"),
            (&[("GRAPH_VERSION", "26")], "a version looks like `v26.0`"),
            (&[("META_APP_ID", "1")], "META_APP_SECRET is not"),
            (&[("X_CLIENT_ID", "1")], "X_CLIENT_SECRET is not"),
            (&[("X_API_URL", "http://api.example.com")], "X_API_URL is http"),
            (&[("DATABASE_URL", "mysql://x")], "`sqlite://` or `postgres://`"),
            (&[("DATABASE_URL", "postgres://x/y")], "needs REDIS_URL"),
            (&[("DATABASE_CONNECTIONS", "1")], "DATABASE_CONNECTIONS=1: 2 to 1000"),
            (&[("PUBLIC_URL", "ftp://x")], "PUBLIC_URL is an address"),
            (&[("GRAPH_URL", "https://u:hunter2@x:y/")], "GRAPH_URL is no address: invalid port number"),
            (&[("GRAPH_URL", "https://u:hunter2@x/")], "GRAPH_URL holds a user name or a password"),
            (&[("GRAPH_URL", "http://graph.example.com")], "GRAPH_URL is http: tokens would travel in the clear"),
            (&[("FB_DIALOG_URL", "http://10.0.0.1")], "FB_DIALOG_URL is http"),
            (&[("AUTH", "signed"), ("APP_TOKEN_SECRET", SECRET), ("HOST", "0.0.0.0")], "set PUBLIC_URL"),
            (&[("APP_TOKEN_SECRET_FILE", "hunter2")], "APP_TOKEN_SECRET_FILE names no file"),
            (&[("LEASE", "long")], "LEASE=long: whole seconds, from 2 to 3600"),
            (&[("LEASE", "1")], "LEASE=1"),
            (&[("LEASE", "30sss")], "LEASE=30sss"),
            (&[("SHUTDOWN_GRACE", "18446744073709551615")], "SHUTDOWN_GRACE=18446744073709551615"),
            (&[("CONCURRENCY", "0")], "CONCURRENCY=0: 1 to 10000 jobs"),
            (&[("CONCURRENCY", "-1")], "CONCURRENCY=-1: 1 to 10000 jobs"),
            (&[("CONCURRENCY", "many")], "CONCURRENCY=many: 1 to 10000 jobs"),
            (&[("QUEUES", ",")], "name at least one queue"),
            (&[("FB_SCOPES", ",")], "FB_SCOPES names no scope"),
            (&[("DATABASE_URL", "sqlite::memory:")], "give it a file"),
            (&[("PUBLIC_URL", "https://feeds.example.com/fk/")], "PUBLIC_URL has no path"),
            (&[("QUEUES", "default,fast")], "`fast` is no queue: use interactive, default or bulk"),
            (&[("DEMO", "maybe")], "DEMO=maybe"),
            (&[("MEDIA_HOSTS", "https://cdn.example.com")], "`https://cdn.example.com` is no host name"),
            (&[("MEDIA_HOSTS", ".com")], "allows everybody's hosts"),
            (&[("KEYRING_FILE", "/nowhere/at/all")], "KEYRING_FILE=/nowhere/at/all cannot be read"),
        ] {
            let error = read(vars).expect_err(says).to_string();
            assert!(error.contains(says) && !error.contains("hunter2"), "{vars:?}: {error}");
        }
    }
}
