//! Chance: ids, fencing tokens and jitter.

/// Returns 64 random bits.
fn bits() -> u64 {
    // Without the system's entropy no id can be promised to be unique; a number that counts on is the best that is left.
    getrandom::u64().unwrap_or_else(|_| {
        static FALLBACK: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        FALLBACK.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    })
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

/// Returns a number in 0..1.
pub(crate) fn jitter() -> f64 {
    f64::from(u32::try_from(bits() >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
