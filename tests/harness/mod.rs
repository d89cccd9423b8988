//! The world that a test runs in: the service and the stand-ins, in a temporary folder, on free ports.

pub mod browser;
pub mod http;
pub mod process;
pub mod stand_ins;
pub mod world;

pub use http::{Answer, Http};
pub use process::Service;
pub use stand_ins::StandIns;
pub use world::World;
