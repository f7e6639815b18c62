//! How things go and end: failures and exit codes for people, the switch that ends a run early, and
//! waits.

pub mod failure;
pub mod interrupt;
pub mod invocation;
pub mod nearest;
pub mod period;
pub mod place;
pub mod progress;
pub mod row;
pub mod verdict;
