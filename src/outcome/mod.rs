//! How things end: failures and exit codes for people, and the switch that ends a run early.

pub mod failure;
pub mod interrupt;
