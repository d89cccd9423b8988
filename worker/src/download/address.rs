//! The rules for an address: every one that is asked has passed them, redirects included.

use url::{Host, Url};

use super::Config;
use super::error::{Error, Rule};

/// An address that may be asked.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: Url,
    is_stand_in: bool,
}

impl Address {
    /// Checks the address that the caller has.
    pub(super) fn first(text: &str, config: &Config) -> Result<Self, Error> {
        let unreadable = |_| Error::Refused { at: "an address".to_owned(), rule: Rule::Unreadable };
        Self::checked(Url::parse(text).map_err(unreadable)?, config)
    }

    /// Checks the address that this one redirects to, whole or relative.
    pub(super) fn next(&self, location: &str, config: &Config) -> Result<Self, Error> {
        let unreadable = |_| Error::Refused { at: self.shown(), rule: Rule::Unreadable };
        let next = Self::checked(self.url.join(location).map_err(unreadable)?, config)?;
        if next.is_stand_in && !self.is_stand_in {
            return Err(Error::Refused { at: next.shown(), rule: Rule::Inwards });
        }
        Ok(next)
    }

    fn checked(mut url: Url, config: &Config) -> Result<Self, Error> {
        let is_stand_in = config.stand_ins.iter().any(|stand_in| stand_in.origin() == url.origin());
        match broken(&mut url, is_stand_in, config) {
            Some(rule) => Err(Error::Refused { at: shown(&url), rule }),
            None => Ok(Self { url, is_stand_in }),
        }
    }

    /// Returns the address as it is asked.
    pub(super) fn url(&self) -> Url {
        self.url.clone()
    }

    /// Returns whether it is on this machine, as configured.
    pub(super) fn is_stand_in(&self) -> bool {
        self.is_stand_in
    }

    /// Returns what may be said of it: host and path.
    pub(super) fn shown(&self) -> String {
        shown(&self.url)
    }
}

