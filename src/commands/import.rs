//! `feedkeeper import`: apps that exist already, registered from a file of JSON Lines.

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use api::Import;
use clap::Args;
use entities::{Db, import, import_refusal};
use indicatif::{ProgressBar, ProgressStyle};
use queue::clock::{Clock, SystemClock};
use serde_json::json;

use super::queue::Hands;
use super::{migrate, say, stop_signal};
use crate::config::{Auth, Config, Env};

/// The most refusals of one look into the database.
const PAGE: u64 = 500;

/// What is imported.
#[derive(Args, Debug)]
pub(crate) struct Source {
    /// One JSON object a line: the fields of `PUT /v1/apps/{app_id}`, and `app_id`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Lists the bad lines as one JSON object each
    #[arg(long)]
    json: bool,
}

/// Imports it, from where it was left.
pub(crate) async fn run(env: &Env, source: &Source) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
    // Whether there is an outlet is nothing to an app that is saved.
    let terms = config.migrating(false);
    let db = migrate::open_existing(&config).await?;
    let stop = stop_signal()?;
    // The queue knows what time it is for the service; without one it is ours.
    let clock_offset = Hands::on(env).await.map_or_else(|_| SystemClock.now(), |hands| hands.now) - SystemClock.now();
    let now = || SystemClock.now() + clock_offset;

    let mut import = Import::open(&db, &source.file, now()).await?;
    let bar = Progress::new(&import);
    loop {
        bar.show(import.progress());
        if stop.is_cancelled() {
            bar.end();
            anyhow::bail!("stopped behind line {}; the same command goes on there", import.progress().lines);
        }
        if !import.step(&db, &terms, now()).await? {
            break;
        }
    }
    bar.end();
    let import::Model { file, lines, made, changed, refused, .. } = import.progress();
    list_refused(&db, file, source.json).await?;
    tell(&format!("{lines} lines: {made} apps are new, {changed} were known, {refused} lines are bad"));
    anyhow::ensure!(
        *refused == 0,
        "{refused} of {lines} lines were not imported; each is listed on stdout with its fix: mend them and import them again"
    );
    Ok(())
}

/// Lists the lines that were refused, whichever run met them: so each is told once when the end is reached.
async fn list_refused(db: &Db, file: &str, as_json: bool) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let page = import_refusal::Entity::page(&db.read, file, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.line;
        for refused in &page {
            say(&if as_json { object(refused) } else { format!("line {}: {}", refused.line, refused.detail) });
        }
    }
}

fn object(refused: &import_refusal::Model) -> String {
    let import_refusal::Model { line, code, detail, .. } = refused;
    // The detail begins with the field, where it is about one.
    let field = detail.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(field, _)| field);
    json!({"line": line, "field": field, "code": code, "detail": detail}).to_string()
}

/// How far the import is: a bar for who looks on, and a line for each tenth where nobody does.
struct Progress {
    bar: ProgressBar,
    size: u64,
    tenth: std::cell::Cell<u64>,
}

impl Progress {
    fn new(import: &Import) -> Self {
        let at = import.progress();
        if at.lines > 0 && u64::try_from(at.bytes) == Ok(import.size()) {
            tell("all of it was imported before: nothing is written");
        } else if at.lines > 0 {
            tell(&format!("going on behind line {}: up to there it was imported before", at.lines));
        }
        let bar = ProgressBar::new(import.size());
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3}%  {msg}  {eta:>4} left") {
            bar.set_style(style);
        }
        let this = Self { bar, size: import.size().max(1), tenth: std::cell::Cell::new(0) };
        this.tenth.set(this.tenth_of(at));
        this
    }

    fn tenth_of(&self, at: &import::Model) -> u64 {
        u64::try_from(at.bytes).unwrap_or_default().saturating_mul(10) / self.size
    }

    fn show(&self, at: &import::Model) {
        self.bar.set_position(u64::try_from(at.bytes).unwrap_or_default());
        let message = format!("{} lines, {} bad", at.lines, at.refused);
        let tenth = self.tenth_of(at);
        if !std::io::stderr().is_terminal() && tenth > self.tenth.replace(tenth) {
            tell(&format!("{}%: {message}", tenth * 10));
        }
        self.bar.set_message(message);
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Writes one line to stderr, for whoever is watching.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
