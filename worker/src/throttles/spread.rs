//! How those who waited for the same thing leave one by one: pure.

use chrono::TimeDelta;

/// What each who waits adds to the time in which all leave.
const EACH: TimeDelta = TimeDelta::milliseconds(200);
/// The least and the most time in which all leave.
const WITHIN: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::minutes(20));

/// So many need the most time: beyond them nobody has to count.
pub(crate) const MANY: u64 = 6_000;

/// Returns how long after the end of a wait one of `count` leaves it. By its id, so that asking again says the same, and
/// that those who came together do not leave together.
pub fn spread(id: &str, count: u64) -> TimeDelta {
    let within =
        EACH.checked_mul(i32::try_from(count).unwrap_or(i32::MAX)).unwrap_or(WITHIN.1).clamp(WITHIN.0, WITHIN.1);
    // FNV-1a: ids that differ in one letter fall far apart.
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let share = i64::from(hash % 10_000);
    TimeDelta::milliseconds(within.num_milliseconds() * share / 10_000)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{MANY, WITHIN, spread};

    /// When each of so many leaves, in order.
    fn leaving(count: u32) -> Vec<TimeDelta> {
        let mut all: Vec<_> = (0..count).map(|number| spread(&format!("feed-{number}"), count.into())).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn beyond_so_many_nobody_waits_longer() {
        for id in ["a", "b", "feed-7"] {
            assert_eq!(spread(id, MANY), spread(id, 10 * MANY));
            assert!(spread(id, MANY) < WITHIN.1);
        }
        assert_ne!(spread("feed-7", MANY), spread("feed-7", MANY - 1_000));
    }

    #[test]
    fn few_leave_within_a_minute_and_any_number_within_twenty() {
        for (count, within) in [(1, 60), (300, 60), (2_000, 400), (6_000, 1_200), (50_000, 1_200)] {
            let all = leaving(count);
            let within = TimeDelta::seconds(within);
            assert!(all[0] >= TimeDelta::zero() && all[all.len() - 1] < within, "{count}");
            assert!(count == 1 || all[all.len() - 1] > within * 9 / 10, "{count}: the time is used");
        }
        assert!(spread("one", u64::MAX) < TimeDelta::minutes(20));
    }

    #[test]
    fn no_second_sees_a_herd() {
        let all = leaving(2_000);
        let most = (0..400).map(|second| all.iter().filter(|at| at.num_seconds() == second).count()).max();
        assert!(most <= Some(18), "5 a second are even, {most:?} were seen");
    }

    #[test]
    fn who_is_asked_again_says_the_same() {
        assert_eq!(spread("a", 500), spread("a", 500));
    }
}
