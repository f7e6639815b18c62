//! Records that look like one before: most JSON of any size is the same object again and again, with other values.
//!
//! Of an object that was read without fault it is kept what stands between its values ([`Shape`]). An object that has
//! the same there needs no more than its values looked at, and its names are known. An object with anything odd is
//! left to the machine in [`super`], which knows what to say of it, and so is one with rows that are lists, or with lists of texts.

use std::rc::Rc;

use super::string::plain_end;
use super::value::{is_data, whole};
use crate::scan::path::{Path, Step};
use crate::scan::{Mask, Record, SLOTS, Scanner, Slot, Slots};

/// The longest object that is learned, in bytes, and how deep it may nest.
const LONGEST: usize = 8 << 10;
const DEEPEST: usize = 16;

/// How many shapes are known at a time.
const KNOWN: usize = 4;

/// What is paid for learning, and what there may be to pay: each object that looks as expected pays one in.
const LESSON: u32 = 4;
const MOST: u32 = 64;

/// How many objects nothing is tried for when nothing is left to pay.
const REST: u32 = 1024;

/// What stands between the values of an object.
struct Shape {
    /// What is before each slot, from where the slot before it ends.
    before: Vec<Box<str>>,
    slots: Rc<Slots>,
    /// How many lists and objects are in each other.
    depth: usize,
    /// How many lines end in it.
    lines: u64,
    /// What the names around the object have keywords of.
    around: Mask,
}

/// An object that has a known shape.
pub(super) struct Known {
    pub(super) end: usize,
    pub(super) depth: usize,
    pub(super) lines: u64,
    pub(super) slots: Rc<Slots>,
}

/// The shapes that were met lately, the last one first.
pub(super) struct Shapes {
    known: Vec<Shape>,
    pub(super) record: Record,
    credit: u32,
    rest: u32,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { known: Vec::new(), record: Record::default(), credit: MOST, rest: 0 }
    }
}

impl Shapes {
    /// The object at a place, if it has a known shape; its values are in the record then.
    pub(super) fn find(&mut self, text: &str, at: usize, around: &Mask, ended: bool) -> Option<Known> {
        if self.rest > 0 {
            self.rest -= 1;
            return None;
        }
        for number in 0..self.known.len() {
            let shape = &self.known[number];
            if shape.around == *around
                && let Some(end) = shape.fill(text, at, ended, &mut self.record)
            {
                let known = Known { end, depth: shape.depth, lines: shape.lines, slots: Rc::clone(&shape.slots) };
                self.known[..=number].rotate_right(1);
                self.credit = (self.credit + 1).min(MOST);
                return Some(known);
            }
        }
        self.pay(1);
        None
    }

    /// Learns the shape of an object that was read without fault, where that may be worth it.
    pub(super) fn learn(&mut self, object: &str, path: &mut Path, scanner: &mut Scanner) {
        if self.rest > 0 || object.len() > LONGEST {
            return;
        }
        self.pay(LESSON);
        if let Some(shape) = Pupil::learn(object, path, scanner) {
            self.known.truncate(KNOWN - 1);
            self.known.insert(0, shape);
        }
    }

    fn pay(&mut self, price: u32) {
        self.credit = self.credit.saturating_sub(price);
        if self.credit == 0 {
            (self.rest, self.credit) = (REST, MOST);
        }
    }
}

impl Shape {
    /// Takes the values of an object that has this shape; where it ends.
    fn fill(&self, text: &str, mut at: usize, ended: bool, record: &mut Record) -> Option<usize> {
        let bytes = text.as_bytes();
        record.clear(ended);
        for (slot, before) in self.before.iter().enumerate() {
            if !bytes[at..].starts_with(before.as_bytes()) {
                return None;
            }
            at += before.len();
            if before.ends_with('}') {
                record.end(slot);
                continue;
            }
            let start = at;
            at = match *bytes.get(at)? {
                b'"' => {
                    let end = plain_end(bytes, at + 1);
                    if bytes.get(end) != Some(&b'"') {
                        return None;
                    }
                    record.value(slot, &text[start + 1..end]);
                    end + 1
                }
                b'-' | b'0'..=b'9' => {
                    let end = number(bytes, at)?;
                    record.value(slot, &text[start..end]);
                    end
                }
                _ => at + word(&bytes[at..])?,
            };
        }
        Some(at)
    }
}

