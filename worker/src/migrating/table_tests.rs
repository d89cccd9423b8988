//! Every combination of what decides about an old app, in one table.
