//! What the operator reads: pure. No token, no caption, nothing of Meta's own text; what others named (accounts, apps) is
//! cut short.

use chrono::{DateTime, Utc};
use entities::incident::{self, Scope};

use super::{Alert, words};
use crate::diagnosis::Verdict;
use crate::graph::{WhoActs, scrub};
use crate::incidents::UNSEEN;

/// How many accounts, apps or incidents are named; the others are counted.
pub(crate) const NAMED: usize = 10;
/// How much of a name is shown.
const NAME: usize = 60;

/// An incident, and whom it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The incident.
    pub(crate) incident: incident::Model,
    /// How many accounts it has met.
    pub(crate) installs: usize,
    /// The names of some of them.
    pub(crate) accounts: Vec<String>,
    /// The apps that use them.
    pub(crate) apps: Vec<String>,
    /// Whether none of those that it has met is connected any more: then nothing is read again.
    pub(crate) have_ended: bool,
}

impl Told {
    fn verdict(&self) -> Option<Verdict> {
        let verdict = self.incident.verdict.clone()?;
        serde_json::from_value(verdict).inspect_err(|error| tracing::warn!(%error, "a verdict cannot be read")).ok()
    }

    /// Whether an account's incident was closed because nobody met it any more: no success is known.
    fn is_unseen(&self) -> bool {
        let incident = &self.incident;
        let unseen_for = incident.closed_at.map(|at| at - incident.last_seen_at);
        incident.scope == Scope::Account && !incident.kind.is_of_x() && unseen_for.is_some_and(|long| long >= UNSEEN)
    }

    /// What is wrong, and where, in a few words.
    fn headline(&self) -> String {
        let (fails, refusal) = (words::fails(self.incident.kind), words::refusal(&self.incident));
        match (self.incident.scope, self.accounts.first()) {
            (Scope::Account, Some(account)) => format!("@{}: {fails} ({refusal})", short(account)),
            (Scope::Account, None) => format!("One account: {fails} ({refusal})"),
            (Scope::App, _) if self.installs == 0 => format!("All: {fails} ({refusal})"),
            (Scope::App, _) => format!("{}: {fails} ({refusal})", words::number(self.installs, "account")),
        }
    }

    /// Whom it concerns.
    fn radius(&self) -> String {
        let accounts: Vec<_> = self.accounts.iter().map(|account| format!("@{account}")).collect();
        if self.installs == 0 {
            return "no connected account is concerned".to_owned();
        }
        let concerned = words::number(self.installs, "account");
        let apps = match self.apps.len() {
            0 => "no app uses them".to_owned(),
            count => format!("{}: {}", words::number(count, "app"), listed(&self.apps, count)),
        };
        format!("{concerned} ({}); {apps}", listed(&accounts, self.installs))
    }

    /// What is known, and who does what about it.
    fn findings(&self) -> Vec<String> {
        let Some(verdict) = self.verdict() else {
            let (means, next_step) = words::unexplained(&self.incident);
            let yet = if words::is_looked_into(&self.incident) { "none yet. " } else { "" };
            return vec![format!("Verdict: {yet}{means}"), format!("Next step: {next_step}")];
        };
        let points = |name: &str, list: &[String]| {
            let points = list.iter().map(|point| format!("• {}", scrub(point)));
            if list.is_empty() { Vec::new() } else { [format!("{name}:")].into_iter().chain(points).collect() }
        };
        let mut lines = vec![format!("Verdict: {}", scrub(&verdict.summary))];
        lines.extend(points("Ruled out", &verdict.ruled_out));
        lines.extend(points("It can still be", &verdict.remains));
        lines.push(format!("Next step{}: {}", whose(verdict.who_acts), scrub(&verdict.next_step)));
        lines
    }

    /// One line, for lists.
    fn line(&self, now: DateTime<Utc>) -> String {
        let lasts = words::duration(now - self.incident.opened_at);
        let next_step = match self.verdict() {
            Some(verdict) => scrub(&verdict.next_step),
            None => words::unexplained(&self.incident).1.to_owned(),
        };
        format!("• {}, for {lasts}; {}. Next step: {next_step}", self.headline(), self.radius())
    }

