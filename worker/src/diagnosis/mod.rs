//! What is wrong with an install: a failure raises a doubt, calls gather evidence, and from that comes a verdict in plain
//! words. It is kept in `diagnoses`, and shown to whoever may see the install.
//!
//! | file | is |
//! |---|---|
//! | `doubt` | whether a failure is looked into, and when |
//! | `evidence` | what is known of an install, and how it is asked for |
//! | `others` | how many other accounts fail alike |
//! | `verdict` | from the evidence to the verdict: pure |
//! | `words` | what a verdict says, in plain words |

mod doubt;
mod evidence;
mod others;
mod verdict;
mod words;

pub(crate) use doubt::doubt;
pub(crate) use evidence::{Evidence, gather};
pub(crate) use others::Others;
pub use verdict::{Verdict, Word};
pub(crate) use verdict::{verdict, verdict_for_all};

use chrono::{DateTime, Utc};
use entities::diagnosis;
use queue::JobError;

use crate::Context;
pub use crate::graph::WhoActs;

/// Returns what is known of an install's trouble, in the light of how many others fail alike now; `None`: nothing yet.
pub(crate) fn judged(known: &diagnosis::Model, others: Others) -> Option<Evidence> {
    let evidence = serde_json::from_value::<Evidence>(known.evidence.clone()?).ok()?;
    Some(Evidence { others, ..evidence })
}

/// Has doubted installs confirmed one by one, each at its time, however many others fail alike: somebody has seen that
/// it is no incident of everybody's. Afterwards each is dead, or has its own verdict.
pub(crate) async fn confirm(ctx: &Context, installs: &[(String, DateTime<Utc>)]) -> Result<(), JobError> {
    for (install_id, at) in installs {
        diagnosis::Entity::look_into(&ctx.db.write, install_id, *at, ctx.now()).await?;
    }
    Ok(())
}
