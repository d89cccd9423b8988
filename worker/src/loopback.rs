//! Whether an address is on this machine: there no proxy is asked, and a stand-in may be plain.

use url::{Host, Url};

/// Whether `url` names this machine: a loopback address, `localhost`, or a name below it.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| names_this_machine(&host))
}

/// Whether a host's name or address is this machine's own.
pub(crate) fn names_this_machine<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.as_ref() == "localhost" || name.as_ref().ends_with(".localhost"),
    }
}
