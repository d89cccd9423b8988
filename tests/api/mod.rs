//! One file per route.

mod apps;
mod connect;
mod exchange;
mod feed;
mod health;
mod jobs;
