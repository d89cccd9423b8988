//! What a worker knows: the jobs by name.

use std::{collections::HashMap, time::Duration};

use futures_util::future::BoxFuture;

use crate::{error::JobError, job::Job, outcome::Death};

/// Is a decoded job whose type is forgotten.
pub(crate) trait Work<C>: Send + Sync {
    fn perform<'a>(&'a self, ctx: &'a C) -> BoxFuture<'a, Result<(), JobError>>;
    fn on_dead<'a>(&'a self, ctx: &'a C, reason: &'a Death) -> BoxFuture<'a, Result<(), JobError>>;
}

impl<J: Job> Work<J::Context> for J {
    fn perform<'a>(&'a self, ctx: &'a J::Context) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(Job::perform(self, ctx))
    }

    fn on_dead<'a>(&'a self, ctx: &'a J::Context, reason: &'a Death) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(Job::on_dead(self, ctx, reason))
    }
}

/// Reads a payload.
type Decode<C> = fn(&str) -> Result<Box<dyn Work<C>>, serde_json::Error>;

/// Is what a worker has to know of a kind of job.
pub(crate) struct Kind<C> {
    pub(crate) attempts: u32,
    pub(crate) timeout: Duration,
    pub(crate) max_age: Duration,
    pub(crate) decode: Decode<C>,
}

impl<C> Clone for Kind<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Kind<C> {}

impl<C> Kind<C> {
    pub(crate) fn of<J: Job<Context = C>>() -> Self {
        Self {
            attempts: J::ATTEMPTS,
            timeout: J::TIMEOUT,
            max_age: J::MAX_AGE,
            decode: |payload| Ok(Box::new(serde_json::from_str::<J>(payload)?)),
        }
    }
}

/// Is every kind of job that a worker knows, by name.
pub(crate) type Registry<C> = HashMap<&'static str, Kind<C>>;
