//! What a person sees, in headless Chromium.

pub(crate) mod connect;
mod crosspost;
mod demo;
mod letter;
mod migration;
mod stand_in;
mod widget;
