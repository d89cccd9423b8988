//! A person: `/me` with a user token.

use serde_json::json;

use super::{Edge, Got, Item, Node, Paging, sees_page};
use crate::cdn;
use crate::graph::Error;
use crate::graph::read::View;
use crate::people::Person;

const ACCOUNT_FIELDS: &str = "access_token,category,category_list,name,id,tasks";

/// Looks a person's field up; none if persons have no such field.
pub(super) fn get(view: &View<'_>, person: &'static Person, field: &str) -> Result<Option<Got>, Error> {
    let (first, last) = person.name.split_once(' ').unwrap_or((person.name, ""));
    Ok(Some(match field {
        "name" => person.name.into(),
        "first_name" | "short_name" => first.into(),
        "name_format" => "{first} {last}".into(),
        "installed" | "verified" => true.into(),
        "last_name" => last.into(),
        "email" if view.scopes().has("email") => format!("{}@example.com", person.user).into(),
        "email" => Got::Absent,
        "picture" => json!({ "data": {
            "height": 50,
            "width": 50,
            "is_silhouette": false,
            "url": cdn::avatar(view.shared, person.user),
        }})
        .into(),
        "accounts" => Got::Edge(Edge {
            name: "accounts",
            default_fields: ACCOUNT_FIELDS,
            paging: Paging::Links,
            items: pages(view, person),
        }),
        "permissions" => permissions(view),
        _ => return Ok(None),
    }))
}

fn pages(view: &View<'_>, person: &'static Person) -> Vec<Item> {
    // Without the permission Meta lists nothing and says nothing.
    if !view.scopes().has("pages_show_list") {
        return Vec::new();
    }
    // Since v17 a business's Pages are left out, silently, without its permission.
    let sees_businesses = view.scopes().has("business_management");
    let pages = person.pages.iter().enumerate();
    pages
        .filter(|(index, page)| sees_page(view, person, *index) && (sees_businesses || !page.in_business))
        .map(|(index, _)| Item { node: Node::Page(person, index), at_s: 0, hidden: false })
        .collect()
}

fn permissions(view: &View<'_>) -> Got {
    let granted = view.scopes();
    let all = view.token.asked.and_also(view.token.granted);
    let entries: Vec<_> = all
        .names()
        .into_iter()
        .map(|name| {
            let status = if granted.has(name) { "granted" } else { "declined" };
            json!({ "permission": name, "status": status })
        })
        .collect();
    json!({ "data": entries }).into()
}
