//! What a file may demand of the machine that inspects it.

/// Bounds on what one file may cost. A file beyond them is broken ([`super::Kind::Limit`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How deep JSON and XML may nest.
    pub depth: usize,
    /// The longest tag, processing instruction or document type of XML, in bytes.
    pub markup: usize,
    /// What the entities of an XML document may add to it before their ratio counts, in bytes.
    pub entities: u64,
    /// How many places are reported for one identifier.
    pub locations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 1000, markup: 4 << 20, entities: 8 << 20, locations: 5 }
    }
}
