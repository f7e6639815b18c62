//! The parts of the vault, which its buckets are called by.

use std::fmt;

/// A bucket's part in the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Where batch files land.
    Ingress,
    /// Where they are judged, and held if they fail.
    Analytics,
    /// Where clean files end.
    Vault,
}

impl Zone {
    /// The three zones, in the order in which a file passes through them.
    pub const ALL: [Self; 3] = [Self::Ingress, Self::Analytics, Self::Vault];
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ingress => "ingress",
            Self::Analytics => "analytics",
            Self::Vault => "vault",
        })
    }
}
