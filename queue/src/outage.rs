//! Whether the store is away for somebody who asks it again and again: each outage is told of once.

use std::mem;

/// Remembers that the store did not answer last.
#[derive(Default)]
pub(crate) struct Outage(bool);

impl Outage {
    /// The store did not answer; returns whether it did before.
    pub(crate) fn begins(&mut self) -> bool {
        !mem::replace(&mut self.0, true)
    }

    /// The store has answered.
    pub(crate) fn ends(&mut self) {
        self.0 = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Outage;

    #[test]
    fn an_outage_begins_once() {
        let mut outage = Outage::default();
        assert_eq!([outage.begins(), outage.begins()], [true, false]);
        outage.ends();
        assert!(outage.begins(), "the next one");
    }
}
