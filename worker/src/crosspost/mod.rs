//! Cross-posts: what of an Instagram account's media is posted to X, as what, and what became of it.
//!
//! | file | is |
//! |---|---|
//! | [`text`] | the text of a post |
//! | `seen` | what an account's feed shows: what is new, what is history, what is gone |
//! | `standing` | how a cross-post stands, and what it waits for |
//! | `files`, `upload` | which files a post has, and how X gets them |
//! | `demand`, `plan` | what is demanded of feeds, and what is planned from what they show |
//! | `missed` | what they do not show any more |
//! | `post`, `reconcile`, `trouble` | one media on its way to X, and what may come in between |
//! | `ended` | what became of it in the end |
//! | `preview` | what would be posted next, as what, and why the others are not |

mod demand;
mod ended;
mod files;
mod missed;
mod plan;
mod post;
mod preview;
mod reconcile;
mod seen;
mod standing;
pub mod text;
mod trouble;
mod upload;

pub use demand::demand;
pub(crate) use plan::{note_gone, plan};
pub(crate) use post::step;
pub use preview::{Next, Other, Preview, preview};
pub use seen::Seen;
pub use standing::{Standing, Wait};
pub(crate) use trouble::Step;