/// Returns the first rule that an address breaks.
fn broken(url: &mut Url, is_stand_in: bool, config: &Config) -> Option<Rule> {
    if !is_stand_in && url.scheme() != "https" {
        return Some(Rule::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(Rule::UserInfo);
    }
    if is_stand_in {
        return None;
    }
    // `url` leaves out the scheme's own port.
    if url.port().is_some() {
        return Some(Rule::Port);
    }
    // It has also read numbers in every notation, lower-cased names, and written Unicode as punycode.
    let Some(Host::Domain(name)) = url.host() else { return Some(Rule::IpAddress) };
    let rooted = name.strip_suffix('.').map(str::to_owned);
    if !config.hosts.contain(rooted.as_deref().unwrap_or(name)) {
        return Some(Rule::Host);
    }
    // What was compared is what is asked: no certificate names a host with a dot at its end.
    rooted.and_then(|name| url.set_host(Some(&name)).err()).map(|_| Rule::Host)
}

fn shown(url: &Url) -> String {
    match url.host_str() {
        Some(host) => format!("{host}{}", url.path()),
        None => format!("a {} address", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Hosts};
    use super::{Address, Error, Rule};

    fn config() -> Config {
        Config { hosts: Hosts::default(), stand_ins: vec!["http://127.0.0.1:3900".parse().unwrap()] }
    }

    fn rule(address: Result<Address, Error>) -> Option<Rule> {
        match address {
            Ok(_) => None,
            Err(Error::Refused { rule, .. }) => Some(rule),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn an_address_is_https_of_a_listed_host_and_nothing_odd() {
        for (text, broken) in [
            ("https://scontent.cdninstagram.com/v/t51/1.jpg?oh=1&oe=2", None),
            ("https://scontent.cdninstagram.com:443/1.jpg", None),
            ("HTTPS://SCONTENT.CDNINSTAGRAM.COM/1.jpg", None),
            ("https://scontent.cdninstagram.com./1.jpg", None),
            ("https://scontent\u{3002}cdninstagram\u{ff0e}com/1.jpg", None),
            ("http://127.0.0.1:3900/cdn/square/1.jpg?oh=1", None),
            ("scontent.cdninstagram.com/1.jpg", Some(Rule::Unreadable)),
            ("https://", Some(Rule::Unreadable)),
            ("http://scontent.cdninstagram.com/1.jpg", Some(Rule::Scheme)),
            ("file:///etc/passwd", Some(Rule::Scheme)),
            ("data:text/plain,x", Some(Rule::Scheme)),
            ("ftp://scontent.cdninstagram.com/1.jpg", Some(Rule::Scheme)),
            ("http://127.0.0.1:3901/1.jpg", Some(Rule::Scheme)),
            ("http://localhost:3900/1.jpg", Some(Rule::Scheme)),
            ("https://127.0.0.1:3900/1.jpg", Some(Rule::Port)),
            ("https://me@scontent.cdninstagram.com/1.jpg", Some(Rule::UserInfo)),
            ("https://:pw@scontent.cdninstagram.com/1.jpg", Some(Rule::UserInfo)),
            ("https://scontent.cdninstagram.com@evil.example/1.jpg", Some(Rule::UserInfo)),
            ("http://me:pw@127.0.0.1:3900/1.jpg", Some(Rule::UserInfo)),
            ("https://scontent.cdninstagram.com:8443/1.jpg", Some(Rule::Port)),
            ("https://127.0.0.1/", Some(Rule::IpAddress)),
            ("https://2130706433/", Some(Rule::IpAddress)),
            ("https://0x7f.1/", Some(Rule::IpAddress)),
            ("https://[::1]/", Some(Rule::IpAddress)),
            ("https://[::ffff:169.254.169.254]/", Some(Rule::IpAddress)),
            ("https://evil.example/1.jpg", Some(Rule::Host)),
            ("https://evilfbcdn.net/1.jpg", Some(Rule::Host)),
            ("https://fbcdn.net/1.jpg", Some(Rule::Host)),
            ("https://a.fbcdn.net../1.jpg", Some(Rule::Host)),
            ("https://a.fbcdn.net.evil.example/1.jpg", Some(Rule::Host)),
            ("https://evil.example\\.fbcdn.net/1.jpg", Some(Rule::Host)),
            ("https://a.fbcdn.net%2eevil.example/1.jpg", Some(Rule::Host)),
            ("https://localhost/1.jpg", Some(Rule::Host)),
        ] {
            assert_eq!(rule(Address::first(text, &config())), broken, "{text}");
        }
    }

    #[test]
    fn a_dot_at_the_end_of_a_host_is_not_asked() {
        let address = Address::first("https://a.fbcdn.net./1.jpg?oh=1", &config()).unwrap();
        assert_eq!(address.url().as_str(), "https://a.fbcdn.net/1.jpg?oh=1");
    }

    #[test]
    fn a_redirect_keeps_the_rules_and_never_leads_inwards() {
        let outside = Address::first("https://a.fbcdn.net/v/1.jpg?oh=1", &config()).unwrap();
        assert_eq!(outside.next("../2.jpg", &config()).unwrap().url().as_str(), "https://a.fbcdn.net/2.jpg");
        for (location, broken) in [
            ("//b.cdninstagram.com/2.jpg", None),
            ("//evil.example/2.jpg", Some(Rule::Host)),
            ("http://a.fbcdn.net/2.jpg", Some(Rule::Scheme)),
            ("https://169.254.169.254/latest", Some(Rule::IpAddress)),
            ("http://127.0.0.1:3900/2.jpg", Some(Rule::Inwards)),
            ("https://[", Some(Rule::Unreadable)),
        ] {
            assert_eq!(rule(outside.next(location, &config())), broken, "{location}");
        }
        let stand_in = Address::first("http://127.0.0.1:3900/1.jpg", &config()).unwrap();
        assert_eq!(rule(stand_in.next("/2.jpg", &config())), None);
        assert_eq!(rule(stand_in.next("https://a.fbcdn.net/2.jpg", &config())), None);
    }

    #[test]
    fn what_is_said_of_an_address_is_host_and_path() {
        for (text, at) in [
            ("https://me:pw@evil.example/v/1.jpg?oh=key#f", "evil.example/v/1.jpg"),
            ("data:text/plain,secret", "a data address"),
        ] {
            let error = Address::first(text, &config()).unwrap_err();
            assert!(error.to_string().starts_with(&format!("download of {at}: refused")), "{error}");
            assert!(!format!("{error:?}").contains("key") && !format!("{error:?}").contains("secret"), "{error:?}");
        }
    }
}
