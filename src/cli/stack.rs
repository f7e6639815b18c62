//! The options of what makes, compares and removes a stack.

use super::time::expiry;
use super::words::listed;
use crate::commands::up::{Adoption, Allowed};
use crate::vault::expiry::Expiry;
use clap::Args;

/// What `--adopt` without a name means.
pub(super) const EVERYTHING: &str = "*";

/// What is wanted of the stack, of all commands that compare it with what is there.
#[derive(Debug, Args)]
pub struct Wanted {
    /// Tag everything with this too, beside the `[tags]` of the file; repeatable
    #[arg(long = "tag", value_name = "KEY=VALUE", env = "CVAULT_TAG")]
    pub tags: Vec<String>,
}

/// Options of `up`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Up {
    /// Tell this address of every held file; repeatable, needed on first creation
    #[arg(long = "email", value_name = "ADDRESS", env = "CVAULT_EMAIL")]
    pub emails: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub wanted: Wanted,
    /// Enable Amazon Macie in the region if it is not, which costs money; implies --macie on
    #[arg(long)]
    pub enable_macie: bool,
    /// When `gc` may remove the stack: 12h or 3d from now, a moment such as 2026-12-24T18:00:00Z, or never
    #[arg(long, env = "CVAULT_EXPIRES", value_parser = expiry, value_name = "WHEN")]
    pub expires: Option<Expiry>,
    /// Take over what exists and does not carry the stack's tags: the resource of this name, such as bucket/vault
    /// (repeatable), or without a name all
    #[arg(long, num_args = 0..=1, default_missing_value = EVERYTHING, value_name = "NAME")]
    pub adopt: Vec<String>,
    /// Remove e-mail addresses that are subscribed and not declared
    #[arg(long)]
    pub prune_emails: bool,
    /// Repair a stack that a newer cvault has made, too
    #[arg(long)]
    pub downgrade: bool,
    /// Print the plan and change nothing; exit code 2 if something would change
    #[arg(long)]
    pub dry_run: bool,
}

impl Up {
    /// Which guards it passes.
    #[must_use]
    pub fn allowed(&self) -> Allowed {
        let adopt = match &self.adopt[..] {
            [] => Adoption::Nothing,
            names if names.iter().any(|name| name == EVERYTHING) => Adoption::Everything,
            names => Adoption::These(names.to_vec()),
        };
        Allowed { adopt, downgrade: self.downgrade }
    }

    /// The addresses, as people write lists: with commas, blanks and lines between, and maybe one comma too many.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        listed(&self.emails)
    }
}

/// Options of `down`.
#[derive(Debug, Args)]
pub struct Down {
    /// Delete what is in the buckets too, old versions included
    #[arg(long)]
    pub delete_data: bool,
    /// Leave the vault bucket and its key standing
    #[arg(long)]
    pub keep_vault: bool,
    /// Print the plan and change nothing; exit code 2 if something would be removed
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `gc`.
#[derive(Debug, Args)]
pub struct Gc {
    /// Remove those too that hold objects, old versions included
    #[arg(long)]
    pub delete_data: bool,
    /// Say what would be removed and change nothing; exit code 2 if something would be, 4 if all that has expired stays
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub wanted: Wanted,
    /// Say what would be sent and send nothing; exit code 2
    #[arg(long)]
    pub dry_run: bool,
}
