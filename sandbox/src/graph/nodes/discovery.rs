//! Business discovery: another's professional account by its name, as far as anybody may see it.

use super::{Got, Node, Paging, account};
use crate::graph::Error;
use crate::graph::read::View;
use crate::people::{self, Account};

/// What is told of others.
const FIELDS: [&str; 10] = [
    "username",
    "name",
    "biography",
    "website",
    "profile_picture_url",
    "followers_count",
    "follows_count",
    "media_count",
    "ig_id",
    "media",
];

/// `business_discovery.username(NAME)`.
pub(crate) fn find(view: &View<'_>, username: Option<&str>) -> Result<Got, Error> {
    for scope in ["instagram_manage_insights", "pages_read_engagement"] {
        if !view.scopes().has(scope) {
            return Err(Error::permission(scope));
        }
    }
    let username = username.ok_or_else(|| Error::missing_parameter("username"))?;
    let found = people::by_username(username).map(|(_, account)| account).filter(|account| !account.without_role);
    found.map(|account| Got::Node(Node::Discovered(account))).ok_or_else(Error::invalid_user_id)
}

/// Looks a field up; none if it is not shown to strangers.
pub(super) fn get(view: &View<'_>, account: &'static Account, field: &str) -> Result<Option<Got>, Error> {
    if !FIELDS.contains(&field) {
        return Ok(None);
    }
    Ok(account::get(view, account, field)?.map(|got| match got {
        Got::Edge(mut edge) => {
            edge.paging = Paging::Cursors;
            Got::Edge(edge)
        }
        other => other,
    }))
}
