//! A block as it is decoded.

use crate::verdict::Fault;

/// The bytes of a block that are not read yet.
pub(super) struct Bytes<'a> {
    rest: &'a [u8],
    /// How many values may still be read: some take no byte.
    steps: usize,
}

/// How many values without a byte may come in a block, beside those that its bytes allow.
const STEPS: usize = 1 << 20;

impl<'a> Bytes<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest, steps: rest.len().saturating_mul(16).saturating_add(STEPS) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Counts a value.
    pub(super) fn step(&mut self) -> Result<(), Fault> {
        self.steps = self.steps.checked_sub(1).ok_or_else(|| Fault::syntax("values without end", 0))?;
        Ok(())
    }

    /// The next bytes, as many as are asked for.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(short)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(short)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A number of variable length, whose last bit is its sign.
    pub(super) fn long(&mut self) -> Result<i64, Fault> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(Fault::syntax("a number that is too long", 0))
    }

    /// Bytes behind their length.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], Fault> {
        let length = usize::try_from(self.long()?).map_err(|_| Fault::syntax("a negative length", 0))?;
        self.take(length)
    }
}

fn short() -> Fault {
    Fault::syntax("it ends inside a value", 0)
}
