//! A deployment as it runs for others: several processes on one Redis and one database. Needs `redis-server`.

mod boot;
mod browser;
mod flow;
mod kills;
mod losses;
mod postgres;
mod queues;
mod schedules;
