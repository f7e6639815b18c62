//! What a file may be, and what it may demand of the machine that inspects it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use contract::{Encoding, Format};

/// Bounds on what one file may cost. A file beyond them is broken ([`crate::Kind::Limit`]).
#[derive(Debug, Clone)]
pub struct Limits {
    /// The formats that are accepted, in archives too; `None`: all that are known.
    pub accepted: Option<Vec<Format>>,
    /// The encodings that texts may have beside UTF-8 and marked UTF-16, in the order in which they are tried.
    pub encodings: Vec<Encoding>,
    /// How deep JSON and XML may nest.
    pub depth: usize,
    /// The longest tag, processing instruction or document type of XML, in bytes.
    pub markup: usize,
    /// What the entities of an XML document may add to it before their ratio counts, in bytes.
    pub entities: u64,
    /// How many containers may lie in each other.
    pub levels: usize,
    /// What may be in all containers of a file together, in bytes.
    pub expanded: u64,
    /// How many bytes a compressed byte may become, from `ratio_from` bytes on.
    pub ratio: u64,
    /// What may be compressed at any ratio, in bytes.
    pub ratio_from: u64,
    /// What may be held in memory of a file whose index is at its end, in bytes.
    pub held: usize,
    /// The largest block or page of Avro and Parquet, in bytes.
    pub block: usize,
    /// How many steps of work each byte that is read or decompressed may cause, beyond reading it.
    pub work: u64,
    /// How many steps any file may cause.
    pub work_from: u64,
    /// Ends the inspection from outside.
    pub stop: Switch,
    /// How many places are reported for one identifier.
    pub locations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            accepted: None,
            encodings: Vec::new(),
            depth: 1_000_000,
            markup: 4 << 20,
            entities: 8 << 20,
            levels: 10,
            expanded: 10_000_000_000,
            ratio: 100,
            ratio_from: 1 << 30,
            held: 128 << 20,
            block: 24 << 20,
            work: 32,
            work_from: 16 << 20,
            stop: Switch::default(),
            locations: 5,
        }
    }
}

/// A switch that ends inspections which nobody waits for any more: reading fails then, and work is refused.
#[derive(Debug, Clone, Default)]
pub struct Switch(Arc<AtomicBool>);

impl Switch {
    /// Ends what was given a clone of this switch.
    pub fn throw(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was thrown.
    #[must_use]
    pub fn is_thrown(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
