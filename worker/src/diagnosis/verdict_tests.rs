//! A case per cause.
