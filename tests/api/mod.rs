//! One file per route.

mod apps;
mod auth;
mod connect;
mod cors;
mod crossposts;
mod disconnect;
mod every_route;
mod exchange;
mod feed;
mod health;
mod installs;
mod jobs;
mod letters;
mod meta;
mod migration;
mod openapi;
mod pages;
mod previews;
mod reconnect;
mod tickets;
mod widget;
mod x_accounts;
