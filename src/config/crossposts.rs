//! When feeds are compared with what was posted (`CROSSPOST_SCAN`), and from where files are fetched that are posted
//! (`MEDIA_HOSTS`).

use url::Url;
use worker::jobs::{CROSSPOST_SCAN, Scans};
use worker::{download, is_loopback};

use super::expiry::Cron;
use super::{Config, Env};

/// Reads `CROSSPOST_SCAN`.
pub(super) fn scan(env: &Env) -> anyhow::Result<String> {
    Ok(env.parsed("CROSSPOST_SCAN", Cron(CROSSPOST_SCAN.to_owned()))?.0)
}

impl Config {
    /// Returns when the scans run.
    pub(crate) fn scans(&self) -> Scans<'_> {
        Scans { expiry: &self.expiry.scan, crossposts: &self.crosspost_scan }
    }

    /// Returns what may be downloaded: of the listed hosts, and of stand-ins on this machine.
    pub(crate) fn download(&self, stand_in: Option<&Url>) -> download::Config {
        let graph = self.graph_url.as_ref().filter(|url| is_loopback(url));
        let stand_ins = graph.into_iter().chain(stand_in).cloned().collect();
        download::Config { hosts: self.media_hosts.clone(), stand_ins, configured: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn feeds_are_compared_every_ten_minutes_unless_it_is_said_otherwise() {
        assert_eq!(read(&[]).expect("defaults").scans().crossposts, "10 */10 * * * *");
        let told = read(&[("CROSSPOST_SCAN", "0 * * * * *")]).expect("read");
        assert_eq!(told.scans().crossposts, "0 * * * * *");
        let error = read(&[("CROSSPOST_SCAN", "often")]).expect_err("no timetable").to_string();
        assert!(error.contains("CROSSPOST_SCAN=often") && error.contains("six fields"), "{error}");
    }
}
