//! Records of fields, each taken as a whole: the ways to its values are put together only where something is found.
//!
//! The window is the same as if each value had come by itself ([`Scanner::begin`]), and so are the steps in which it
//! is scanned: a record that does not fit is not taken, and comes by its values.

use std::rc::Rc;

use memchr::{memchr, memchr_iter};

use super::path::{Step, Way};
use super::{BATCH, MARGIN, Mask, Place, SEGMENTS, Scanner, push_plain};
use crate::detect::keyword::BARRIER;

/// A set of slots, one bit for each.
pub(crate) type Bits = u64;

/// How many slots a record may have.
pub(crate) const SLOTS: usize = Bits::BITS as usize;

/// A part of records that look alike.
pub(crate) enum Slot {
    /// A value: the way to it from the record, and what the names on the whole way to it have keywords of.
    Value { way: Box<[Step]>, names: Mask },
    /// The end of an object: behind it other values are no longer near.
    End,
}

/// The parts of records that look alike, in order.
pub(crate) struct Slots {
    all: Box<[Slot]>,
    /// Those that are values, and those that have names with keywords.
    values: Bits,
    named: Bits,
}

impl Slots {
    /// At most [`SLOTS`] of them.
    pub(crate) fn new(slots: Vec<Slot>) -> Self {
        let bits = |is: fn(&Slot) -> bool| slots.iter().rev().fold(0, |bits, slot| bits << 1 | Bits::from(is(slot)));
        let values = bits(|slot| matches!(slot, Slot::Value { .. }));
        let named = bits(|slot| matches!(slot, Slot::Value { names, .. } if !names.is_empty()));
        Self { values, named, all: slots.into() }
    }
}

/// A record, as it is put together.
#[derive(Default)]
pub(crate) struct Record {
    /// The values, each behind a line end.
    text: String,
    /// Where in the text objects end.
    ends: Vec<usize>,
    /// The slots that are in it: what is `null` is not.
    filled: Bits,
    /// An object has just ended.
    ended: bool,
}

impl Record {
    /// Starts a record; `ended`: an object ended right before it.
    pub(crate) fn clear(&mut self, ended: bool) {
        self.text.clear();
        self.ends.clear();
        (self.filled, self.ended) = (0, ended);
    }

    /// Takes the value of a slot.
    pub(crate) fn value(&mut self, slot: usize, text: &str) {
        self.text.push('\n');
        self.text.push_str(text);
        self.filled |= 1 << slot;
        self.ended = false;
    }

    /// Takes the end of an object.
    pub(crate) fn end(&mut self, slot: usize) {
        if !self.ended {
            self.text.push('\n');
            self.ends.push(self.text.len());
            self.filled |= 1 << slot;
            self.ended = true;
        }
    }
}

/// Where the values of a record are.
#[derive(Clone)]
pub(crate) struct Records {
    /// The line that it is in, where that is to be shown; no line is the zeroth.
    pub(crate) line: u64,
    pub(crate) way: Way,
    pub(crate) slots: Rc<Slots>,
    filled: Bits,
}

impl Records {
    /// A record on a line that looks like others; what is in it is still to come.
    pub(crate) fn new(line: u64, way: Way, slots: &Rc<Slots>) -> Self {
        Self { line, way, slots: Rc::clone(slots), filled: 0 }
    }

    /// Forgets what is before so many line ends.
    pub(super) fn cut(&mut self, ends: usize) {
        self.filled = (0..ends).fold(self.filled, |filled, _| filled & filled.wrapping_sub(1));
    }

    /// Where the value is that starts behind so many line ends.
    fn place(mut self, ends: usize) -> Place {
        self.cut(ends);
        let way = match self.slots.all.get(self.filled.trailing_zeros() as usize) {
            Some(Slot::Value { way, .. }) => self.way.along(way),
            _ => self.way.along(&[]),
        };
        Place::Path(if self.line == 0 { way } else { format!("line {}, {way}", self.line) }.into())
    }
}

impl Scanner {
    /// Whether an object has just ended.
    pub(crate) fn is_separated(&self) -> bool {
        self.window.ends_with(BARRIER)
    }

    /// Takes a record with the end of its object; false if it does not fit.
    pub(crate) fn record(&mut self, record: &Record, mut place: Records) -> bool {
        let values = (record.filled & place.slots.values).count_ones() as usize;
        let most = self.window.len() + record.text.len() + record.ends.len() * BARRIER.len_utf8();
        // An end that belongs to the segment before is not one of the record.
        let begins = record.filled & place.slots.values & record.filled.wrapping_neg() != 0;
        let fits = most + 1 < self.done + BATCH + MARGIN && self.segments.len() + self.cells + values < SEGMENTS;
        if !begins || !fits {
            return false;
        }
        let (start, mut from) = (self.window.len() + 1, 0);
        for &end in &record.ends {
            push_plain(&mut self.window, &record.text[from..end]);
            self.window.push(BARRIER);
            from = end;
        }
        place.filled = record.filled;
        let before = self.segments.len();
        if place.filled & place.slots.named == 0 {
            self.push_segment(start, Mask::default(), Place::Record(place));
        } else {
            self.push_segments(start, place);
        }
        self.cells += values - (self.segments.len() - before);
        true
    }

    /// Starts a segment for each value that has a name with a keyword, and one for those between two of them.
    fn push_segments(&mut self, mut start: usize, mut rest: Records) {
        let named = rest.filled & rest.slots.named;
        let mut apart = true;
        while rest.filled != 0 {
            let slot = rest.filled.trailing_zeros();
            if let Some(Slot::Value { names, .. }) = rest.slots.all.get(slot as usize) {
                let own = named >> slot & 1 == 1;
                if own || apart {
                    self.push_segment(start, names.clone(), Place::Record(rest.clone()));
                }
                apart = own;
            }
            rest.cut(1);
            let end = memchr(b'\n', &self.window.as_bytes()[start..]);
            start = end.map_or(self.window.len(), |length| start + length + 1);
        }
    }

    /// The place of a value in a segment that is a record or a part of one.
    pub(super) fn place_of(&self, start: usize, at: usize, records: &Records) -> Place {
        records.clone().place(memchr_iter(b'\n', &self.window.as_bytes()[start..at]).count())
    }
}
