//! Numbers by their differences, in blocks of packed bits.

use super::hybrid::{bits, short, varint};
use crate::verdict::Fault;

/// Reads `DELTA_BINARY_PACKED`.
#[derive(Clone)]
pub(super) struct Delta<'a> {
    rest: &'a [u8],
    block: u64,
    minis: u64,
    left: u64,
    value: i64,
    first: bool,
    /// The block: its least difference, the widths of its parts, and the part that is read.
    least: i64,
    widths: &'a [u8],
    part: &'a [u8],
    at: u64,
}

impl<'a> Delta<'a> {
    pub(super) fn new(mut rest: &'a [u8]) -> Result<Self, Fault> {
        let (block, minis) = (varint(&mut rest)?, varint(&mut rest)?);
        let left = varint(&mut rest)?;
        let value = zigzag(varint(&mut rest)?);
        // Parts have whole bytes.
        if minis == 0 || block % minis != 0 || !(block / minis).is_multiple_of(8) || block == 0 || block > 1 << 20 {
            return Err(Fault::syntax("a page with blocks of no size", 0));
        }
        let (widths, part): (&[u8], &[u8]) = (&[], &[]);
        Ok(Self { rest, block, minis, left, value, first: true, least: 0, widths, part, at: 0 })
    }

    /// How many numbers are left.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn next(&mut self) -> Result<i64, Fault> {
        self.left = self.left.checked_sub(1).ok_or_else(short)?;
        if std::mem::take(&mut self.first) {
            return Ok(self.value);
        }
        let size = self.block / self.minis;
        if self.at.is_multiple_of(size) {
            self.start(size)?;
        }
        let width = u32::from(self.widths.first().copied().unwrap_or(0));
        let bit = (self.at % size) * u64::from(width);
        let difference = bits(self.part, bit, width).ok_or_else(short)?;
        self.at += 1;
        self.value = self.value.wrapping_add(self.least).wrapping_add(difference.cast_signed());
        Ok(self.value)
    }

    /// Starts a part, and a block where one starts.
    fn start(&mut self, size: u64) -> Result<(), Fault> {
        self.widths = self.widths.get(1..).unwrap_or_default();
        if self.at.is_multiple_of(self.block) {
            self.least = zigzag(varint(&mut self.rest)?);
            let minis = usize::try_from(self.minis).map_err(|_| short())?;
            (self.widths, self.rest) = self.rest.split_at_checked(minis).ok_or_else(short)?;
        }
        let width = self.widths.first().copied().unwrap_or(0);
        if width > 64 {
            return Err(Fault::syntax("a page with numbers of no width", 0));
        }
        let length = usize::try_from(size / 8 * u64::from(width)).map_err(|_| short())?;
        // The last part may be cut where its numbers end.
        (self.part, self.rest) = self.rest.split_at(length.min(self.rest.len()));
        Ok(())
    }

    /// The bytes of the part that were not read, and those behind it.
    pub(super) fn rest(&self) -> [&'a [u8]; 2] {
        let size = self.block / self.minis;
        let width = u64::from(self.widths.first().copied().unwrap_or(0));
        let read = if self.at > 0 { (self.at - 1) % size + 1 } else { size };
        [super::hybrid::behind(self.part, read * width), self.rest]
    }

    /// Reads all, and yields what is behind.
    pub(super) fn behind(&self) -> Result<&'a [u8], Fault> {
        let mut all = self.clone();
        while all.left > 0 {
            all.next()?;
        }
        Ok(all.rest)
    }
}

fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
