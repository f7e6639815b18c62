//! What is there already, and what its owner has to change before it can be used.

use crate::deploy::plan::Step;
use crate::outcome::failure::Failure;
use anyhow::{Result, bail};

/// What cannot be used as it is, why, and what is to be done.
#[derive(Clone, Debug)]
pub struct Demand {
    /// What is refused, where it is alone.
    pub what: String,
    /// What it is called among others.
    pub called: String,
    /// The step's name.
    pub name: String,
    /// Why it cannot be used.
    pub why: String,
    /// What is to be done.
    pub fix: String,
}

impl Demand {
    /// Of something that is to be used.
    #[must_use]
    pub fn of(step: &Step, why: impl Into<String>, fix: impl Into<String>) -> Self {
        let called = format!("{} {}", step.name, step.id.as_deref().unwrap_or_default());
        let what = format!("use the existing {called}");
        Self { what, called, name: step.name.clone(), why: why.into(), fix: fix.into() }
    }
}

/// Refuses what cannot be used: all of it at once.
///
/// # Errors
/// There is any.
pub fn refused(wrong: &[Demand]) -> Result<()> {
    match wrong {
        [] => Ok(()),
        [Demand { what, why, fix, .. }] => bail!(Failure::refused(what, why, fix)),
        several => {
            let all: Vec<_> = several.iter().map(|demand| demand.called.as_str()).collect();
            let lines = |text: fn(&Demand) -> &str| {
                let line = |demand: &Demand| format!("{}: {}", demand.name, text(demand));
                several.iter().map(line).collect::<Vec<_>>().join("\n")
            };
            let what = format!("use what is there already: {}", all.join(", "));
            bail!(Failure::refused(what, lines(|demand| &demand.why), lines(|demand| &demand.fix)))
        }
    }
}
