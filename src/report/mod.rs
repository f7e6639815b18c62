//! Everything that commands print. Events, plans and failures come in as values; each report makes
//! of them what its readers need: people at a terminal (`terminal`), people reading a log
//! (`lines`), both at the end (`answer`), programs (`json`), GitHub Actions (`github`), and browsers
//! (`page`). `choice` takes the one that is asked for, `out` is the one way to the outside, and the
//! other modules write parts of them: rows, tables, differences, hints.
//!
//! Standard output carries the answer only, everything else goes to standard error. Reports write to
//! any `impl Write` and have no clock, so that tests can read every byte of them.

mod answer;
mod bars;
mod choice;
mod contract;
mod differences;
#[cfg(test)]
mod forged;
mod github;
mod hints;
mod json;
mod judging;
mod layout;
mod lines;
mod out;
mod outputs;
pub mod page;
mod period;
mod plots;
mod progress;
pub mod question;
mod rows;
#[cfg(test)]
mod sample;
mod table;
mod terminal;
mod text;
mod usage;
mod verdict;

pub use choice::{reporter, wrong_usage};
pub use contract::{Color, Options, Output, Report, Run, TICK};
