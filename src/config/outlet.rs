//! Where the legacy outlet is: `OUTLET_URL`.

use url::Url;
use worker::outlet::{self, Outlet};

use super::Config;

impl Config {
    /// Returns the outlet at `OUTLET_URL`, or else at `otherwise`; `None`: there is none.
    pub(crate) fn outlet(&self, otherwise: Option<Url>) -> anyhow::Result<Option<Outlet>> {
        let url = self.outlet_url.clone().or(otherwise);
        url.map(|url| Outlet::new(outlet::Config::at(url))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn an_outlet_may_lie_in_a_private_network() {
        let url = |vars: &[(&str, &str)]| read(vars).expect("read").outlet_url.map(String::from);
        assert_eq!(url(&[]), None);
        let private = "http://outlet.internal:8080/v2";
        assert_eq!(url(&[("OUTLET_URL", private)]).as_deref(), Some(private));
    }

    #[test]
    fn what_is_no_address_is_named() {
        for (text, says) in [
            ("outlet.internal", "OUTLET_URL is no address"),
            ("ftp://outlet.internal", "OUTLET_URL is an address such as"),
            ("http://outlet.internal/?key=hunter2", "has no query"),
            ("http://u:hunter2@outlet.internal/", "OUTLET_URL holds a user name or a password"),
        ] {
            let error = read(&[("OUTLET_URL", text)]).expect_err(says).to_string();
            assert!(error.contains(says) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
