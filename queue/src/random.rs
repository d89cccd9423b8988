//! Chance: ids, fencing tokens and jitter.

/// Returns random bytes; without them no id is unique, and pushes would vanish without a word.
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness nothing here is safe to run")]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Returns 128 random bits as a job's id.
pub(crate) fn id() -> String {
    format!("{:032x}", u128::from_ne_bytes(bytes()))
}

/// Returns a fencing token: it has to differ from every earlier one of the same job, no more.
pub(crate) fn token() -> i64 {
    // 63 bits, so that every store can hold it in a signed number.
    i64::try_from(u64::from_ne_bytes(bytes()) >> 1).unwrap_or_default()
}

/// Returns a number in 0..1; what it spreads can do without chance.
pub(crate) fn jitter() -> f64 {
    getrandom::u32().map_or(0.5, |bits| f64::from(bits) / f64::from(u32::MAX))
}
