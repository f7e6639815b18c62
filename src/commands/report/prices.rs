//! What a file costs: AWS's list prices in us-east-1, times the states, calls and logs of a file's way.
//!
//! `cargo test --test definitions cost` computes both from the definitions, and fails where they differ from these.

use crate::outcome::period::Cost;

/// Of when the prices are.
pub const PRICES_OF: &str = "2026-11-28";
/// US dollars for a file that is clean and small enough for the Express workflow.
pub const EXPRESS_USD: f64 = 0.000_065;
/// US dollars for any other.
pub const STANDARD_USD: f64 = 0.000_618;

/// What so many files cost by each way: without storage, the key, Macie, and the reading of large files.
#[must_use]
pub fn cost(express: u64, standard: u64) -> Cost {
    #[expect(clippy::cast_precision_loss, reason = "counts of files")]
    let usd = express as f64 * EXPRESS_USD + standard as f64 * STANDARD_USD;
    Cost { usd, express, standard, prices_of: PRICES_OF }
}
