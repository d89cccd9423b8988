//! When a failed attempt is tried again: a pure function, the same on every store.

use std::time::Duration;

/// The waits in seconds: quick while somebody may still be waiting, then out of the way of what is down.
const SECONDS: [u32; 11] = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];

/// Returns the wait after the `attempt`-th failure; `jitter` in 0..1 adds up to a quarter of it, so that what failed
/// together does not return together.
///
/// | failed attempt | wait without jitter | at most |
/// |---|---|---|
/// | 1 | 1 s | 1.25 s |
/// | 2 | 5 s | 6.25 s |
/// | 3 | 15 s | 18.75 s |
/// | 4 | 30 s | 37.5 s |
/// | 5 | 1 min | 75 s |
/// | 6 | 2 min | 150 s |
/// | 7 | 5 min | 375 s |
/// | 8 | 10 min | 750 s |
/// | 9 | 20 min | 25 min |
/// | 10 | 30 min | 37.5 min |
/// | 11 and more | 1 h | 75 min |
///
/// Ten attempts, the default, span 39 to 49 minutes.
pub fn delay(attempt: u32, jitter: f64) -> Duration {
    let step = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX).min(SECONDS.len() - 1);
    Duration::from_secs(u64::from(SECONDS[step])).mul_f64(0.25f64.mul_add(jitter.clamp(0.0, 1.0), 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delays_are_those_of_the_table() {
        let table = [(1, 1.0, 1.25), (2, 5.0, 6.25), (3, 15.0, 18.75), (4, 30.0, 37.5), (5, 60.0, 75.0)]
            .into_iter()
            .chain([(6, 120.0, 150.0), (7, 300.0, 375.0), (8, 600.0, 750.0), (9, 1200.0, 1500.0)])
            .chain([(10, 1800.0, 2250.0), (11, 3600.0, 4500.0), (12, 3600.0, 4500.0), (u32::MAX, 3600.0, 4500.0)]);
        for (attempt, least, most) in table {
            assert_eq!(delay(attempt, 0.0), Duration::from_secs_f64(least), "attempt {attempt}");
            assert_eq!(delay(attempt, 1.0), Duration::from_secs_f64(most), "attempt {attempt}");
        }
    }

    #[test]
    fn a_jitter_out_of_range_is_bounded() {
        assert_eq!(delay(1, -3.0), delay(1, 0.0));
        assert_eq!(delay(1, 9.0), delay(1, 1.0));
    }

    #[test]
    fn ten_attempts_span_what_the_table_says() {
        let span = |jitter| (1..10).map(|attempt| delay(attempt, jitter)).sum::<Duration>();
        assert_eq!(span(0.0).as_secs() / 60, 38);
        assert_eq!(span(1.0).as_secs() / 60, 48);
    }
}
