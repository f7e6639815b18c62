//! What is given up once nobody waits for it, wherever it is by then.

#[path = "../../tests/archives/gzip.rs"]
mod gzip;
#[path = "../../tests/archives/parquet_pages.rs"]
mod parquet;

use super::*;
use crate::judge::FORMATS;
use crate::pass::Switch;
use gzip::gzip;
use parquet::{dictionary, parquet, shown};

/// A source that throws a switch with its last bytes.
struct Last<'a> {
    bytes: &'a [u8],
    stop: Switch,
}

impl Read for Last<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        if self.bytes.is_empty() {
            self.stop.throw();
        }
        Ok(read)
    }
}

/// An object of these bytes.
struct Whole<'a>(&'a [u8]);

impl Ranges for Whole<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap();
        Ok(self.0[start..start + length].to_vec())
    }
}

/// A page of few bytes shows a long value often: no byte is read meanwhile.
#[test]
fn what_is_unpacked_of_bytes_that_were_read() {
    let (length, rows) = (1 << 20, 40);
    let text = [&u32::try_from(length).unwrap().to_le_bytes()[..], &vec![b'a'; length]].concat();
    let pages = [dictionary(1, text.len(), &gzip(&text)), shown(rows, gzip)].concat();
    let file = parquet(rows, &pages, b"");
    let expanded = |limits: &Limits, stop: Switch| {
        let mut stream = Last { bytes: &file, stop };
        let (ranges, scanner) = (Whole(&file), Scanner::new(&Detectors::default(), 5));
        let budget = Budget::new(limits, Rc::new(Cell::new(ranges.size())));
        let mut pass = Pass { scanner, limits, budget, known: FORMATS };
        let (_, verdict) = judge("a.parquet", Input { stream: &mut stream, ranges: Some(&ranges) }, &mut pass);
        (pass.budget.extent().expanded, verdict)
    };
    let limits = Limits::default();
    let (all, verdict) = expanded(&limits, Switch::default());
    assert!(verdict.is_ok() && all > (length * rows) as u64, "{all}: {verdict:?}");
    let (some, verdict) = expanded(&limits, limits.stop.clone());
    let Err(Stop::Broken(reason)) = verdict else { panic!("{verdict:?}") };
    assert_eq!((reason.kind, reason.text.contains("the time for it is over")), (Kind::Limit, true), "{reason}");
    assert!(some < all / 2, "{some} of {all}");
}
