//! `MEDIA_HOSTS`: the hosts from which may be downloaded, and which our pages may show.

use std::str::FromStr;

use url::Host;

/// What Instagram's pictures and videos are served from.
const DEFAULT: &str = ".cdninstagram.com,.fbcdn.net";

/// A list of host names: exact ones, and domains whose subdomains are meant (`.fbcdn.net`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Exact(String),
    /// Every name below this one, but not this one: as a browser reads `*.fbcdn.net`.
    Below(String),
}

/// What is wrong with an entry of the list.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostsError {
    /// Nothing is listed.
    #[error("name at least one host")]
    Empty,
    /// It has a scheme, a port, a path, or is an IP address.
    #[error("`{0}` is no host name: write `cdn.example.com`, or `.example.com` for every name below it")]
    NotAName(String),
    /// It would allow strangers' hosts.
    #[error("`{0}` allows everybody's hosts: name a domain of one owner, such as `.example.com`")]
    TooWide(String),
}

impl Hosts {
    /// Returns whether a host, in lower case and without a dot at its end, is on the list.
    pub(super) fn contain(&self, host: &str) -> bool {
        is_name(host)
            && self.0.iter().any(|entry| match entry {
                Entry::Exact(name) => host == name,
                Entry::Below(domain) => host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.')),
            })
    }

    /// Returns the list as a content security policy names it.
    pub fn sources(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|entry| match entry {
            Entry::Exact(name) => format!("https://{name}"),
            Entry::Below(domain) => format!("https://*.{domain}"),
        })
    }
}

impl Default for Hosts {
    fn default() -> Self {
        let below = |entry: &str| Entry::Below(entry.trim_start_matches('.').to_owned());
        Self(DEFAULT.split(',').map(below).collect())
    }
}

impl FromStr for Hosts {
    type Err = HostsError;

    fn from_str(text: &str) -> Result<Self, HostsError> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let entries = entries.map(Entry::parse).collect::<Result<Vec<_>, _>>()?;
        if entries.is_empty() { Err(HostsError::Empty) } else { Ok(Self(entries)) }
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Self, HostsError> {
        let name = text.strip_prefix('.').unwrap_or(text);
        // The same reading as that of the addresses which are compared with it.
        let name = match Host::parse(name) {
            Ok(Host::Domain(name)) if is_name(&name) => name,
            _ => return Err(HostsError::NotAName(text.to_owned())),
        };
        match text.starts_with('.') {
            false => Ok(Self::Exact(name)),
            true if name.contains('.') => Ok(Self::Below(name)),
            true => Err(HostsError::TooWide(text.to_owned())),
        }
    }
}

/// Whether a text is labels of letters, digits, `-` and `_`: nothing that means something else in a header.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, Hosts, HostsError};

    #[test]
    fn a_dot_in_front_means_every_name_below_and_no_other() {
        let hosts: Hosts = ".fbcdn.net, cdn.example.com".parse().unwrap();
        for (host, is_listed) in [
            ("a.fbcdn.net", true),
            ("scontent-fra3-1.xx.fbcdn.net", true),
            ("fbcdn.net", false),
            ("evilfbcdn.net", false),
            (".fbcdn.net", false),
            ("a..fbcdn.net", false),
            ("fbcdn.net.evil.example", false),
            ("cdn.example.com", true),
            ("a.cdn.example.com", false),
            ("example.com", false),
            ("", false),
        ] {
            assert_eq!(hosts.contain(host), is_listed, "{host}");
        }
    }

    #[test]
    fn the_default_is_instagram_s_network() {
        assert_eq!(Hosts::default(), DEFAULT.parse().unwrap());
        let sources: Vec<_> = Hosts::default().sources().collect();
        assert_eq!(sources, ["https://*.cdninstagram.com", "https://*.fbcdn.net"]);
    }

    #[test]
    fn names_are_read_as_addresses_are() {
        let hosts: Hosts = "CDN.Example.COM,.bücher.example".parse().unwrap();
        assert!(hosts.contain("cdn.example.com") && hosts.contain("a.xn--bcher-kva.example"));
    }

    #[test]
    fn what_is_no_host_is_refused_with_the_fix() {
        for text in ["https://a.example", "a.example:443", "10.0.0.1", "[::1]", "0x7f.1", "*.a.example", "a;b.example"]
        {
            assert_eq!(text.parse::<Hosts>(), Err(HostsError::NotAName(text.to_owned())), "{text}");
        }
        assert_eq!(".com".parse::<Hosts>(), Err(HostsError::TooWide(".com".into())));
        assert_eq!(" , ".parse::<Hosts>(), Err(HostsError::Empty));
    }
}
