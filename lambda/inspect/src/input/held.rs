//! A file that is held in memory, since its format points across it, or has its index at the end.

use std::io::{self, Read};
use std::rc::Rc;

use contract::Format;

use crate::pass::{Budget, Hold, Ranges};
use crate::verdict::Stop;

/// How much memory is reserved at a time at most, in bytes.
const STEP: usize = 8 << 20;

/// A file in memory.
#[derive(Clone)]
pub(crate) struct Held {
    bytes: Rc<Vec<u8>>,
    at: usize,
    _hold: Rc<Hold>,
}

impl Held {
    /// Reads a stream to its end, up to a limit.
    pub(crate) fn read(format: Format, stream: &mut dyn Read, budget: &Budget) -> Result<Self, Stop> {
        let mut hold = budget.hold();
        // Of what is known the whole is reserved at once: a block that grows may be copied, and be there twice.
        // All of these but one are containers themselves.
        let own = usize::from(format != Format::Parquet);
        let mut bytes = Vec::with_capacity(budget.known(own));
        let mut piece = vec![0; 64 << 10];
        loop {
            let read = stream.read(&mut piece)?;
            if read == 0 {
                return Ok(Self { bytes: Rc::new(bytes), at: 0, _hold: Rc::new(hold) });
            }
            hold.add(read).map_err(|fault| fault.stop(format, bytes.len() as u64))?;
            if bytes.capacity() - bytes.len() < read {
                // Not by doubling all the way: what is held is bounded, and so is what is reserved.
                bytes.reserve_exact(bytes.len().clamp(read, STEP));
            }
            bytes.extend_from_slice(&piece[..read]);
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }
}

impl Read for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

impl Ranges for Held {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(length)?));
        let part = range.and_then(|range| self.bytes.get(range));
        part.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}
