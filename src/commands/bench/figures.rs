//! The figures: collected over the rounds, told as they come, printed as medians.

use serde::Serialize;

use super::tell;
use crate::commands::say;

/// What has been measured, case by case.
#[derive(Default)]
pub(super) struct Figures(Vec<Case>);

/// What is printed of a case.
#[derive(Serialize)]
struct Line<'a> {
    case: &'a str,
    value: f64,
    unit: &'a str,
}

struct Case {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
}

impl Figures {
    /// Keeps one figure.
    pub(super) fn note(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        let name = name.into();
        tell(&format!("  {name}: {} {unit}", rounded(value)));
        match self.0.iter_mut().find(|case| case.name == name) {
            Some(case) => case.values.push(value),
            None => self.0.push(Case { name, unit, values: vec![value] }),
        }
    }

    /// Prints a JSON line for each case, in the order in which they came first.
    pub(super) fn say(self) -> anyhow::Result<()> {
        for Case { name, unit, mut values } in self.0 {
            // Of the worst ones, the worst: a median would hide what a maximum is for.
            let part = if name.ends_with("_max") { 1.0 } else { 0.5 };
            let value = rounded(quantile(&mut values, part));
            say(&serde_json::to_string(&Line { case: &name, value, unit })?);
        }
        Ok(())
    }
}

/// Returns the smallest value that is not below `part` of them all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a rank among samples"
)]
pub(super) fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (part * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// No machine repeats more digits than these.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let mut hundred: Vec<_> = (1..=100).rev().map(f64::from).collect();
        for (part, value) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0)] {
            assert!((quantile(&mut hundred, part) - value).abs() < f64::EPSILON, "{part}");
        }
        assert!((quantile(&mut [3.0, 1.0, 2.0], 0.5) - 2.0).abs() < f64::EPSILON);
        assert!(quantile(&mut [], 0.5).is_nan());
    }
}
