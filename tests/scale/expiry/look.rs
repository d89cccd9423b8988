//! `expiring-million`: what one look costs a worker, in time and memory, by how many installs there are.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::expiry_scan::{install_many, plans};
use crate::harness::{Cluster, Postgres, PostgresServer};
use crate::wishes::Wishes;

const LOOKS_EVERY: TimeDelta = TimeDelta::hours(8);

pub(crate) async fn run(mut wishes: Wishes) {
    let mut count = |name, usual| usize::try_from(wishes.take(name, usual)).expect("a count");
    let (installs, due) = (count("installs", 1_000_000), count("due", 20_000));
    wishes.end();
    println!("| database | installs | due | time | memory before | at most |\n|---|---|---|---|---|---|");
    let server = PostgresServer::start();
    for installs in [installs / 10, installs] {
        for database in ["SQLite", "PostgreSQL"] {
            let postgres = match database {
                "SQLite" => None,
                _ => Some(Postgres::on(&server.url).await),
            };
            let cost = look(Cluster::prepare_on(postgres).await, installs, due).await;
            println!("| {database} | {installs} | {due} | {cost}");
        }
    }
}

/// Has one worker look through so many.
async fn look(mut cluster: Cluster, installs: usize, due: usize) -> String {
    let (db, now) = (cluster.db().await, cluster.now().await);
    install_many(&db, now, installs, installs / due).await;
    cluster.redis.start();
    let smtp = cluster.stand_ins.smtp().await;
    let env = [
        ("SMTP_URL", smtp.as_str()),
        ("MAIL_FROM", "feeds@example.com"),
        ("EXPIRY_SCAN", "0 0 */8 * * *"),
        // Nothing is mailed: what it costs to look is asked.
        ("QUEUES", "default"),
    ];
    cluster.add_worker(&env).await;
    let before = peak_kb(cluster.workers[0].id(), true);
    let tick = now.duration_trunc(LOOKS_EVERY).expect("a time") + LOOKS_EVERY;
    cluster.stand_ins.advance((tick + TimeDelta::seconds(5) - now).num_seconds()).await;
    let said = cluster.workers[0].says("looked for connections that end").await;
    assert!(said.contains(&format!("near={due}")), "{said}");
    let began = cluster.workers[0].says("tick schedule=\"scan_expiring_installs\"").await;
    let time = |line: &str| line.split_whitespace().next().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let (began, end) = time(&began).zip(time(&said)).expect("each line has its time");
    let took = (end - began).num_milliseconds();
    let most = peak_kb(cluster.workers[0].id(), false);
    let [near, killed] = plans(&db, cluster.now().await).await;
    println!("near:\n{near}\nkilled:\n{killed}");
    format!("{took} ms | {} MB | {} MB |", before / 1_000, most / 1_000)
}

/// The most memory that a process has held (`VmHWM`); from now on, if it is to begin anew.
fn peak_kb(process: u32, begin: bool) -> u64 {
    if begin {
        std::fs::write(format!("/proc/{process}/clear_refs"), "5").expect("begun anew");
    }
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
