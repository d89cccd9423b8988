//! A deployment as it runs for others: several processes on one Redis and one database. Needs `redis-server`.

mod bench;
mod boot;
mod browser;
mod clocks;
mod flow;
mod flush;
mod forgotten;
mod kills;
mod losses;
mod matrix;
mod on_x;
mod operator_on_redis;
mod poison;
mod postgres;
mod queues;
mod schedules;
mod suspended;
mod tls;
