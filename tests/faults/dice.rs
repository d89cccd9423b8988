//! Chance that a seed decides, so that a run can be had again: the same faults in the same order after the same pauses.

use std::ops::Range;
use std::time::Duration;

/// Splitmix64.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// Throws a seed that nobody knew before.
    pub(crate) fn new_seed() -> u64 {
        u64::from_str_radix(&entities::new_id()[..8], 16).expect("an id is hexadecimal")
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn number(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    pub(crate) fn pause(&mut self, milliseconds: Range<u64>) -> Duration {
        Duration::from_millis(self.number(milliseconds))
    }

    pub(crate) fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        let place = self.number(0..list.len() as u64);
        list[usize::try_from(place).expect("a place in the list")]
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let place = self.number(0..last as u64 + 1);
            list.swap(last, usize::try_from(place).expect("a place in the list"));
        }
    }
}
