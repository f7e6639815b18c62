//! How things go and end, and what commands answer. It uses nothing else of the program.
//!
//! | module | what it has |
//! |---|---|
//! | [`failure`] | what went wrong, why, and what helps; the exit codes |
//! | [`interrupt`] | the switch that ends a run early |
//! | [`progress`] | waits |
//! | [`row`] | the rows of the answers: of files, stacks, checks |
//! | [`verdict`], [`period`], [`place`] | what rows say: a verdict, a span of time, where an object is |
//! | [`invocation`] | the command line of a command that is to be run next |
//! | [`nearest`] | which known word somebody may have meant |

pub mod failure;
pub mod interrupt;
pub mod invocation;
pub mod nearest;
pub mod period;
pub mod place;
pub mod progress;
pub mod row;
pub mod verdict;
