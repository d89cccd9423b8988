//! Chance: ids, fencing tokens and jitter.

/// Returns 64 random bits; without them no id is unique, and pushes would vanish without a word.
fn bits() -> u64 {
    #[expect(clippy::expect_used, reason = "without randomness nothing here is safe to run")]
    getrandom::u64().expect("the operating system gives random bytes")
}

/// Returns 128 random bits as a job's id.
pub(crate) fn id() -> String {
    format!("{:016x}{:016x}", bits(), bits())
}

/// Returns a fencing token: it has to differ from every earlier one of the same job, no more.
pub(crate) fn token() -> i64 {
    // 63 bits, so that every store can hold it in a signed number.
    i64::try_from(bits() >> 1).unwrap_or_default()
}

/// Returns a number in 0..1; what it spreads can do without chance.
pub(crate) fn jitter() -> f64 {
    getrandom::u32().map_or(0.5, |bits| f64::from(bits) / f64::from(u32::MAX))
}
