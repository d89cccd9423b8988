//! What a day comes to: tables of how fresh the feeds were, by class and by allowance.

use std::fmt::Write;

use super::{Class, Feed, Outcome, Size};

/// Both days.
#[derive(Debug)]
pub(crate) struct Report {
    pub size: Size,
    pub feeds: Vec<Feed>,
    pub ours: Outcome,
    pub naive: Outcome,
}

impl Report {
    /// How old the feeds were that `which` picks, in minutes, sorted.
    pub(super) fn ages(&self, side: &Outcome, which: impl Fn(&Feed) -> bool) -> Vec<f64> {
        sorted(self.feeds.iter().filter(|feed| which(feed)).flat_map(|feed| side.ages(feed.number)).collect())
    }

    fn delays(&self, side: &Outcome, which: impl Fn(&Feed) -> bool) -> Vec<f64> {
        sorted(self.feeds.iter().filter(|feed| which(feed)).flat_map(|feed| side.delays(&self.size, feed)).collect())
    }

    /// Returns whether a feed is read with an account of the allowance with this number.
    pub(super) fn has(&self, allowance: usize) -> impl Fn(&Feed) -> bool {
        let number = self.size.allowances.len();
        move |feed| feed.account % number == allowance
    }

    /// The most that was used of any allowance, in per cent, and how many calls were refused.
    pub(crate) fn worst(side: &Outcome) -> (i64, i64) {
        let most = side.usage.iter().map(|(peak, _)| *peak).max();
        (most.unwrap_or(0), side.usage.iter().map(|(_, refused)| refused).sum())
    }

    /// Returns the age of the middle feed that is read with accounts of an allowance, ours and the poller's.
    pub(crate) fn middle(&self, allowance: usize) -> (f64, f64) {
        let of = |side| share(&self.ages(side, self.has(allowance)), 0.5);
        (of(&self.ours), of(&self.naive))
    }

    /// The tables, as Markdown.
    pub(crate) fn tables(&self) -> String {
        let mut text = String::from(
            "| feeds | number | reads a day | age, middle | age, 95 % | poller: reads a day | middle | 95 % |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        let mut classes: Vec<Class> = self.feeds.iter().map(|feed| feed.class).collect();
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            let which = |feed: &Feed| feed.class == class;
            let number = self.feeds.iter().filter(|feed| which(feed)).count();
            let [ours, naive] = [&self.ours, &self.naive].map(|side| self.cells(side, which));
            let _ = writeln!(text, "| {} | {number} | {ours} | {naive} |", words(class));
        }
        text.push_str(
            "\n| calls a day | accounts | used at most | refused | age, middle | poller: used at most | refused | middle |\n\
             |---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for (allowance, calls) in self.size.allowances.iter().enumerate() {
            let theirs = |side: &Outcome| {
                let usage = side.usage.iter().skip(allowance).step_by(self.size.allowances.len());
                let (peak, refused) =
                    usage.fold((0, 0), |(most, sum), (peak, refused)| (most.max(*peak), sum + refused));
                format!("{peak} % | {refused} | {}", time(share(&self.ages(side, self.has(allowance)), 0.5)))
            };
            let accounts = (0..self.size.accounts).skip(allowance).step_by(self.size.allowances.len()).count();
            let _ = writeln!(text, "| {calls} | {accounts} | {} | {} |", theirs(&self.ours), theirs(&self.naive));
        }
        text.push_str("\n| new posts of | until they are read, middle | 95 % | poller: middle | 95 % |\n|---|---:|---:|---:|---:|\n");
        for (name, is_busy) in [("busy accounts", true), ("quiet accounts", false)] {
            let which = |feed: &Feed| !feed.class.is_tag && feed.class.is_busy == is_busy;
            let [ours, naive] = [&self.ours, &self.naive].map(|side| {
                let delays = self.delays(side, which);
                format!("{} | {}", time(share(&delays, 0.5)), time(share(&delays, 0.95)))
            });
            let _ = writeln!(text, "| {name} | {ours} | {naive} |");
        }
        text
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of a day")]
    fn cells(&self, side: &Outcome, which: impl Fn(&Feed) -> bool) -> String {
        let numbers: Vec<usize> = self.feeds.iter().filter(|feed| which(feed)).map(|feed| feed.number).collect();
        let reads: usize = numbers.iter().map(|number| side.reads[*number].len()).sum();
        let a_day = reads as f64 / numbers.len() as f64 * 24.0 / self.size.hours as f64;
        let ages = self.ages(side, which);
        format!("{a_day:.0} | {} | {}", time(share(&ages, 0.5)), time(share(&ages, 0.95)))
    }
}

fn sorted(mut all: Vec<f64>) -> Vec<f64> {
    all.sort_unstable_by(f64::total_cmp);
    all
}

/// The value below which so large a share lies.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list"
)]
fn share(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

fn time(minutes: f64) -> String {
    if minutes < 90.0 { format!("{minutes:.0} min") } else { format!("{:.1} h", minutes / 60.0) }
}

fn words(class: Class) -> String {
    let kind = if class.is_tag { "#hashtags" } else { "@accounts" };
    let pace = if class.is_busy { "busy" } else { "quiet" };
    let seen = if class.is_seen { "looked at every hour" } else { "looked at once" };
    format!("{kind}, {pace}, {seen}")
}
