//! The options of `judge`.

use super::held::Select;
use crate::commands::judge::{self, From, How};
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
    /// What is in another bucket, which `[ingress] sources` names: its objects are copied into ingress and judged there,
    /// and stay where they are
    #[arg(long, value_name = "NAME", conflicts_with = "ingress")]
    pub bucket: Option<String>,
    /// What is to stand before their keys in ingress and the vault, such as `archive/`
    #[arg(long, value_name = "PREFIX", requires = "bucket")]
    pub into: Option<String>,
    /// Begin it and do not wait for its end: the same command follows it later
    #[arg(long, conflicts_with_all = ["dry_run", "stop"])]
    pub detach: bool,
    /// Stop one that runs; what it has started comes to its end
    #[arg(long)]
    pub stop: bool,
    /// Count what would be judged, or say what would be stopped, and change nothing; exit code 2 if something would be
    #[arg(long)]
    pub dry_run: bool,
}

impl Judge {
    /// What is to be judged.
    ///
    /// # Errors
    /// What waits in ingress has no verdict to be selected by.
    pub fn judge(&self) -> Result<judge::Judge> {
        let elsewhere = match &self.bucket {
            Some(bucket) => Some((format!("judge what is in {bucket}"), "--bucket")),
            None => self.ingress.then(|| ("judge what waits in ingress".to_owned(), "--ingress")),
        };
        if let Some((what, flag)) = elsewhere.filter(|_| !self.selection.statuses.is_empty()) {
            let fix = format!("leave out --status, or {flag} to judge again what is held");
            bail!(Failure::usage(what, "nothing there has a verdict yet", fix));
        }
        let how = match (self.dry_run, self.stop, self.detach) {
            (true, true, _) => How::WouldStop,
            (true, ..) => How::DryRun,
            (_, true, _) => How::Stop,
            (.., true) => How::Detach,
            _ => How::Follow,
        };
        let into = self.into.clone().unwrap_or_default();
        let from = match (&self.bucket, self.ingress) {
            (Some(bucket), _) => From::Bucket { bucket: bucket.clone(), into },
            (None, true) => From::Ingress,
            (None, false) => From::Held,
        };
        Ok(judge::Judge { selection: (&self.selection).into(), from, how })
    }
}
