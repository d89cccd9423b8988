//! The kill matrix: a deployment under a stream of real work, whose parts are killed, stopped, paused, restarted and cut off
//! at random moments, with the stand-in's own record of calls as the judge.
//!
//! `cluster/matrix.rs` runs a short one as a test, `scale/matrix.rs` one of any length by hand. [`Matrix`] goes round by
//! round: work comes in ([`Stream`]) while faults are injected ([`Injector`]); then all of it has to end, and [`Ledger`]
//! counts at Meta what was done and what was done again.
//!
//! [`flushall`] is the one fault that takes all that waits with it, at a moment that is chosen; [`on_x`] kills workers at chosen
//! steps of their way to X.

mod dice;
mod fault;
mod flushall;
mod inject;
mod ledger;
mod matrix;
mod on_x;
mod report;
mod stream;
mod timer;
mod work;

pub(crate) use dice::Dice;
pub(crate) use fault::Fault;
pub(crate) use flushall::flushall;
pub(crate) use matrix::Matrix;
pub(crate) use on_x::killed_on_x;

use inject::Injector;
use ledger::Ledger;
use report::Report;
use stream::Stream;
