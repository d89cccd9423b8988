//! A Facebook Page, with its token and the Instagram account linked to it.

use serde_json::{Value, json};

use super::{Edge, Got, Node, Paging};
use crate::cdn;
use crate::graph::Error;
use crate::graph::read::View;
use crate::patch::Standing;
use crate::people::Person;

const TASKS: [&str; 6] = ["MODERATE", "MESSAGING", "ANALYZE", "ADVERTISE", "CREATE_CONTENT", "MANAGE"];

/// Looks a Page's field up; none if Pages have no such field.
pub(super) fn get(view: &View<'_>, owner: &'static Person, index: usize, field: &str) -> Result<Option<Got>, Error> {
    let Some(page) = owner.pages.get(index) else {
        return Ok(None);
    };
    Ok(Some(match field {
        "name" => page.name.into(),
        "category" => page.category.1.into(),
        "category_list" => json!([{ "id": page.category.0, "name": page.category.1 }]).into(),
        "tasks" => Value::from(TASKS.to_vec()).into(),
        "username" => handle(page.name).into(),
        "about" => Got::or_absent(page.account.as_ref().map(|account| account.biography)),
        "website" => Got::or_absent(page.account.as_ref().map(|account| account.website)),
        "is_published" => true.into(),
        "is_always_open" | "is_permanently_closed" | "is_unclaimed" | "is_verified" => false.into(),
        "verification_status" => "not_verified".into(),
        "feed" | "posts" | "published_posts" | "photos" | "videos" => empty("posts"),
        "link" => format!("https://www.facebook.com/{}", page.id).into(),
        "access_token" => {
            let now_ms = view.shared.clock.now_ms();
            view.token.for_page(index, now_ms).write(&view.shared.key)?.into()
        }
        "picture" => json!({ "data": {
            "height": 50,
            "width": 50,
            "is_silhouette": false,
            "url": cdn::avatar(view.shared, page.id),
        }})
        .into(),
        "fan_count" | "followers_count" => page.account.as_ref().map_or(17, |account| account.followers / 3).into(),
        "instagram_business_account" | "connected_instagram_account" => {
            let Some(account) = &page.account else {
                return Ok(Some(Got::Absent));
            };
            // Meta leaves the link out when it may not be shown or is not there any more.
            let is_unlinked =
                matches!(view.patch.state(), Standing::Deleted | Standing::PageUnlinked | Standing::Personal);
            if !view.scopes().has("instagram_basic") || is_unlinked {
                return Ok(Some(Got::Absent));
            }
            view.check_instagram()?;
            Got::Node(Node::Account(account))
        }
        _ => return Ok(None),
    }))
}

/// A list that this Page has nothing in.
fn empty(name: &'static str) -> Got {
    Got::Edge(Edge { name, default_fields: "id", paging: Paging::Links, items: Vec::new() })
}

/// The Page's name as it stands in its address.
fn handle(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}
