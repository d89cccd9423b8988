//! Pages of a list: `limit`, cursors, `since` and `until`, and the links to the next and the last
//! page. Deleted posts still take a place, as at Meta: a page may be short, or empty, and have a next.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::Error;
use super::nodes::{Item, Paging};
use super::read::View;

/// The size of a page that nobody asked for.
const DEFAULT_LIMIT: usize = 25;
/// The largest page; Meta's own limit is not documented.
const MAX_LIMIT: usize = 200;
/// What every cursor begins with, so that it looks like Meta's.
const CURSOR_PREFIX: &str = "AQHR";

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Range {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
    since: Option<i64>,
    until: Option<i64>,
}

impl Range {
    /// Reads the parameters, wherever they stand.
    pub(crate) fn of<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Error> {
        Ok(Self {
            limit: limit(get("limit"), MAX_LIMIT)?,
            after: get("after").map(str::to_owned),
            before: get("before").map(str::to_owned),
            since: get("since").map(|text| time("since", text)).transpose()?,
            until: get("until").map(|text| time("until", text)).transpose()?,
        })
    }
}

/// Reads the size of a page, which is at most `most`.
pub(crate) fn limit(text: Option<&str>, most: usize) -> Result<usize, Error> {
    match text.map(|text| text.trim().parse::<u64>()) {
        None => Ok(DEFAULT_LIMIT),
        Some(Ok(0) | Err(_)) => Err(Error::parameter("(#100) param limit must be a positive integer")),
        Some(Ok(limit)) => Ok(usize::try_from(limit).unwrap_or(most).min(most)),
    }
}

/// Reads unix seconds, RFC 3339, Meta's own form of a time, a time without a zone, or a day.
fn time(name: &str, text: &str) -> Result<i64, Error> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let told = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    if let Ok(moment) = told {
        return Ok(moment.timestamp());
    }
    let without_zone = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let midnight = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    without_zone
        .or_else(midnight)
        .map(|moment| moment.and_utc().timestamp())
        .ok_or_else(|| Error::parameter(format!("(#100) param {name} must be a valid date")))
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// Its items, hidden ones included.
    pub(crate) items: Vec<&'a Item>,
    has_previous: bool,
    has_next: bool,
}

/// Cuts the page out of the list.
pub(crate) fn cut<'a>(items: &'a [Item], range: &Range) -> Result<Page<'a>, Error> {
    let all: Vec<&Item> = items
        .iter()
        .filter(|item| {
            range.since.is_none_or(|since| item.at_s >= since) && range.until.is_none_or(|until| item.at_s <= until)
        })
        .collect();
    let (start, end) = match (&range.after, &range.before) {
        (Some(cursor), _) => {
            let start = place(&all, cursor)? + 1;
            (start, all.len().min(start + range.limit))
        }
        (None, Some(cursor)) => {
            let end = place(&all, cursor)?;
            (end.saturating_sub(range.limit), end)
        }
        (None, None) => (0, all.len().min(range.limit)),
    };
    Ok(Page {
        has_previous: start > 0,
        has_next: end < all.len(),
        items: all.get(start..end).unwrap_or_default().to_vec(),
    })
}

fn place(items: &[&Item], cursor: &str) -> Result<usize, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong_cursor())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong_cursor())?;
    let key = text.strip_prefix(CURSOR_PREFIX).ok_or_else(wrong_cursor)?;
    items.iter().position(|item| item.node.id() == key).ok_or_else(wrong_cursor)
}

/// A cursor that leads nowhere in this list.
pub(crate) fn wrong_cursor() -> Error {
    Error::parameter("(#100) Invalid cursors values")
}

fn cursor(item: &Item) -> String {
    URL_SAFE_NO_PAD.encode(format!("{CURSOR_PREFIX}{}", item.node.id()))
}

/// Returns the address of another page. It carries the token, as Meta's do.
pub(crate) fn link(view: &View<'_>, path: &str, pairs: &[(&str, String)]) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("access_token", view.request.token().unwrap_or_default());
    query.append_pair("pretty", "0");
    query.extend_pairs(pairs);
    let base = match (&view.request.origin, &view.shared.config.public_url) {
        (Some(origin), None) => origin,
        _ => view.shared.base(),
    };
    format!("{base}{}/{}/{path}?{}", view.request.host, view.version, query.finish())
}

/// Returns `paging` for a page that is not empty.
pub(crate) fn links(
    view: &View<'_>,
    path: &str,
    (fields, kept): (&str, &[(String, String)]),
    range: &Range,
    page: &Page<'_>,
    told: Paging,
) -> Value {
    let (Some(first), Some(last)) = (page.items.first(), page.items.last()) else {
        return json!({});
    };
    let (before, after) = (cursor(first), cursor(last));
    let link = |name, cursor: &str| {
        let mut pairs = Vec::new();
        if !fields.is_empty() {
            pairs.push(("fields", fields.to_owned()));
        }
        for (name, time) in [("since", range.since), ("until", range.until)] {
            pairs.extend(time.map(|time| (name, time.to_string())));
        }
        pairs.extend(kept.iter().map(|(name, value)| (name.as_str(), value.clone())));
        pairs.extend([("limit", range.limit.to_string()), (name, cursor.to_owned())]);
        link(view, path, &pairs)
    };
    let mut paging = json!({ "cursors": { "before": before, "after": after } });
    if told == Paging::Cursors {
        return paging;
    }
    if page.has_next {
        paging["next"] = link("after", &after).into();
    }
    if page.has_previous {
        paging["previous"] = link("before", &before).into();
    }
    paging
}
