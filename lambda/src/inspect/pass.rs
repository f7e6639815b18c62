//! What one pass over a file carries through all of its levels.

use super::budget::Budget;
use super::format::Format;
use super::limits::Limits;
use super::scan::Scanner;
use super::verdict::{Kind, Reason};

/// The scanner, and what the file may still cost.
pub(super) struct Pass<'a> {
    pub(super) scanner: Scanner,
    pub(super) limits: &'a Limits,
    pub(super) budget: Budget,
}

impl Pass<'_> {
    /// Refuses a format that is not accepted here.
    pub(super) fn accept(&self, format: Format) -> Result<(), Reason> {
        let Some(accepted) = self.limits.accepted.as_ref().filter(|accepted| !accepted.contains(&format)) else {
            return Ok(());
        };
        let accepted: Vec<_> = accepted.iter().map(ToString::to_string).collect();
        let text = format!("unsupported: {format} is not among the accepted formats ({})", accepted.join(", "));
        Err(Reason { kind: Kind::Unsupported, text })
    }
}
