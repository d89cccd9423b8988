//! What the address of a picture or a video tells: when it ends, and what of it stays the same. Pure.
//!
//! Meta signs such addresses; `oe` is when one ends, in hexadecimal seconds since 1970. What else stands in the query
//! changes from call to call.

use chrono::{DateTime, Utc};
use url::Url;

/// Returns when an address ends, if it says so.
pub fn ends_at(address: &str) -> Option<DateTime<Utc>> {
    let url = Url::parse(address).ok()?;
    let end = url.query_pairs().find(|(name, _)| name == "oe")?.1;
    DateTime::from_timestamp(i64::from_str_radix(&end, 16).ok().filter(|seconds| *seconds > 0)?, 0)
}

/// Returns an address without its signature: where the file lies.
pub fn place(address: &str) -> &str {
    address.split_once(['?', '#']).map_or(address, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{ends_at, place};

    #[test]
    fn an_end_is_hexadecimal_seconds_and_whatever_else_is_none() {
        for (address, end) in [
            ("https://a.cdninstagram.com/v/1.jpg?_nc_cat=1&oh=ab&oe=61237A80", Some(1_629_715_072)),
            ("https://a.fbcdn.net/1.mp4?oe=6123ffff&oh=00", Some(1_629_749_247)),
            ("https://a.cdninstagram.com/1.jpg?oh=ab", None),
            ("https://a.cdninstagram.com/1.jpg?oe=", None),
            ("https://a.cdninstagram.com/1.jpg?oe=tomorrow", None),
            ("https://a.cdninstagram.com/1.jpg?oe=-1", None),
            ("https://a.cdninstagram.com/1.jpg?oe=0", None),
            ("https://a.cdninstagram.com/1.jpg?oe=7FFFFFFFFFFFFFFF", None),
            ("not an address?oe=61237A80", None),
        ] {
            assert_eq!(ends_at(address), end.and_then(|end| DateTime::from_timestamp(end, 0)), "{address}");
        }
    }

    #[test]
    fn a_file_lies_where_it_lies_whoever_signed() {
        assert_eq!(place("https://a/1.jpg?oe=1"), place("https://a/1.jpg?oe=2&x=y#z"));
        assert_ne!(place("https://a/1.jpg?oe=1"), place("https://a/2.jpg?oe=1"));
        assert_eq!(place("https://a/1.jpg"), "https://a/1.jpg");
    }
}
