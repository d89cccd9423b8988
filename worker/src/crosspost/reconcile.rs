//! Finding out whether X has posted something, where its answer was lost or says that it is there already.

use chrono::{DateTime, TimeDelta, Utc};
use entities::crosspost_delivery::{self, Model, State};
use entities::incident::Kind;
use queue::JobError;
use unicode_normalization::UnicodeNormalization as _;

use super::ended;
use super::files::Skip;
use super::trouble::{Step, TOLD_AFTER, met, put_off, tries_again, works};
use crate::Context;
use crate::graph::Class;
use crate::x::Error;
use crate::x_accounts::{Granted, trouble};

/// So long after X was asked to post its list of posts is believed: what it was asked is done, or never will be.
pub(super) const SETTLES: TimeDelta = TimeDelta::seconds(30);
/// X's clock may be behind ours by so much.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);
/// What was asked for is posted, or never will be, so soon after the asking; what comes later is something else.
const ANSWERS_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// So often X may refuse to say, over so long; afterwards nobody asks, and the next media has its turn.
const MOST_LOOKS: i32 = 8;
/// See [`MOST_LOOKS`].
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::hours(24);
/// So often a media is not there that X was asked to post and did not refuse, which is two days; then it is the media's fault.
const MOST_MISSED: i32 = 48;

/// Looks whether a media is there that X was asked to post, and keeps what was found.
pub(super) async fn look(ctx: &Context, granted: &Granted, row: &Model) -> Result<Step, JobError> {
    let (now, attempt) = (ctx.now(), (row.id.as_str(), row.attempts));
    let asked_at = row.posting_at.unwrap_or(row.planned_at);
    if now < asked_at + SETTLES {
        return Err(JobError::retry_at(asked_at + SETTLES, anyhow::anyhow!("X may still be posting it")));
    }
    let until = asked_at + ANSWERS_WITHIN;
    let text = row.text.as_deref().unwrap_or_default();
    match find(ctx, granted, text, (asked_at, Some(until).filter(|until| *until + SETTLES < now))).await? {
        Ok(Some(x_post_id)) => posted(ctx, granted, attempt, (Some(&x_post_id), asked_at)).await,
        Ok(None) if row.missed + 1 >= MOST_MISSED => {
            tracing::warn!(delivery_id = row.id, "X neither posts nor refuses a media");
            ended::asked(ctx, attempt, (State::Failed, Some("refused"), None)).await?;
            Ok(Step::Next)
        }
        Ok(None) => {
            crosspost_delivery::Entity::is_missed(&ctx.db.write, attempt, "X was asked and has not posted it").await?;
            if row.missed + 1 >= TOLD_AFTER {
                trouble::failed(ctx, (Kind::XPosts, Class::Transient), Some(&granted.account.id)).await?;
            }
            if row.missed > 0 {
                let again = tries_again(now, row.missed);
                crosspost_delivery::Entity::put_off(&ctx.db.write, &row.id, "X does not post it", again).await?;
                return Err(JobError::retry_at(again, anyhow::anyhow!("X does not post a media")));
            }
            Ok(Step::Next)
        }
        Err(error) if is_refused(&error) && row.failures >= MOST_LOOKS && asked_at + GIVEN_UP_AFTER <= now => {
            tracing::warn!(delivery_id = row.id, %error, "nobody knows whether a media was posted to X");
            trouble::failed(ctx, (Kind::XPosts, error.class()), Some(&granted.account.id)).await?;
            let unknown = (State::Unknown, Some("no_answer"), None);
            ended::asked(ctx, attempt, unknown).await?;
            Ok(Step::Next)
        }
        Err(error) => met_in_doubt(ctx, granted, row, error).await,
    }
}

/// X says that it has a post like this already. That is this one, unless it is another media's that says the same.
pub(super) async fn is_there(
    ctx: &Context,
    granted: &Granted,
    (row, text): (&Model, &str),
    attempt: (&str, i32),
) -> Result<Step, JobError> {
    let found = find(ctx, granted, text, (row.planned_at, None)).await?.unwrap_or_default();
    let another = (granted.account.id.as_str(), text);
    if found.is_none() && crosspost_delivery::Entity::is_posted(&ctx.db.read, another, &row.id).await? {
        let skipped = (State::Skipped, Some(Skip::SameText.as_str()), None);
        ended::asked(ctx, attempt, skipped).await?;
        return Ok(Step::Next);
    }
    posted(ctx, granted, attempt, (found.as_deref(), row.planned_at)).await
}

/// Finds the post that says this among those that the account made in a time.
async fn find(
    ctx: &Context,
    granted: &Granted,
    text: &str,
    (since, until): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<Result<Option<String>, Error>, JobError> {
    let x_user_id = &granted.account.x_user_id;
    let posts = match granted.x.newest_posts(&granted.token, x_user_id, (since - CLOCKS_DIFFER, until)).await {
        Ok(posts) => posts,
        Err(error) => return Ok(Err(error)),
    };
    let text = essence(text);
    let alike: Vec<_> = posts.iter().filter(|post| essence(&post.text) == text).collect();
    let ids = alike.iter().map(|post| post.id.as_str());
    let others = crosspost_delivery::Entity::of_posts(&ctx.db.read, ids).await?;
    // The earliest: what came later may be a person's.
    let own = alike.into_iter().rev().find(|post| !others.contains(&post.id));
    Ok(Ok(own.map(|post| post.id.clone())))
}

/// What of a text X leaves as it is: it writes links in full, and spaces otherwise.
fn essence(text: &str) -> String {
    let text: String = text.nfc().filter(|char| !char.is_whitespace() && *char != '/').collect();
    text.replace("https:", "").replace("http:", "")
}

async fn posted(
    ctx: &Context,
    granted: &Granted,
    attempt: (&str, i32),
    (x_post_id, asked_at): (Option<&str>, DateTime<Utc>),
) -> Result<Step, JobError> {
    ended::asked(ctx, attempt, (State::Posted, None, x_post_id)).await?;
    works(ctx, granted, asked_at).await?;
    Ok(Step::Next)
}

/// Whether it is X itself that does not say, and nothing that passes.
const fn is_refused(error: &Error) -> bool {
    matches!(error, Error::Duplicate(_) | Error::NotFound(_) | Error::Rejected(_) | Error::Forbidden(_))
}

/// As [`met`], of a media that may be there: whatever X says of the question decides nothing about it.
async fn met_in_doubt(ctx: &Context, granted: &Granted, row: &Model, error: Error) -> Result<Step, JobError> {
    if is_refused(&error) {
        return Err(put_off(ctx, row, error).await?);
    }
    met(ctx, granted, row, error).await
}

#[cfg(test)]
mod tests {
    use super::essence;

    #[test]
    fn a_text_is_known_again_as_x_tells_it() {
        for (sent, told) in [
            ("see example.com\n\nnow", "see http://example.com now"),
            ("https://a.example", "https://a.example/"),
            ("e\u{301}", "é"),
            ("", ""),
        ] {
            assert_eq!(essence(sent), essence(told));
        }
        assert_ne!(essence("one"), essence("two"));
    }
}
