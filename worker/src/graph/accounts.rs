//! The Pages that a person may act for, each with its own token and its Instagram account.

use secrecy::SecretString;
use serde::Deserialize;

use super::paging::Listing;
use super::{Call, Error, Graph, lenient};

const FIELDS: &str = "id,name,access_token,tasks,\
    instagram_business_account{id,username,name,profile_picture_url}";
/// Pages asked for at once; most people have one or two.
const MOST_PER_CALL: u32 = 100;
/// So few that Meta's "reduce the amount of data" cannot be about their number.
const LEAST_PER_CALL: u32 = 5;
/// 2 500 Pages: agencies exist, endless lists are a fault.
const MOST_CALLS: usize = 25;

/// A Facebook Page, as `me/accounts` lists it.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    /// The Page's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// The Page's name, empty if Meta says none.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    /// The Page's token: without a timed end if the list was read with a long-lived user token
    /// (developers.facebook.com, access token guide). Absent when the person's role is too small.
    #[serde(default, deserialize_with = "lenient::secret")]
    pub access_token: Option<SecretString>,
    /// What the person may do there.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub tasks: Vec<String>,
    /// The Instagram account that is linked to it.
    #[serde(default, rename = "instagram_business_account")]
    pub instagram: Option<IgRef>,
}

/// An Instagram account as a Page names it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct IgRef {
    /// The id of the professional account, which stands in paths.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// The handle, without `@`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub username: Option<String>,
    /// The name shown.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// The picture, under a URL that ends.
    #[serde(default, deserialize_with = "lenient::text")]
    pub profile_picture_url: Option<String>,
}

impl Graph {
    /// Returns all Pages that the token's person granted, over all pages of the list.
    pub async fn accounts(&self, token: &SecretString) -> Result<Vec<Page>, Error> {
        let mut pages = Vec::new();
        let mut after: Option<String> = None;
        let mut page_size = MOST_PER_CALL;
        for _ in 0..MOST_CALLS {
            let mut query = vec![("fields", FIELDS.to_owned()), ("limit", page_size.to_string())];
            query.extend(after.clone().map(|cursor| ("after", cursor)));
            let call = Call { name: "accounts", path: &["me", "accounts"], query, token: Some(token) };
            let listing: Listing<Page> = match self.get(call).await {
                Err(error) if error.is_too_much_data() && page_size > LEAST_PER_CALL => {
                    page_size /= 2;
                    tracing::warn!(%error, page_size, "asking again for a smaller page");
                    continue;
                }
                outcome => outcome?,
            };
            after = listing.after();
            pages.extend(listing.data);
            if after.is_none() {
                return Ok(pages);
            }
        }
        tracing::warn!(pages = pages.len(), "a person's list of Pages has no end; the rest is left out");
        Ok(pages)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::super::stand_in::{Reply, StandIn};

    #[tokio::test]
    async fn the_list_is_read_to_its_end_by_cursors_and_never_by_link() {
        let meta = StandIn::start([
            Reply::ok(include_str!("fixtures/accounts_page.json")),
            Reply::ok(r#"{"data":[],"paging":{"cursors":{"after":"c"},"next":"https://evil.example/"}}"#),
            Reply::ok(r#"{"data":[{"id":7,"name":"Last"}],"paging":{"cursors":{"after":"d"}}}"#),
        ])
        .await;
        let pages = meta.graph.accounts(&"EAAuser".into()).await.unwrap();

        let ids: Vec<_> = pages.iter().map(|page| page.id.as_str()).collect();
        assert_eq!(ids, ["2121008874780932", "123", "7"]);
        let first = &pages[0];
        assert_eq!(first.access_token.as_ref().unwrap().expose_secret(), "EAApage");
        let instagram = first.instagram.as_ref().unwrap();
        assert_eq!(instagram.id, "17841405822304914");
        assert_eq!(instagram.username.as_deref(), Some("mylife"));
        assert!(pages[1].access_token.is_none() && pages[1].instagram.is_none());

        let seen = meta.seen();
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|call| call.path == "/graph/v26.0/me/accounts"));
        let cursors: Vec<_> = seen.iter().map(|call| call.query.get("after")).collect();
        assert_eq!(cursors, [None, Some(&"a+/=".to_owned()), Some(&"c".to_owned())]);
    }

    #[tokio::test]
    async fn a_page_that_is_too_much_for_meta_is_halved() {
        let too_much = || Reply::new(500, r#"{"error":{"message":"Please reduce the amount of data","code":1}}"#);
        let meta = StandIn::start([too_much(), too_much(), Reply::ok(r#"{"data":[{"id":"7"}]}"#)]).await;
        let pages = meta.graph.accounts(&"EAAuser".into()).await.unwrap();
        let limits: Vec<_> = meta.seen().iter().map(|call| call.query["limit"].clone()).collect();
        assert_eq!((pages.len(), limits), (1, vec!["100".into(), "50".into(), "25".into()]));

        let meta = StandIn::start(std::iter::repeat_with(too_much).take(6)).await;
        assert!(meta.graph.accounts(&"EAAuser".into()).await.unwrap_err().is_too_much_data(), "not for ever");
    }

    #[tokio::test]
    async fn a_list_without_end_is_left_at_some_point() {
        let endless = r#"{"data":[{"id":"1"}],"paging":{"cursors":{"after":"same"},"next":"https://x/"}}"#;
        let replies = std::iter::repeat_n(Reply::ok(endless), super::MOST_CALLS);
        let meta = StandIn::start(replies).await;
        let pages = meta.graph.accounts(&"EAAuser".into()).await.unwrap();
        assert_eq!(pages.len(), super::MOST_CALLS);
    }
}
