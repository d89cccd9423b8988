//! The `feedkeeper` command.
fn main() {}
