//! What is held in analytics, and what is decided of it: `held`, `show`, `release`, `discard`.
//!
//! Nothing of it is kept anywhere but on AWS. What is read of a held copy:
//!
//! | what | where |
//! |---|---|
//! | key, version, size, since when | S3's list of the bucket's versions; the key stands behind the copy's folder |
//! | the verdict, the execution | the copy's tags `cvault:status` and `cvault:execution` |
//! | the reasons, the version in ingress | the output of that execution, which Step Functions keeps for 90 days, or the verdict's line in the function's log group |
//! | who asks for what, where two have to want it | its tags `cvault:requested-by` and `cvault:request` |
//! | who released or discarded it | the tags of the vault's version, and the audit's lines in the function's log group |

mod audit;
mod copy;
mod decide;
mod deciding;
mod earlier;
mod eyes;
mod list;
pub mod permissions;
mod reasons;
mod released;
mod requesting;
mod selection;
mod show;

pub(super) use copy::failed;
pub use decide::decide;
pub use deciding::Deciding;
pub use eyes::Eyes;
pub use list::held;
pub(super) use list::{found, found_in_log, versions};
pub(super) use selection::Found;
pub use selection::Selection;
pub use show::show;
