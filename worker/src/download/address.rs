//! The rules for an address: every one that is asked has passed them, redirects included.

use url::{Host, Url};

use super::Config;
use super::error::{Error, Rule};

/// An address that may be asked.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: Url,
    origin: Origin,
}

/// Whose address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// A listed host's: asked over https, at a public address.
    Outside,
    /// A stand-in's.
    StandIn,
    /// One that the operator configured: asked as it stands.
    Configured,
}

impl Address {
    /// Checks the address that the caller has, which is content.
    pub(super) fn first(text: &str, config: &Config) -> Result<Self, Error> {
        Self::checked(parsed(text)?, config)
    }

    /// Checks the address that the caller has by configuration.
    pub(super) fn configured(text: &str, config: &Config) -> Result<Self, Error> {
        Self::of_configured(parsed(text)?, config)
    }

    /// Checks the address that this one redirects to, whole or relative. What is configured is reached from itself alone.
    pub(super) fn next(&self, location: &str, config: &Config) -> Result<Self, Error> {
        let unreadable = |_| Error::Refused { at: self.shown(), rule: Rule::Unreadable };
        let url = self.url.join(location).map_err(unreadable)?;
        if self.origin == Origin::Configured && url.origin() == self.url.origin() {
            return Self::of_configured(url, config);
        }
        let next = Self::checked(url, config)?;
        if next.origin == Origin::StandIn && self.origin != Origin::StandIn {
            return Err(Error::Refused { at: next.shown(), rule: Rule::Inwards });
        }
        Ok(next)
    }

    fn checked(mut url: Url, config: &Config) -> Result<Self, Error> {
        let is_stand_in = config.stand_ins.iter().any(|stand_in| stand_in.origin() == url.origin());
        let origin = if is_stand_in { Origin::StandIn } else { Origin::Outside };
        match broken(&mut url, is_stand_in, config) {
            Some(rule) => Err(Error::Refused { at: shown(&url), rule }),
            None => Ok(Self { url, origin }),
        }
    }

    fn of_configured(url: Url, config: &Config) -> Result<Self, Error> {
        let is_configured = config.configured.iter().any(|configured| configured.origin() == url.origin());
        let rule = if names_a_user(&url) { Rule::UserInfo } else { Rule::NotConfigured };
        if is_configured && rule == Rule::NotConfigured {
            return Ok(Self { url, origin: Origin::Configured });
        }
        Err(Error::Refused { at: shown(&url), rule })
    }

    /// Returns the address as it is asked.
    pub(super) fn url(&self) -> Url {
        self.url.clone()
    }

    /// Returns whether it may lie in a private network, and be asked over plain http: somebody configured it so.
    pub(super) fn is_inside(&self) -> bool {
        self.origin != Origin::Outside
    }

    /// Returns what may be said of it: host and path; of a configured service the host, as its paths name accounts.
    pub(super) fn shown(&self) -> String {
        match self.origin {
            Origin::Configured => self.url.host_str().unwrap_or_default().to_owned(),
            Origin::Outside | Origin::StandIn => shown(&self.url),
        }
    }
}

fn parsed(text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|_| Error::Refused { at: "an address".to_owned(), rule: Rule::Unreadable })
}

fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Returns the first rule that an address breaks.
fn broken(url: &mut Url, is_stand_in: bool, config: &Config) -> Option<Rule> {
    if !is_stand_in && url.scheme() != "https" {
        return Some(Rule::Scheme);
    }
    if names_a_user(url) {
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
        Config {
            hosts: Hosts::default(),
            stand_ins: vec!["http://127.0.0.1:3900".parse().unwrap()],
            configured: vec!["http://10.0.0.5:8080/feeds".parse().unwrap()],
        }
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
    fn a_configured_origin_is_reached_by_those_who_ask_for_it_and_from_itself() {
        for (text, broken) in [
            ("http://10.0.0.5:8080/feeds/powr_io?limit=50", None),
            ("http://10.0.0.5:8081/feeds/powr_io", Some(Rule::NotConfigured)),
            ("https://10.0.0.5:8080/feeds/powr_io", Some(Rule::NotConfigured)),
            ("https://scontent.cdninstagram.com/1.jpg", Some(Rule::NotConfigured)),
            ("http://127.0.0.1:3900/outlet", Some(Rule::NotConfigured)),
            ("http://me:pw@10.0.0.5:8080/feeds/powr_io", Some(Rule::UserInfo)),
            ("feeds/powr_io", Some(Rule::Unreadable)),
        ] {
            assert_eq!(rule(Address::configured(text, &config())), broken, "{text}");
        }
        let inside = "http://10.0.0.5:8080/latest";
        assert_eq!(rule(Address::first(inside, &config())), Some(Rule::Scheme), "content does not lead there");
        for text in ["https://a.fbcdn.net/1.jpg", "http://127.0.0.1:3900/1.jpg"] {
            let address = Address::first(text, &config()).unwrap();
            assert_eq!(rule(address.next(inside, &config())), Some(Rule::Scheme), "nor does a redirect of {text}");
        }
        let configured = Address::configured(inside, &config()).unwrap();
        assert!(configured.is_inside() && configured.next("/feeds", &config()).unwrap().is_inside());
        assert!(!configured.next("https://a.fbcdn.net/1.jpg", &config()).unwrap().is_inside());
        assert_eq!(rule(configured.next("http://127.0.0.1:3900/1.jpg", &config())), Some(Rule::Inwards));
        assert_eq!(rule(configured.next("http://10.0.0.5:9090/", &config())), Some(Rule::Scheme));
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
