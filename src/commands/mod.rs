//! The commands: each takes settings to an exit code, and says what happens by events.
//!
//! A command is a file or a folder of its name. What several of them need is in `session` (the stack as it is declared
//! and as it is), `interruption` and `clock`, `downgrade`, `log`, `principal`, `rights` and `trust`.

pub mod clock;
pub mod demo;
pub mod doctor;
pub mod down;
mod downgrade;
pub mod gc;
pub mod held;
pub mod init;
mod interruption;
pub mod judge;
pub mod list;
mod log;
pub mod policy;
mod principal;
pub mod report;
mod rights;
mod session;
pub mod status;
pub mod trust;
pub mod up;
pub mod verify;

pub use interruption::exit_or;
pub use session::{Answer, Session};
