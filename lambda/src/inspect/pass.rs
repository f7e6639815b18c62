//! What one pass over a file carries through all of its levels.

use super::budget::Budget;
use super::limits::Limits;
use super::scan::Scanner;

/// The scanner, and what the file may still cost.
pub(super) struct Pass<'a> {
    pub(super) scanner: Scanner,
    pub(super) limits: &'a Limits,
    pub(super) budget: Budget,
}
