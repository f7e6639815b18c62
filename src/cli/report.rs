//! The options of `report`.

use super::time::past;
use crate::commands::report::Between;
use crate::outcome::failure::Failure;
use anyhow::{Result, bail};
use clap::Args;
use std::path::PathBuf;

const WEEK: i64 = 7 * 86_400;

/// Options of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Since when: a time before now such as 12h or 30d, a day such as 2026-11-01, or a moment [default: 7d]
    #[arg(long, value_parser = past, value_name = "WHEN")]
    pub since: Option<i64>,
    /// Until when, likewise, itself not in it [default: now]
    #[arg(long, value_parser = past, value_name = "WHEN")]
    pub until: Option<i64>,
    /// Write it to this file too, as one HTML page with plots, which needs nothing else
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

impl Report {
    /// The period, at a moment.
    ///
    /// # Errors
    /// There is nothing between its ends.
    pub fn between(&self, now: i64) -> Result<Between> {
        // This second belongs to it.
        let until = self.until.unwrap_or(now + 1);
        let since = self.since.unwrap_or(until - WEEK);
        if since >= until {
            bail!(Failure::usage(
                "report on a period",
                "it begins when it has ended",
                "pass a --since that is before --until and before now"
            ));
        }
        Ok(Between { since, until })
    }
}
