//! A list of media, whoever's it is: page by page until there is enough, with smaller pages or fewer fields where Meta
//! does not like the question.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::paging::Listing;
use super::{Call, Class, Error, Graph, Media, MediaList, checked_id};

/// Meta documents no maximum; 100 is known to be safe.
const MOST_PER_CALL: u32 = 100;
/// A page so small that Meta's "reduce the amount of data" cannot be about its size.
const LEAST_PER_CALL: u32 = 5;

/// One list of media, and how it is asked for.
pub(super) struct Edge<'a> {
    /// The method's name, for errors and logs.
    pub(super) call: &'static str,
    /// Whose list it is.
    pub(super) id: &'a str,
    /// The list's name in the path.
    pub(super) name: &'static str,
    /// The account that asks, where the list belongs to nobody.
    pub(super) on_behalf_of: Option<&'a str>,
    /// What is asked for.
    pub(super) fields: &'static str,
    /// What is asked for instead where one of the fields is unknown: one unknown field fails a whole call.
    pub(super) fallback_fields: &'static str,
    /// What is older than this is not asked for, where the newest come first.
    pub(super) since: Option<DateTime<Utc>>,
    /// One page brings all as a rule; a list of empty pages must not eat the account's budget.
    pub(super) most_calls: usize,
}

impl Graph {
    /// Returns the first `limit` media of a list.
    pub(super) async fn list(&self, token: &SecretString, edge: &Edge<'_>, limit: u32) -> Result<MediaList, Error> {
        let id = checked_id(edge.call, edge.id)?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut items: Vec<Media> = Vec::new();
        let mut fields = edge.fields;
        let mut page_size = limit.clamp(1, MOST_PER_CALL);
        let mut after: Option<String> = None;
        let mut pages = 0;
        let mut is_all = false;

        // A question that is asked again in another way is no page: it cannot be asked again for ever.
        while pages < edge.most_calls {
            let mut query = vec![("fields", fields.to_owned()), ("limit", page_size.to_string())];
            query.extend(edge.on_behalf_of.map(|account| ("user_id", account.to_owned())));
            query.extend(after.clone().map(|cursor| ("after", cursor)));
            let call = Call { name: edge.call, path: &[id, edge.name], query, token: Some(token) };
            let listing: Listing<Media> = match self.get(call).await {
                Ok(listing) => listing,
                Err(error) if error.is_unknown_field() && fields == edge.fields => {
                    tracing::warn!(%error, "asking again for fewer fields");
                    fields = edge.fallback_fields;
                    continue;
                }
                Err(error) if error.is_too_much_data() && page_size > LEAST_PER_CALL => {
                    page_size = (page_size / 2).max(LEAST_PER_CALL);
                    tracing::warn!(%error, page_size, "asking again for a smaller page");
                    continue;
                }
                Err(error) if !items.is_empty() && error.class() == Class::BadRequest => {
                    tracing::warn!(%error, read = items.len(), "the list is read as far as Meta gives it");
                    break;
                }
                Err(error) => return Err(error),
            };
            pages += 1;
            after = listing.after();
            let oldest = listing.data.last().and_then(|media| media.timestamp);
            for media in listing.data {
                // A post published between two calls pushes the last one onto the next page.
                if items.iter().all(|seen| seen.id != media.id) {
                    items.push(media);
                }
            }
            is_all = after.is_none() && items.len() <= wanted;
            let is_far_enough = edge.since.is_some_and(|since| oldest.is_some_and(|oldest| oldest < since));
            if items.len() >= wanted || after.is_none() || is_far_enough {
                break;
            }
        }
        items.truncate(wanted);
        Ok(MediaList { items, is_all })
    }
}
