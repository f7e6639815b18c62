//! The commands: each takes settings to an exit code, and says what happens by events.

pub mod demo;
pub mod down;
mod interruption;
pub mod policy;
mod session;
pub mod status;
pub mod up;

pub use interruption::exit_or;
pub use session::{Answer, Session};
