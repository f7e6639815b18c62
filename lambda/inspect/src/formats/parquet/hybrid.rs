//! Small numbers as runs and as bits: levels, indices of a dictionary, truths.

use crate::verdict::Fault;

/// Reads the hybrid of run lengths and packed bits.
pub(super) struct Hybrid<'a> {
    rest: &'a [u8],
    width: u32,
    run: Run<'a>,
}

enum Run<'a> {
    /// So many times a value.
    Same(u64, u64),
    /// So many values, from a bit on.
    Packed(u64, &'a [u8], u64),
}

impl<'a> Hybrid<'a> {
    /// Reads numbers of so many bits, at most 32.
    pub(super) fn new(rest: &'a [u8], width: u32) -> Self {
        Self { rest, width, run: Run::Same(0, 0) }
    }

    pub(super) fn next(&mut self) -> Result<u64, Fault> {
        if self.width == 0 {
            return Ok(0);
        }
        loop {
            match &mut self.run {
                Run::Same(left @ 1.., value) => {
                    *left -= 1;
                    return Ok(*value);
                }
                Run::Packed(left @ 1.., data, bit) => {
                    let value = bits(data, *bit, self.width).ok_or_else(short)?;
                    *left -= 1;
                    *bit += u64::from(self.width);
                    return Ok(value);
                }
                _ => self.run = self.start()?,
            }
        }
    }

    /// The bytes that were not read: of the last run, and behind it.
    pub(super) fn rest(&self) -> [&'a [u8]; 2] {
        let run = match self.run {
            Run::Packed(_, data, bit) => behind(data, bit),
            Run::Same(..) => &[],
        };
        [run, self.rest]
    }

    fn start(&mut self) -> Result<Run<'a>, Fault> {
        let head = varint(&mut self.rest)?;
        let (count, packed) = (head >> 1, head & 1 == 1);
        if count == 0 {
            return Err(short());
        }
        if packed {
            let length = count.checked_mul(self.width.into()).and_then(|length| usize::try_from(length).ok());
            // The last group may be cut where its values end.
            let (data, rest) = self.rest.split_at(length.ok_or_else(short)?.min(self.rest.len()));
            self.rest = rest;
            return Ok(Run::Packed(count.saturating_mul(8), data, 0));
        }
        let (value, rest) = self.rest.split_at_checked(self.width.div_ceil(8) as usize).ok_or_else(short)?;
        self.rest = rest;
        Ok(Run::Same(count, value.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))))
    }
}

/// So many bits from a bit on, the low ones first; at most 64.
pub(super) fn bits(data: &[u8], bit: u64, width: u32) -> Option<u64> {
    let (mut value, mut have) = (0_u64, 0);
    let mut at = usize::try_from(bit / 8).ok()?;
    let mut skip = u32::try_from(bit % 8).ok()?;
    while have < width {
        let byte = u64::from(*data.get(at)?) >> skip;
        value |= byte << have;
        have += 8 - skip;
        skip = 0;
        at += 1;
    }
    Some(if width == 64 { value } else { value & ((1 << width) - 1) })
}

/// The whole bytes behind a bit.
pub(super) fn behind(data: &[u8], bit: u64) -> &[u8] {
    usize::try_from(bit.div_ceil(8)).ok().and_then(|at| data.get(at..)).unwrap_or_default()
}

/// A number of variable length.
pub(super) fn varint(data: &mut &[u8]) -> Result<u64, Fault> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = data.split_first().ok_or_else(short)?;
        *data = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(short())
}

pub(super) fn short() -> Fault {
    Fault::syntax("a page ends inside its values", 0)
}
