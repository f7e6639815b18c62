//! What the levels of one file may cost together: depth, expansion, memory.
//!
//! Everything that is decompressed is counted as it comes, and no length that a
//! file states is believed before. Clones share one account.

use std::cell::Cell;
use std::rc::Rc;

use super::format::Format;
use super::limits::Limits;
use super::source::{Fault, Stop};
use super::verdict::Kind;

/// A demand that is too high.
#[derive(Debug)]
pub(super) struct Excess(Kind, String);

impl Excess {
    /// The reason to give, at a byte of a file of this format.
    pub(super) fn stop(self, format: Format, offset: u64) -> Stop {
        Fault::new(self.0, self.1, 0).reason(format, offset).into()
    }
}

/// The account of a file.
#[derive(Clone)]
pub(super) struct Budget(Rc<Account>);

struct Account {
    limits: Limits,
    /// The length of the file, or what was read of it so far.
    read: Rc<Cell<u64>>,
    expanded: Cell<u64>,
    level: Cell<usize>,
    held: Cell<usize>,
}

impl Budget {
    /// An account for a file of which `read` tells the length, or how much was read.
    pub(super) fn new(limits: &Limits, read: Rc<Cell<u64>>) -> Self {
        let (expanded, level, held) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Self(Rc::new(Account { limits: limits.clone(), read, expanded, level, held }))
    }

    /// Opens a container.
    pub(super) fn enter(&self) -> Result<Level, Excess> {
        let (level, limit) = (self.0.level.get() + 1, self.0.limits.levels);
        if level > limit {
            return Err(Excess(Kind::Bomb, format!("containers in containers, more than {limit} levels")));
        }
        self.0.level.set(level);
        Ok(Level(self.clone()))
    }

    /// Counts bytes that came out of a stream, of which `input` bytes became `output` so far.
    pub(super) fn expand(&self, bytes: usize, input: u64, output: u64) -> Result<(), Excess> {
        let Limits { expanded: most, ratio, ratio_from, .. } = self.0.limits;
        let all = self.0.expanded.get().saturating_add(bytes as u64);
        self.0.expanded.set(all);
        if all > most {
            return Err(Excess(Kind::Bomb, format!("more than {most} bytes inside")));
        }
        let excessive = |input: u64, output: u64| output > ratio_from && output / ratio >= input.max(1);
        if excessive(input, output) || excessive(self.0.read.get(), all) {
            return Err(Excess(Kind::Bomb, format!("more than {ratio} bytes inside for each one outside")));
        }
        Ok(())
    }

    /// Whether what a file says of its expansion is too much already.
    pub(super) fn foresee(&self, input: u64, output: u64) -> Result<(), Excess> {
        let before = self.0.expanded.get();
        let answer = self.expand(usize::try_from(output).unwrap_or(usize::MAX), input, output);
        self.0.expanded.set(before);
        answer
    }

    /// How much memory a single part of a file may need.
    pub(super) fn block(&self) -> usize {
        self.0.limits.block
    }

    /// The limits of the file.
    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Starts to hold bytes in memory.
    pub(super) fn hold(&self) -> Hold {
        Hold { budget: self.clone(), bytes: 0 }
    }
}

/// A container that is open until this is dropped.
pub(super) struct Level(Budget);

impl Drop for Level {
    fn drop(&mut self) {
        self.0.0.level.set(self.0.0.level.get().saturating_sub(1));
    }
}

/// Bytes that are held until this is dropped.
pub(super) struct Hold {
    budget: Budget,
    bytes: usize,
}

impl Hold {
    /// Counts more of them.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Excess> {
        let account = &self.budget.0;
        let (held, most) = (account.held.get().saturating_add(bytes), account.limits.held);
        if held > most {
            return Err(Excess(Kind::Limit, format!("more than {most} bytes would have to be held in memory")));
        }
        account.held.set(held);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let held = &self.budget.0.held;
        held.set(held.get().saturating_sub(self.bytes));
    }
}
