//! What an account or a post has achieved, and what it may still publish. Both need permissions that feeds do not.

use serde_json::{Value, json};

use super::Got;
use crate::graph::Error;
use crate::graph::read::View;
use crate::media::Seed;

/// How many posts may be published in a day.
const DAILY_POSTS: u32 = 100;
const DAY_S: u32 = 86_400;

/// `insights?metric=`: one number for each metric, the same whenever it is asked.
pub(super) fn of(view: &View<'_>, id: &str) -> Result<Got, Error> {
    needs(view, "instagram_manage_insights")?;
    let metrics = view.request.params.list("metric").ok_or_else(|| Error::missing_parameter("metric"))?;
    let period = view.request.params.list("period").unwrap_or_else(|| "lifetime".to_owned());
    let told = metrics.split(',').map(str::trim).map(|metric| {
        let value = Seed::of(&format!("{metric} {id}")).below(9_000);
        json!({
            "name": metric,
            "period": period,
            "values": [{ "value": value }],
            "title": metric,
            "description": "A number of the sandbox.",
            "id": format!("{id}/insights/{metric}/{period}"),
        })
    });
    let told: Vec<Value> = told.collect();
    Ok(json!({ "data": told }).into())
}

/// `content_publishing_limit`.
pub(super) fn publishing_limit(view: &View<'_>) -> Result<Got, Error> {
    needs(view, "instagram_content_publish")?;
    let config = json!({ "quota_total": DAILY_POSTS, "quota_duration": DAY_S });
    Ok(json!({ "data": [{ "config": config, "quota_usage": 0 }] }).into())
}

fn needs(view: &View<'_>, scope: &str) -> Result<(), Error> {
    if view.scopes().has(scope) { Ok(()) } else { Err(Error::permission(scope)) }
}
