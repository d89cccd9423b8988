//! The parameters of a call, wherever a client puts them: the query, a form, a form with files, a JSON body.

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::multipart;

/// The parameters of a call: its query, then its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query and a form; bytes that are no UTF-8 become `U+FFFD`.
    pub(crate) fn parse(query: &str, form: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes())
            .chain(form_urlencoded::parse(form))
            .map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self(pairs.collect())
    }

    /// Reads a query and a body of any kind. Some clients send a form and do not say that it is one; others send a body
    /// even with GET.
    pub(crate) fn read(query: &str, kind: &str, body: &[u8]) -> Self {
        if let Some(fields) = multipart::read(kind, body) {
            let mut params = Self::parse(query, &[]);
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            params.0.extend(fields.into_iter().map(|(name, value)| (name, text(value))));
            return params;
        }
        if body.trim_ascii_start().starts_with(b"{") {
            let fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
            let mut params = Self::parse(query, &[]);
            params.0.extend(fields.into_iter().map(|(name, value)| (name, text_of(value))));
            return params;
        }
        Self::parse(query, body)
    }

    /// Returns a parameter; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Returns every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, value)| other == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Returns a list with commas between its entries, however it was sent: so, or as a JSON array.
    pub(crate) fn list(&self, name: &str) -> Option<String> {
        let text = self.get(name)?;
        match serde_json::from_str(text) {
            Ok(Value::Array(entries)) => Some(entries.into_iter().map(text_of).collect::<Vec<_>>().join(",")),
            _ => Some(text.to_owned()),
        }
    }

    /// Tells whether a switch is on: there, and not off.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(is_on)
    }

    /// Returns all parameters but these.
    pub(crate) fn without(&self, names: &[&str]) -> impl Iterator<Item = &(String, String)> {
        self.0.iter().filter(move |(name, _)| !names.contains(&name.as_str()))
    }

    /// Adds a parameter where it is absent.
    pub(crate) fn or(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|_| self.get(name).is_none()) {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// Tells whether the value of a switch means on.
pub(crate) fn is_on(text: &str) -> bool {
    !matches!(text, "false" | "0")
}

/// Writes a JSON value as a parameter: a text as it is, nothing as nothing, all else as JSON.
pub(crate) fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn parameters_are_found_wherever_a_client_puts_them() {
        let files = b"--x\r\nContent-Disposition: form-data; name=\"limit\"\r\n\r\n5\r\n--x--\r\n";
        for (kind, body) in [
            ("application/x-www-form-urlencoded", b"limit=5".as_slice()),
            ("", b"limit=5"),
            ("application/json", br#"{"limit":5}"#),
            ("text/plain", br#" {"limit":"5","other":null}"#),
            ("multipart/form-data; boundary=x", files),
        ] {
            let params = Params::read("q=1", kind, body);
            assert_eq!((params.get("q"), params.get("limit")), (Some("1"), Some("5")), "{kind}");
        }
        assert_eq!(Params::read("limit=5", "application/json", b"{}").get("limit"), Some("5"));
        assert_eq!(Params::read("limit=5", "application/json", b"{\"limit\"").get("limit"), Some("5"));
    }

    #[test]
    fn lists_come_with_commas_or_as_json() {
        for text in ["fields=id,name", "fields=%5B%22id%22,%22name%22%5D"] {
            assert_eq!(Params::parse(text, &[]).list("fields").as_deref(), Some("id,name"));
        }
    }
}
