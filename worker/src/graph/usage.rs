//! What Meta says of its limits in headers: percentages of an allowance, and minutes until it opens again.
//!
//! All are optional and some are sloppy, so whatever cannot be read counts as not said
//! (developers.facebook.com/docs/graph-api/overview/rate-limiting).

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

const HEADERS: [&str; 4] = ["x-app-usage", "x-business-use-case-usage", "x-page-usage", "x-ad-account-usage"];

/// The percentages; `graph.instagram.com` uses the fourth and fifth.
const PERCENTAGES: [&str; 6] =
    ["call_count", "total_cputime", "total_time", "call_volume", "cpu_time", "acc_id_util_pct"];

/// Whose allowance an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Our app's.
    App,
    /// A Page's, or that of the Page in question.
    Page(Option<String>),
    /// An Instagram account's, or that of the business behind it.
    Account(String),
}

/// One entry of the headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Whose allowance it is about.
    pub whose: Whose,
    /// As [`Usage::percent`].
    pub percent: Option<f64>,
    /// As [`Usage::regain_after`].
    pub regain_after: Option<Duration>,
}

/// How much of an allowance is used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// The highest percentage named; 100 and more is closed. `None` is unknown, not zero.
    pub percent: Option<f64>,
    /// The longest wait named; `None` when Meta named none, and never zero.
    pub regain_after: Option<Duration>,
    /// What was said, of whom.
    pub entries: Vec<Entry>,
}

impl Usage {
    /// Reads all usage headers of an answer, and `Retry-After`.
    pub fn read(headers: &HeaderMap) -> Self {
        let mut usage = Self::default();
        for name in HEADERS {
            for value in headers.get_all(name) {
                if let Ok(value) = serde_json::from_slice(value.as_bytes()) {
                    usage.merge(&value);
                    usage.tell_apart(name, &value);
                }
            }
        }
        let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        usage.wait(seconds.unwrap_or(0));
        usage
    }

    /// Takes in whose allowances a header's entries are about; other products' are not ours to mind.
    fn tell_apart(&mut self, header: &str, value: &Value) {
        match header {
            "x-app-usage" => self.entry(Whose::App, value),
            "x-page-usage" => self.entry(Whose::Page(None), value),
            "x-business-use-case-usage" => {
                for (id, listed) in value.as_object().into_iter().flatten() {
                    for entry in listed.as_array().map_or(std::slice::from_ref(listed), Vec::as_slice) {
                        match entry["type"].as_str() {
                            Some("instagram") => self.entry(Whose::Account(id.clone()), entry),
                            Some("pages") => self.entry(Whose::Page(Some(id.clone())), entry),
                            _ => {}
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, whose: Whose, value: &Value) {
        let mut usage = Self::default();
        usage.merge(value);
        if usage != Self::default() {
            self.entries.push(Entry { whose, percent: usage.percent, regain_after: usage.regain_after });
        }
    }

    /// Takes in an object of numbers, or any nest of them: the business header maps ids to lists.
    fn merge(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.merge(item)),
            Value::Object(entries) => {
                for (key, entry) in entries {
                    if PERCENTAGES.contains(&key.as_str()) {
                        let percent = entry.as_f64().filter(|percent| *percent >= 0.0);
                        self.percent = match (self.percent, percent) {
                            (Some(a), Some(b)) => Some(a.max(b)),
                            (a, b) => a.or(b),
                        };
                    } else if key == "estimated_time_to_regain_access" {
                        // Minutes, unlike all other waits here.
                        self.wait(entry.as_u64().unwrap_or(0).saturating_mul(60));
                    } else if key == "reset_time_duration" {
                        self.wait(entry.as_u64().unwrap_or(0));
                    } else {
                        self.merge(entry);
                    }
                }
            }
            _ => {}
        }
    }

    fn wait(&mut self, seconds: u64) {
        if seconds > 0 {
            self.regain_after = self.regain_after.max(Some(Duration::from_secs(seconds)));
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(name: &'static str, value: &'static str) -> (Option<f64>, Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let usage = Usage::read(&headers);
        (usage.percent, usage.regain_after.map(|wait| wait.as_secs() / 60))
    }

    #[test]
    fn the_highest_percentage_and_the_longest_wait_count() {
        let app = r#"{"call_count": 28, "total_time":25,"total_cputime":30}"#;
        assert_eq!(read("x-app-usage", app), (Some(30.0), None));
        let business = r#"{"1":[{"type":"instagram","call_count":96,"estimated_time_to_regain_access":7}],"2":[{"estimated_time_to_regain_access":19}]}"#;
        assert_eq!(read("x-business-use-case-usage", business), (Some(96.0), Some(19)));
    }

    #[test]
    fn instagram_s_own_keys_and_fractions_are_known() {
        let own = r#"{"call_volume":95,"cpu_time":12}"#;
        assert_eq!(read("x-app-usage", own), (Some(95.0), None));
        let ads = r#"{"acc_id_util_pct":9.67}"#;
        assert_eq!(read("x-ad-account-usage", ads), (Some(9.67), None));
    }

    #[test]
    fn a_bare_object_and_a_null_stand_where_a_list_should() {
        let bare = r#"{"1":{"type":"pages","call_count":4},"2":[null]}"#;
        assert_eq!(read("x-business-use-case-usage", bare), (Some(4.0), None));
    }

    #[test]
    fn an_entry_is_somebody_s() {
        let mut headers = HeaderMap::new();
        let business = r#"{"17":[{"type":"instagram","call_count":96},{"type":"ads_management","call_count":99}],
            "2":{"type":"pages","call_count":3,"estimated_time_to_regain_access":5},"4":[{"type":"instagram"}, 7]}"#;
        headers.insert("x-business-use-case-usage", business.replace('\n', "").parse().unwrap());
        headers.insert("x-app-usage", HeaderValue::from_static(r#"{"call_volume":1,"cpu_time":2}"#));
        headers.insert("x-page-usage", HeaderValue::from_static(r#"{"call_count":4}"#));
        let entry = |whose, percent, minutes: Option<u64>| Entry {
            whose,
            percent: Some(percent),
            regain_after: minutes.map(Duration::from_mins),
        };
        assert_eq!(
            Usage::read(&headers).entries,
            [
                entry(Whose::App, 2.0, None),
                entry(Whose::Account("17".into()), 96.0, None),
                entry(Whose::Page(Some("2".into())), 3.0, Some(5)),
                entry(Whose::Page(None), 4.0, None),
            ]
        );
    }

    #[test]
    fn zero_minutes_is_no_wait() {
        let calm = r#"{"1":[{"call_count":1,"estimated_time_to_regain_access":0}]}"#;
        assert_eq!(read("x-business-use-case-usage", calm), (Some(1.0), None));
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        for broken in
            ["not json", "[1,2,3]", r#"{"call_count":"lots"}"#, "{'call_count' : 85}", "{\"acc_id_util_pct\"9.67}"]
        {
            assert_eq!(read("x-app-usage", broken), (None, None), "{broken}");
        }
        assert_eq!(Usage::read(&HeaderMap::new()), Usage::default());
    }

    #[test]
    fn retry_after_is_heard_too() {
        assert_eq!(read("retry-after", "120"), (None, Some(2)));
    }
}
