//! Ages as people write and read them: `90s`, `15m`, `6h`, `2d`.

use chrono::TimeDelta;

/// No age of ours is longer: whoever means more has mistaken the unit.
const LONGEST: TimeDelta = TimeDelta::days(3_650);

const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Reads an age.
pub(super) fn parse(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "an age is a number and its unit: 90s, 15m, 6h or 2d; ten years at most".to_owned();
    let parts = UNITS.into_iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    let (number, seconds) = parts.ok_or_else(wrong)?;
    let number = if number.starts_with(['+', '-']) { None } else { number.parse::<i64>().ok() };
    let age = number.and_then(|number| TimeDelta::try_seconds(number.checked_mul(seconds)?));
    age.filter(|age| *age <= LONGEST).ok_or_else(wrong)
}

/// Writes an age in its largest unit that leaves two digits of it to be seen: `90s`, `15m`, `47h`, `2d`.
pub(super) fn written(age: TimeDelta) -> String {
    let seconds = age.num_seconds().max(0);
    let (unit, size) = UNITS.into_iter().find(|(_, size)| seconds >= 2 * size).unwrap_or(("s", 1));
    format!("{}{unit}", seconds / size)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{parse, written};

    #[test]
    fn an_age_is_a_number_and_its_unit() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("6h", 21_600), ("2d", 172_800), ("0s", 0)] {
            assert_eq!(parse(text), Ok(TimeDelta::seconds(seconds)), "{text}");
        }
        for bad in ["", "2", "d", "2w", "-1d", "+1d", "1.5h", "2 d", "2dd", "99999999999999999999s", "4000d"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_age_is_written_in_its_largest_unit() {
        for (seconds, text) in [(0, "0s"), (119, "119s"), (120, "2m"), (7_199, "119m"), (7_200, "2h"), (172_800, "2d")]
        {
            assert_eq!(written(TimeDelta::seconds(seconds)), text);
        }
    }
}
