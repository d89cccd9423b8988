//! Reads single values as Meta really writes them: ids as numbers or texts, times with `+0000`, expiries
//! where 0 means never. A value of a wrong type counts as absent, so that an odd field cannot fail a whole feed.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::Expiry;

/// The form of the Graph's times: no colon in the offset, which RFC 3339 demands.
const GRAPH_TIME: &str = "%Y-%m-%dT%H:%M:%S%z";

/// An id that must be there: a text, or a number of any size.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer)?.ok_or_else(|| D::Error::custom("no id"))
}

/// A text or a number as text; empty means absent.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(as_text(&Value::deserialize(deserializer)?))
}

/// As [`text`], but never absent.
pub(super) fn text_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(text(deserializer)?.unwrap_or_default())
}

/// A token.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(text(deserializer)?.map(SecretString::from))
}

/// A whole number, also written as a text.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(as_number(&Value::deserialize(deserializer)?))
}

/// A count: a whole number that is not negative.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(number(deserializer)?.filter(|count| *count >= 0))
}

/// A list of texts; also one text with commas (developers.facebook.com, Business Login for Instagram).
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => values.iter().filter_map(as_text).collect(),
        Value::String(text) => {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    })
}

/// A list that may be absent or null, and may hold nulls; its items must parse.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Option::<Vec<Option<T>>>::deserialize(deserializer)?;
    Ok(items.unwrap_or_default().into_iter().flatten().collect())
}

/// A moment: `2019-09-26T22:36:43+0000`, RFC 3339, or seconds since 1970.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(match &value {
        Value::String(text) => DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, GRAPH_TIME))
            .ok()
            .map(|time| time.to_utc()),
        _ => as_number(&value).and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
    })
}

/// An end in seconds since 1970, where 0 is never (developers.facebook.com, `debug_token`).
pub(super) fn expiry<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Expiry, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(match as_number(&value) {
        Some(0) => Expiry::Never,
        Some(seconds) if seconds > 0 => DateTime::from_timestamp(seconds, 0).map_or(Expiry::Unknown, Expiry::At),
        _ => Expiry::Unknown,
    })
}

/// A whole number, also written as a text.
pub(super) fn as_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text or a number as text; empty means absent.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_beyond_two_to_the_53_keeps_its_digits() {
        let number = serde_json::json!(17_841_405_793_187_218_u64);
        assert_eq!(id(number).unwrap(), "17841405793187218");
        assert_eq!(id(Value::from("0017")).unwrap(), "0017");
        assert!(id(Value::Null).is_err());
    }

    #[test]
    fn a_time_is_read_in_all_three_forms() {
        let expected = DateTime::from_timestamp(1_569_537_403, 0);
        for form in [
            Value::from("2019-09-26T22:36:43+0000"),
            Value::from("2019-09-26T22:36:43Z"),
            Value::from("2019-09-27T00:36:43+02:00"),
            Value::from(1_569_537_403),
        ] {
            assert_eq!(time(form.clone()).unwrap(), expected, "{form}");
        }
        assert_eq!(time(Value::from("yesterday")).unwrap(), None);
    }

    #[test]
    fn zero_is_never_and_nonsense_is_unknown() {
        assert_eq!(expiry(Value::from(0)).unwrap(), Expiry::Never);
        assert_eq!(expiry(Value::from(-5)).unwrap(), Expiry::Unknown);
        assert_eq!(expiry(Value::from("soon")).unwrap(), Expiry::Unknown);
        let at = DateTime::from_timestamp(1_561_330_800, 0).unwrap();
        assert_eq!(expiry(Value::from("1561330800")).unwrap(), Expiry::At(at));
    }

    #[test]
    fn a_value_of_a_wrong_type_counts_as_absent() {
        assert_eq!(text(serde_json::json!({})).unwrap(), None);
        assert_eq!(text(Value::from("")).unwrap(), None);
        assert_eq!(count(Value::from("many")).unwrap(), None);
        assert_eq!(count(Value::from(-1)).unwrap(), None);
        assert_eq!(count(Value::from("12")).unwrap(), Some(12));
    }

    #[test]
    fn scopes_come_as_a_list_or_with_commas() {
        let both = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(texts(serde_json::json!(["a", "b"])).unwrap(), both);
        assert_eq!(texts(Value::from("a, b")).unwrap(), both);
    }
}
