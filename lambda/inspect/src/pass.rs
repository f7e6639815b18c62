//! What one pass over a file carries through all of its levels.

mod budget;
mod input;
mod known;
mod limits;

use contract::Format;

use crate::scan::Scanner;
use crate::verdict::{Kind, Reason};
pub(crate) use budget::{Budget, Hold};
pub(crate) use input::Input;
pub use input::Ranges;
pub(crate) use known::{Content, Known, Mark, Named, Shape};
pub use limits::{Limits, Switch};

/// The scanner, what the file may still cost, and the formats that are known.
pub(crate) struct Pass<'a> {
    pub(crate) scanner: Scanner,
    pub(crate) limits: &'a Limits,
    pub(crate) budget: Budget,
    /// The table of formats: handed down, so that a container judges its members without knowing them.
    pub(crate) known: &'static [Known],
}

impl Pass<'_> {
    /// Refuses a format that is not accepted here.
    pub(crate) fn accept(&self, format: Format) -> Result<(), Reason> {
        let Some(accepted) = self.limits.accepted.as_ref().filter(|accepted| !accepted.contains(&format)) else {
            return Ok(());
        };
        let accepted: Vec<_> = accepted.iter().map(ToString::to_string).collect();
        let text = format!("unsupported: {format} is not among the accepted formats ({})", accepted.join(", "));
        Err(Reason { kind: Kind::Unsupported, text })
    }
}
