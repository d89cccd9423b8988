//! The work: one file per job, one folder per outside service.
//!
//! | module | is |
//! |---|---|
//! | [`jobs`] | what can be asked for: one file per job, and the list of them |
//! | `alerts` | what the operator is told, when, and by which way |
//! | [`crosspost`] | what of an account's media is posted to X, as what, and what became of it |
//! | [`diagnosis`] | what is wrong with an install: the doubt, the evidence, the verdict |
//! | [`exchange`] | the parts of `exchange_token`: its input, its choice of a Page, its checks, its refusals |
//! | `expiry` | when connections end, and how their owners are told |
//! | [`explain`] | what one answer of Meta means, who acts, and how |
//! | [`feed_body`] | the shape in which accounts and media are kept and answered |
//! | `feeds` | how `fetch_feed` reads an account's feed, and a hashtag's |
//! | [`incidents`] | what fails for everybody, and for one account alone: from first sight until it is over |
//! | `insist` | writing what nobody gets twice, past a database that is away |
//! | `hashtags` | which account a hashtag is asked for with, and the ledger of that |
//! | `loopback` | whether an address is on this machine |
//! | [`media_address`] | what the address of a picture tells: when it ends |
//! | [`migrating`] | moving old apps off the outlet: who takes part, and where each feed comes from |
//! | `names` | what goes along with an account's new name, and what goes |
//! | [`letters`] | what owners are told about the end of a connection, in their language |
//! | `page_token` | opening an install's Page token, and what it means that one does not open |
//! | `forgetting` | what somebody wants forgotten, and the requests that Meta signs |
//! | [`graph`] | Meta's Graph API: one client, one `send`, one error type |
//! | [`slack`] | Slack: one webhook, one way to say something there |
//! | [`mail`] | the mail server: one way to hand a mail over |
//! | [`outlet`] | the legacy outlet: one way to ask it, one error type, and when it is left alone |
//! | [`download`] | files and other foreign addresses: one way to fetch them, with its rules |
//! | [`throttles`] | the keys that Meta counts our calls by, and the gate before each call |
//! | [`x`] | X: one client, one `send`, one error type |
//! | `x_accounts` | connecting accounts on X, and keeping their tokens alive |
//! | `context` | [`Context`]: everything that a job may touch |
//! | [`reason`] | why a feed is not served, in words |
//! | `failure` | how an outside service's error becomes a job's outcome: written once, here |

mod alerts;
mod context;
pub mod crosspost;
pub mod diagnosis;
pub mod download;
pub mod exchange;
mod expiry;
pub mod explain;
mod failure;
pub mod feed_body;
mod feeds;
mod forgetting;
pub mod graph;
mod hashtags;
pub mod incidents;
mod insist;
pub mod jobs;
#[cfg(test)]
mod kept_log;
pub mod letters;
mod loopback;
pub mod mail;
pub mod media_address;
pub mod migrating;
mod names;
pub mod outlet;
mod page_token;
pub mod reason;
pub mod slack;
pub mod throttles;
#[cfg(test)]
mod unseen_tests;
pub mod x;
mod x_accounts;

pub use alerts::Operator;
pub use context::Context;
pub use expiry::Owners;
pub use loopback::is_loopback;
