//! What the levels of one file may cost together: depth, expansion, memory, work.
//!
//! Everything that is decompressed is counted as it comes, and no length that a
//! file states is believed before. What a byte of the file makes a reader do more than once (text
//! that is shown again, bytes that are looked at again, structures that are built of it) is work;
//! it is counted in steps and not by a clock, so that the verdict is the same on any machine.
//! Clones share one account, which also keeps what was met, for whoever has other bounds ([`Extent`]).

use std::cell::Cell;
use std::rc::Rc;

use crate::pass::Limits;
use crate::verdict::{Extent, Fault, Kind};

/// The account of a file.
#[derive(Clone)]
pub(crate) struct Budget(Rc<Account>);

struct Account {
    limits: Limits,
    /// The length of the file, or what was read of it so far.
    read: Rc<Cell<u64>>,
    expanded: Cell<u64>,
    work: Cell<u64>,
    level: Cell<usize>,
    held: Cell<usize>,
    extent: Cell<Extent>,
}

impl Budget {
    /// An account for a file of which `read` tells the length, or how much was read.
    pub(crate) fn new(limits: &Limits, read: Rc<Cell<u64>>) -> Self {
        let limits = limits.clone();
        Self(Rc::new(Account {
            limits,
            read,
            expanded: Cell::default(),
            work: Cell::default(),
            level: Cell::default(),
            held: Cell::default(),
            extent: Cell::default(),
        }))
    }

    /// What was met so far.
    pub(crate) fn extent(&self) -> Extent {
        Extent { expanded: self.0.expanded.get(), ..self.0.extent.get() }
    }

    /// Notes what is met.
    pub(crate) fn note(&self, change: impl FnOnce(&mut Extent)) {
        let mut extent = self.0.extent.get();
        change(&mut extent);
        self.0.extent.set(extent);
    }

    /// Opens a container.
    pub(crate) fn enter(&self) -> Result<Level, Fault> {
        let (level, limit) = (self.0.level.get() + 1, self.0.limits.levels);
        if level > limit {
            return Err(Fault::new(Kind::Bomb, format!("containers in containers, more than {limit} levels"), 0));
        }
        self.0.level.set(level);
        self.note(|extent| extent.levels = extent.levels.max(level));
        Ok(Level(self.clone()))
    }

    /// Counts bytes that came out of a stream, of which `input` bytes became `output` so far. Fails as [`Budget::work`] does
    /// where nobody waits any more.
    pub(crate) fn expand(&self, bytes: usize, input: u64, output: u64) -> Result<(), Fault> {
        let Limits { expanded: most, ratio, ratio_from, .. } = self.0.limits;
        let all = self.0.expanded.get().saturating_add(bytes as u64);
        self.0.expanded.set(all);
        self.wanted()?;
        if all > most {
            return Err(Fault::new(Kind::Bomb, format!("more than {most} bytes inside"), 0));
        }
        let excessive = |input: u64, output: u64| output > ratio_from && output / ratio >= input.max(1);
        if excessive(input, output) || excessive(self.0.read.get(), all) {
            return Err(Fault::new(Kind::Bomb, format!("more than {ratio} bytes inside for each one outside"), 0));
        }
        Ok(())
    }

    /// Counts work beyond reading each byte once, in bytes or items that are touched again. Fails where
    /// it is out of proportion to the bytes that were read and decompressed, and where nobody
    /// waits for the answer any more.
    pub(crate) fn work(&self, steps: usize) -> Result<(), Fault> {
        let account = &self.0;
        let Limits { work, work_from, .. } = account.limits;
        let done = account.work.get().saturating_add(steps as u64);
        account.work.set(done);
        self.wanted()?;
        let bytes = account.read.get().saturating_add(account.expanded.get());
        if done > bytes.saturating_mul(work).saturating_add(work_from) {
            return Err(Fault::new(Kind::Bomb, format!("more than {work} steps of work for each byte"), 0));
        }
        Ok(())
    }

    /// Whether anybody waits for the answer still.
    fn wanted(&self) -> Result<(), Fault> {
        if self.0.limits.stop.is_thrown() { Err(Fault::new(Kind::Limit, "the time for it is over", 0)) } else { Ok(()) }
    }

    /// Whether what a file says of its expansion is too much already.
    pub(crate) fn foresee(&self, input: u64, output: u64) -> Result<(), Fault> {
        let before = self.0.expanded.get();
        let answer = self.expand(usize::try_from(output).unwrap_or(usize::MAX), input, output);
        self.0.expanded.set(before);
        answer
    }

    /// How much memory a single part of a file may need.
    pub(crate) fn block(&self) -> usize {
        self.0.limits.block
    }

    /// How long what is read is as far as it is known, and no more than may be held: the length of an object, and of
    /// a stream what was read of it so far. Nothing is known of what is inside of more than its `own` containers.
    pub(crate) fn known(&self, own: usize) -> usize {
        let length = if self.0.level.get() <= own { self.0.read.get() } else { 0 };
        usize::try_from(length).unwrap_or(usize::MAX).min(self.0.limits.held)
    }

    /// Starts to hold bytes in memory.
    pub(crate) fn hold(&self) -> Hold {
        Hold { budget: self.clone(), bytes: 0 }
    }
}

/// A container that is open until this is dropped.
pub(crate) struct Level(Budget);

impl Drop for Level {
    fn drop(&mut self) {
        self.0.0.level.set(self.0.0.level.get().saturating_sub(1));
    }
}

/// Bytes that are held until this is dropped.
pub(crate) struct Hold {
    budget: Budget,
    bytes: usize,
}

impl Hold {
    /// Counts more of them.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Fault> {
        let account = &self.budget.0;
        let (held, most) = (account.held.get().saturating_add(bytes), account.limits.held);
        if held > most {
            return Err(Fault::new(Kind::Limit, format!("more than {most} bytes would have to be held in memory"), 0));
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