/// Where a number without an exponent ends, if it is one and does not end where the text does.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let first = at + usize::from(bytes[at] == b'-');
    let mut end = digits(first);
    if end == first || (bytes[first] == b'0' && end > first + 1) {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        let fraction = end + 1;
        end = digits(fraction);
        if end == fraction {
            return None;
        }
    }
    (!matches!(bytes.get(end)?, b'e' | b'E')).then_some(end)
}

/// How long the word is that starts here and is a value.
fn word(bytes: &[u8]) -> Option<usize> {
    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
    words.iter().find(|word| bytes.starts_with(word)).map(|word| word.len())
}

/// Reads an object again to learn its shape.
struct Pupil<'a> {
    text: &'a str,
    at: usize,
    /// Behind the last slot.
    from: usize,
    path: &'a mut Path,
    scanner: &'a mut Scanner,
    /// The way from the object.
    steps: Vec<Step>,
    before: Vec<Box<str>>,
    slots: Vec<Slot>,
    open: usize,
    depth: usize,
}

impl Pupil<'_> {
    /// The shape of an object; none where it has names or strings with escapes, or too much of anything.
    fn learn(text: &str, path: &mut Path, scanner: &mut Scanner) -> Option<Shape> {
        let (steps, before, slots) = Default::default();
        let around = path.names();
        let mut pupil = Pupil { text, at: 0, from: 0, path, scanner, steps, before, slots, open: 0, depth: 0 };
        pupil.value()?;
        let lines: u64 = pupil.before.iter().map(|part| lines(part)).sum();
        let Pupil { before, slots, depth, .. } = pupil;
        Some(Shape { before, slots: Rc::new(Slots::new(slots)), depth, lines, around })
    }

    fn value(&mut self) -> Option<()> {
        self.blanks();
        match self.peek()? {
            open @ (b'{' | b'[') => {
                (self.at, self.open) = (self.at + 1, self.open + 1);
                self.depth = self.depth.max(self.open);
                if self.open > DEEPEST {
                    return None;
                }
                if open == b'{' { self.object() } else { self.list() }?;
                self.open -= 1;
                Some(())
            }
            _ => self.scalar(),
        }
    }

    fn object(&mut self) -> Option<()> {
        self.blanks();
        while self.peek()? != b'}' {
            let name = whole(self.text, self.at + 1).filter(|name| !is_data(name))?;
            self.at += name.len() + 2;
            self.blanks();
            // Behind the colon.
            self.at += 1;
            let names = self.scanner.names(name);
            let step = Step::Name(self.path.show(name));
            self.path.enter(name, names);
            self.inside(step)?;
        }
        self.at += 1;
        self.slot(Slot::End, self.at)
    }

    fn list(&mut self) -> Option<()> {
        self.blanks();
        let (mut items, mut texts) = (0.., true);
        while self.peek()? != b']' {
            // Rows that are lists have names of their own.
            if self.peek()? == b'[' {
                return None;
            }
            texts &= self.peek()? == b'"';
            let item = items.next()?;
            self.path.enter_item(item, Mask::default());
            self.inside(Step::Item(item))?;
        }
        self.at += 1;
        // What has only texts may say what rows are called that come behind it.
        (!texts || items.next()? == 0).then_some(())
    }

    /// Reads the value behind a step that was entered, and the comma behind it.
    fn inside(&mut self, step: Step) -> Option<()> {
        self.steps.push(step);
        let value = self.value();
        self.steps.pop();
        self.path.leave();
        value?;
        self.blanks();
        if self.peek()? == b',' {
            self.at += 1;
            self.blanks();
        }
        Some(())
    }

    fn scalar(&mut self) -> Option<()> {
        let start = self.at;
        let length = match self.peek()? {
            b'"' => whole(self.text, start + 1)?.len() + 2,
            _ => self.text.as_bytes()[start..].iter().take_while(|byte| is_plain(**byte)).count(),
        };
        self.at += length;
        self.slot(Slot::Value { way: self.steps.as_slice().into(), names: self.path.names() }, start)
    }

    /// Takes a slot, before which something ends here.
    fn slot(&mut self, slot: Slot, before: usize) -> Option<()> {
        self.before.push(self.text[self.from..before].into());
        self.slots.push(slot);
        self.from = self.at;
        (self.slots.len() <= SLOTS).then_some(())
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// Whether a character may be in a number or a word.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// How many lines end in a part of a text.
fn lines(text: &str) -> u64 {
    (text.matches(['\n', '\r']).count() - text.matches("\r\n").count()) as u64
}
