//! What was met inside a file, for whoever has other bounds.

use serde::{Deserialize, Serialize};

/// What was met inside a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Extent {
    /// How many containers lie in each other.
    pub levels: usize,
    /// How many files are in containers, at all levels.
    pub members: u64,
    /// The largest of them, in bytes.
    pub largest: u64,
    /// All that was decompressed, in bytes.
    pub expanded: u64,
    /// How many of the files have a name that claims no format, the outermost included.
    pub unnamed: u64,
    /// How deep JSON nests.
    pub depth: usize,
}
