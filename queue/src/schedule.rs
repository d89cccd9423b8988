//! Schedules.
use crate::store::NewJob;
/// Is one line of the timetable.
#[derive(Clone)]
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) cron: cron::Schedule,
    pub(crate) job: NewJob,
}
