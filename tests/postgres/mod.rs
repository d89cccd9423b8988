//! What makes sense on PostgreSQL alone: connections that break, answers that are lost, locks, and its own schema.
//! `tests/run` starts a server; by hand `TEST_DATABASE_URL` names one.

mod breaking;
mod locks;
mod lost_answers;
mod schema;
mod secrets;
