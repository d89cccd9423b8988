//! Random command sequences against a model of the store.