    fn reference(&self) -> String {
        let trace = self.incident.fbtrace_id.as_deref().filter(|trace| is_plain(trace));
        let trace = trace.map(|trace| format!(", fbtrace_id {trace}")).unwrap_or_default();
        format!("Incident {}{trace}", self.incident.id)
    }
}

/// Says that an incident began.
pub(crate) fn opening(told: &Told) -> Alert {
    let incident = &told.incident;
    let mut lines = vec![format!("Since {}; {}.", words::time(incident.opened_at), told.radius())];
    lines.extend(told.findings());
    if incident.pauses() {
        lines.push(
            "Meanwhile: the last good feeds are served, owners get no mail about it, and a few accounts are tried at least \
             every 30 minutes. You hear when it is over, and once a day until then."
                .to_owned(),
        );
    }
    lines.push(told.reference());
    Alert { name: format!("began-{}", incident.id), subject: told.headline(), text: lines.join("\n") }
}

/// Says that an incident is over.
pub(crate) fn closing(told: &Told, now: DateTime<Utc>) -> Alert {
    let incident = &told.incident;
    let (began, ended) = (incident.opened_at, incident.closed_at.unwrap_or(now));
    let whose = match (incident.scope, told.accounts.first()) {
        (Scope::Account, Some(account)) => format!("@{}: ", short(account)),
        _ => String::new(),
    };
    let lasted = words::duration(ended - began);
    let failures = usize::try_from(incident.failures).unwrap_or_default();
    let lines = [
        format!("From {} to {}; {}.", words::time(began), words::time(ended), told.radius()),
        format!(
            "It was {}; {} failed. {}",
            words::refusal(incident),
            words::number(failures, "call"),
            match (told.have_ended, incident.kind.is_of_x()) {
                (true, _) => "Who is to go on connects again.",
                (false, true) => "What was to be posted is posted now.",
                (false, false) if told.is_unseen() => "Nobody asks for it now; if it still fails, you hear of it anew.",
                (false, false) => "Feeds catch up by themselves.",
            }
        ),
        told.reference(),
    ];
    let works = if told.have_ended {
        "what it met is not connected any more"
    } else if told.is_unseen() {
        "nobody has met it for a day"
    } else {
        words::works(incident.kind)
    };
    let subject = format!("Over after {lasted}: {whose}{works}");
    Alert { name: format!("over-{}", incident.id), subject, text: lines.join("\n") }
}

/// Says in one message that many began, or are over; `more` are not among them.
pub(crate) fn gathered(is_over: bool, told: &[Told], more: usize, now: DateTime<Utc>) -> Alert {
    let count = words::number(told.len() + more, "incident");
    let (word, happened) = if is_over { ("over", "are over") } else { ("began", "began") };
    let first = told.first().map(|told| told.incident.id.clone()).unwrap_or_default();
    let name = format!("{word}-{first}-and-{}", (told.len() + more).saturating_sub(1));
    Alert { name, subject: format!("{count} of single accounts {happened}"), text: list(told, more, now) }
}

/// Reminds of what lasts; `more` are not among them.
pub(crate) fn digest(told: &[Told], more: usize, now: DateTime<Utc>) -> Alert {
    let count = words::number(told.len() + more, "incident");
    let subject = format!("Still open: {count}");
    Alert { name: format!("open-{}", now.timestamp()), subject, text: list(told, more, now) }
}

fn list(told: &[Told], more: usize, now: DateTime<Utc>) -> String {
    let mut lines: Vec<_> = told.iter().map(|told| told.line(now)).collect();
    if more > 0 {
        lines.push(format!("… and {more} more: `GET /v1/installs` shows each account's."));
    }
    lines.join("\n")
}

/// The first of these, and how many more there are.
fn listed(names: &[String], count: usize) -> String {
    let shown: Vec<_> = names.iter().take(NAMED).map(|name| short(name)).collect();
    match count.saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A name that others gave.
fn short(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}

const fn whose(who: WhoActs) -> &'static str {
    match who {
        WhoActs::Nobody => "",
        WhoActs::Owner => " (the account's owner)",
        WhoActs::Operator => " (you)",
        WhoActs::Developer => " (who maintains this service)",
    }
}

fn is_plain(trace: &str) -> bool {
    trace.len() <= 64 && trace.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
