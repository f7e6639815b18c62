//! The options of `judge`.

use super::held::Select;
use crate::commands::judge::{self, How};
use crate::outcome::failure::Failure;
use anyhow::{Result, bail};
use clap::Args;

/// Options of `judge`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Judge {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub selection: Select,
    /// What waits in ingress, such as what came while a rule was off, instead of what is held
    #[arg(long)]
    pub ingress: bool,
    /// Begin it and do not wait for its end: the same command follows it later
    #[arg(long, conflicts_with_all = ["dry_run", "stop"])]
    pub detach: bool,
    /// Stop one that runs; what it has started comes to its end
    #[arg(long, conflicts_with = "dry_run")]
    pub stop: bool,
    /// Count what would be judged and change nothing; exit code 2 if something would be
    #[arg(long)]
    pub dry_run: bool,
}

impl Judge {
    /// What is to be judged.
    ///
    /// # Errors
    /// What waits in ingress has no verdict to be selected by.
    pub fn judge(&self) -> Result<judge::Judge> {
        if self.ingress && !self.selection.statuses.is_empty() {
            bail!(Failure::usage(
                "judge what waits in ingress",
                "nothing there has a verdict yet",
                "leave out --status, or --ingress to judge again what is held"
            ));
        }
        let how = match (self.dry_run, self.stop, self.detach) {
            (true, ..) => How::DryRun,
            (_, true, _) => How::Stop,
            (.., true) => How::Detach,
            _ => How::Follow,
        };
        Ok(judge::Judge { selection: (&self.selection).into(), ingress: self.ingress, how })
    }
}
