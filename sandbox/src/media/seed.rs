//! Numbers that look random and are always the same: what is generated must survive a restart.

use crate::signing::sha256;

/// A stream of numbers that depends only on its name.
#[derive(Clone, Debug)]
pub(crate) struct Seed(u64);

impl Seed {
    /// Returns the stream of a name.
    pub(crate) fn of(name: &str) -> Self {
        let hash = sha256(name.as_bytes());
        Self(hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// Returns the next number (splitmix64).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `limit`, which must not be zero.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        let value = self.next() % u64::from(limit.max(1));
        u32::try_from(value).unwrap_or(0)
    }

    /// Returns a number of `low..=high`.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = high.saturating_sub(low).saturating_add(1).max(1).unsigned_abs();
        low.saturating_add_unsigned(self.below(span))
    }

    /// Tells whether something happens that does so once in `times`.
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    /// Returns one of the items.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        items.get(usize::try_from(self.below(count)).unwrap_or(0))
    }

    /// Returns so many decimal digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).filter_map(|_| char::from_digit(self.below(10), 10)).collect()
    }
}
