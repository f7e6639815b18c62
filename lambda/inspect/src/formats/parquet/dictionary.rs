//! The dictionary of a column, as it is in its page: of a value no more is kept than where it starts.

use super::hybrid::short;
use super::plain::{plain, width};
use super::schema::Leaf;
use crate::verdict::Fault;
use std::cell::Cell;

/// The values that indices stand for.
#[derive(Default)]
pub(super) struct Dictionary {
    data: Vec<u8>,
    count: usize,
    /// Where each value starts, if they have lengths of their own.
    starts: Vec<u32>,
    /// Which values were shown.
    shown: Vec<Cell<bool>>,
}

impl Dictionary {
    /// How much memory one of so many values takes beside its page, at most.
    pub(super) fn weight(leaf: &Leaf, data: usize, count: u64) -> usize {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        // No value that has a length is shorter than that.
        let starts = if width(leaf.kind).is_none() { count.min(data / 4).saturating_mul(size_of::<u32>()) } else { 0 };
        count.saturating_add(starts)
    }

    /// Reads a page of so many values, all of which are looked at.
    pub(super) fn new(leaf: &Leaf, data: Vec<u8>, count: u64) -> Result<Self, Fault> {
        let count = usize::try_from(count).map_err(|_| short())?;
        let mut starts = Vec::new();
        if width(leaf.kind).is_none() {
            starts.reserve_exact(count.min(data.len() / 4));
        }
        let mut rest = &data[..];
        for _ in 0..count {
            let start = data.len() - rest.len();
            plain(&mut rest, leaf)?;
            if width(leaf.kind).is_none() {
                starts.push(u32::try_from(start).map_err(|_| short())?);
            }
        }
        if !rest.is_empty() {
            return Err(Fault::syntax("a dictionary with more than its values", 0));
        }
        Ok(Self { count, starts, shown: vec![Cell::new(false); count], data })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What it takes in memory.
    pub(super) fn size(&self) -> usize {
        self.data.len() + self.starts.len() * size_of::<u32>() + self.shown.len()
    }

    /// A value by its index.
    pub(super) fn get(&self, index: usize, leaf: &Leaf) -> Option<String> {
        if index >= self.count {
            return None;
        }
        let start = match width(leaf.kind) {
            Some(width) => index * width,
            None => *self.starts.get(index)? as usize,
        };
        plain(&mut self.data.get(start..)?, leaf).ok()
    }

    /// Notes that a value was shown.
    pub(super) fn show(&self, index: usize) {
        if let Some(shown) = self.shown.get(index) {
            shown.set(true);
        }
    }

    /// The values that were not shown.
    pub(super) fn rest(&self, leaf: &Leaf) -> impl Iterator<Item = String> {
        let hidden = self.shown.iter().enumerate().filter(|shown| !shown.1.get());
        hidden.filter_map(|(index, _)| self.get(index, leaf)).filter(|value| !value.is_empty())
    }
}
