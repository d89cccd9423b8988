//! A store whose answers get lost on their way.
