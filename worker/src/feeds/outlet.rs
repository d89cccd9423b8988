//! A feed from the outlet: its newest items, whoever's they are, in one call. Nothing of Meta's has a say in it: no
//! allowance, no incident, no connection.

use entities::feed::{self, Source, WaitsFor};
use queue::JobError;
use serde_json::{Value, json};

use super::{Ending, FRESH_FOR, ITEMS, LOOK_AGAIN, after, begin_anew, end, holds_items, store};
use crate::Context;
use crate::graph::Class;
use crate::incidents::outlet as incident;
use crate::outlet::{Error, Outlet, Rest};
use crate::reason::Reason;
use crate::throttles::{MANY, spread};

/// The outlet knows no such name.
const UNKNOWN: Reason = Reason {
    word: Class::NotFound.as_str(),
    message: "The legacy source does not know this account or hashtag.",
    advice: "Check its spelling, or connect the account.",
};

/// The outlet is not there, fails, or answers nonsense.
pub(crate) const AWAY: Reason = Reason {
    word: Class::Transient.as_str(),
    message: "The legacy source could not be read.",
    advice: "Nothing is wrong on your side; it is tried again by itself.",
};

/// The outlet does not let us in, or there is none.
const REFUSED: Reason = Reason {
    word: Class::AppMisconfigured.as_str(),
    message: "The legacy source is not set up for this service.",
    advice: "The operator of this service has to look at OUTLET_URL.",
};

/// Fetches a feed from the outlet.
pub(crate) async fn fetch(ctx: &Context, feed: &feed::Model) -> Result<(), JobError> {
    let Some(outlet) = &ctx.outlet else {
        return give_up(ctx, feed, Ending::Refused(REFUSED, LOOK_AGAIN)).await;
    };
    if let Some(rest) = Rest::now(&ctx.db.read, ctx.now()).await? {
        return park(ctx, feed, rest).await;
    }
    let Some(_hand) = outlet.hand() else { return Err(comes_again(ctx, feed).await?) };
    match outlet.feed(&feed.key, ITEMS).await {
        Ok(body) => {
            answered(ctx, outlet).await?;
            keep(ctx, feed, &body).await
        }
        Err(error) => {
            tracing::warn!(feed_id = feed.id, %error, "feed not read from the outlet");
            failed(ctx, outlet, feed, error).await
        }
    }
}

/// Keeps a body, unless it is an empty page where there were items.
async fn keep(ctx: &Context, feed: &feed::Model, body: &Value) -> Result<(), JobError> {
    let is_empty = body["data"].as_array().is_none_or(Vec::is_empty);
    if is_empty && body["account"]["media_count"] != json!(0) && holds_items(feed) {
        return give_up(ctx, feed, Ending::Refused(Class::Ambiguous.into(), FRESH_FOR)).await;
    }
    store(ctx, feed, body, None).await
}

/// Decides what a failure means: for this feed, and for all that the outlet serves.
async fn failed(ctx: &Context, outlet: &Outlet, feed: &feed::Model, error: Error) -> Result<(), JobError> {
    match &error {
        Error::Unknown => {
            answered(ctx, outlet).await?;
            return give_up(ctx, feed, Ending::Refused(UNKNOWN, LOOK_AGAIN)).await;
        }
        Error::Limited { retry_after } => {
            let rest = Rest { until: after(ctx.now(), *retry_after), is_limit: true };
            rest.begin(&ctx.db.write, ctx.now()).await?;
            return park(ctx, feed, rest).await;
        }
        Error::Away { .. } | Error::Malformed { .. } | Error::Refused { .. } => {}
    }
    if let Some((rest, goes_on)) = outlet.failed(&feed.id, ctx.now()) {
        rest.begin(&ctx.db.write, ctx.now()).await?;
        if goes_on {
            incident::failed(ctx, error.class()).await?;
        }
        if error.class() == Class::Transient {
            return park(ctx, feed, rest).await;
        }
    }
    match error {
        Error::Refused { .. } => give_up(ctx, feed, Ending::Refused(REFUSED, LOOK_AGAIN)).await,
        error => Err(error.into()),
    }
}

async fn answered(ctx: &Context, outlet: &Outlet) -> Result<(), JobError> {
    outlet.answered();
    Ok(incident::answered(ctx).await?)
}

/// Lets a feed wait in its row until the outlet is asked again; those that wait leave one by one.
async fn park(ctx: &Context, feed: &feed::Model, rest: Rest) -> Result<(), JobError> {
    let until = rest.until + spread(&feed.id, number(ctx).await?);
    let ending =
        if rest.is_limit { Ending::Limited(until, WaitsFor::Limit) } else { Ending::Refused(AWAY, until - ctx.now()) };
    give_up(ctx, feed, ending).await
}

/// The outcome where all hands are at work: who waits for a first body comes again at once, the others one by one.
async fn comes_again(ctx: &Context, feed: &feed::Model) -> Result<JobError, JobError> {
    const WHY: &str = "the outlet is being asked by all hands that there are";
    if feed.unfinished_run().is_some() {
        return Ok(begin_anew(WHY));
    }
    let wait = spread(&feed.id, number(ctx).await?);
    Ok(JobError::retry_after(wait.to_std().unwrap_or_default(), anyhow::anyhow!(WHY)))
}

/// How many feeds the outlet serves that do not sleep, as far as that matters.
async fn number(ctx: &Context) -> Result<u64, JobError> {
    Ok(feed::Entity::awake_from(&ctx.db.read, Source::Outlet, MANY).await?)
}

async fn give_up(ctx: &Context, feed: &feed::Model, ending: Ending) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    end(ctx, &tx, feed, &ending).await?;
    tx.commit().await?;
    Ok(())
}
