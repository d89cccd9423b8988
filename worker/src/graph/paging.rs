//! Lists that come in pages. Only the absence of `next` ends one: a page may be short or even empty and
//! still have more behind it (developers.facebook.com/docs/graph-api/results).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::lenient;

/// One page of a list. No `Debug`: `next` holds a token.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(super) struct Listing<T> {
    #[serde(deserialize_with = "lenient::list")]
    pub(super) data: Vec<T>,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    cursors: Option<Cursors>,
    #[serde(default, deserialize_with = "lenient::text")]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Cursors {
    #[serde(default, deserialize_with = "lenient::text")]
    after: Option<String>,
}

impl<T> Listing<T> {
    /// Returns the cursor of the page behind this one. `next` holds the token, so it is never followed:
    /// at most its `after` is read, for lists that name no cursors.
    pub(super) fn after(&self) -> Option<String> {
        let paging = self.paging.as_ref()?;
        let next = paging.next.as_ref()?;
        let cursor = paging.cursors.as_ref().and_then(|all| all.after.clone());
        cursor.or_else(|| {
            let next = Url::parse(next).ok()?;
            let mut pairs = next.query_pairs();
            pairs.find_map(|(name, value)| (name == "after").then(|| value.into_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(body: &str) -> Option<String> {
        serde_json::from_str::<Listing<u8>>(body).unwrap().after()
    }

    #[test]
    fn only_a_page_with_next_has_another_behind_it() {
        assert_eq!(
            after(r#"{"data":[],"paging":{"cursors":{"after":"c"},"next":"https://x/?after=d"}}"#),
            Some("c".into())
        );
        for last in [
            r#"{"data":[1],"paging":{"cursors":{"before":"b","after":"c"},"previous":"https://x"}}"#,
            r#"{"data":[1],"paging":{}}"#,
            r#"{"data":[1],"paging":null}"#,
            r#"{"data":[1]}"#,
        ] {
            assert_eq!(after(last), None, "{last}");
        }
    }

    #[test]
    fn a_cursor_that_stands_only_in_the_link_is_found() {
        let body = r#"{"data":[],"paging":{"next":"https://x/?access_token=t&after=a%3D"}}"#;
        assert_eq!(after(body), Some("a=".into()));
    }

    #[test]
    fn a_body_without_a_list_is_no_empty_list() {
        assert!(serde_json::from_str::<Listing<u8>>("{}").is_err());
    }
}
