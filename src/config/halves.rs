//! What several processes need that one does not.

use anyhow::Context;
use secrecy::SecretString;
use worker::is_loopback;

use super::Config;

impl Config {
    /// Refuses what `api` and `worker` must not be started with.
    pub(crate) fn check_half(&self) -> anyhow::Result<()> {
        self.shared_queue()?;
        self.check_service()?;
        let Some(clock) = &self.clock_url else { return Ok(()) };
        anyhow::ensure!(
            self.graph_url.as_ref().is_some_and(is_loopback),
            "CLOCK_URL moves the time of everything, so it needs a GRAPH_URL of a stand-in on this machine; unset one or \
             set the other"
        );
        anyhow::ensure!(is_loopback(clock), "CLOCK_URL is the address of a stand-in on this machine");
        Ok(())
    }

    /// Returns where the queue is that all processes share.
    pub(crate) fn shared_queue(&self) -> anyhow::Result<&SecretString> {
        self.redis_url.as_ref().context("two processes need REDIS_URL; for one process use dev")
    }

    /// Returns `PUBLIC_URL`, without a slash at its end, where nothing else says how we are reached.
    pub(crate) fn public_address(&self) -> anyhow::Result<String> {
        let url = self.public_url.as_ref().context(
            "PUBLIC_URL is not set: it is where people and Meta reach the routes, such as `https://feeds.example.com`",
        )?;
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn a_half_says_what_it_misses() {
        let redis = ("REDIS_URL", "redis://localhost");
        let (clock, stand_in) = (("CLOCK_URL", "http://127.0.0.1:3900"), ("GRAPH_URL", "http://localhost:3900"));
        for (vars, says) in [
            (&[][..], "two processes need REDIS_URL; for one process use dev"),
            (&[redis, clock], "CLOCK_URL moves the time of everything, so it needs a GRAPH_URL"),
            (&[redis, clock, ("GRAPH_URL", "https://graph.facebook.com")], "CLOCK_URL moves the time"),
            (&[redis, stand_in, ("CLOCK_URL", "https://clock.example.com")], "CLOCK_URL is the address of a stand-in"),
        ] {
            let config = read(vars).expect("dev does not mind");
            let error = config.check_half().expect_err(says).to_string();
            assert!(error.contains(says), "{vars:?}: {error}");
        }
        let config = read(&[redis, clock, stand_in]).expect("a configuration");
        assert!(config.check_half().is_ok());
        let error = config.public_address().expect_err("no address").to_string();
        assert!(error.contains("PUBLIC_URL is not set"), "{error}");
    }
}
