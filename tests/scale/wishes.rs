//! What a case is told: `--name value`, each a whole number.

use std::collections::BTreeMap;

pub(crate) struct Wishes(BTreeMap<String, u64>);

impl Wishes {
    pub(crate) fn read(args: &[String]) -> Self {
        let pairs = args.chunks(2).map(|pair| {
            let [name, value] = pair else { panic!("{} has no value", pair[0]) };
            let name = name.strip_prefix("--").unwrap_or_else(|| panic!("{name}: write --name value"));
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("--{name} {value}: a whole number")))
        });
        Self(pairs.collect())
    }

    /// Takes a number, or what is usual.
    pub(crate) fn take(&mut self, name: &str, usual: u64) -> u64 {
        self.0.remove(name).unwrap_or(usual)
    }

    /// Refuses what nobody has taken.
    pub(crate) fn end(self) {
        assert!(self.0.is_empty(), "unknown: {:?}", self.0.keys());
    }
}
