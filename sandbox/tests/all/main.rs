//! The sandbox, asked over HTTP as the product asks it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allowances;
mod batch;
mod cdn;
mod clients;
mod dialog;
mod door;
mod faults;
mod feed;
mod hashtag_allowance;
mod hashtags;
mod mail;
mod nodes;
mod on_x;
mod outlet;
mod page;
mod slack;
mod stand;
mod tokens;
mod users;
mod x_media;
mod x_posts;
mod x_tokens;
