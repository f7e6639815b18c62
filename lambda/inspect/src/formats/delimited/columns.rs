//! The rows of a table whose fields may name the columns: the first one, and those below a title.

use std::collections::HashMap;
use std::rc::Rc;

use crate::pass::Hold;
use crate::scan::path;
use crate::scan::{Mask, NamedCell, Scanner};
use crate::verdict::{Fault, Kind};

/// As much of a name as is looked at, in bytes.
const LONGEST: usize = 256;

/// How much memory the columns may take, in bytes.
const MOST: usize = 24 << 20;

/// What a column takes, and what a name takes beside its text, in bytes.
const COLUMN: usize = size_of::<(u32, u32)>();
const NAME: usize = 256;

/// The columns whose names have keywords; there may be millions without.
pub(super) struct Columns {
    name: String,
    /// The columns in order, each with the number of its name.
    known: Vec<(u32, u32)>,
    /// Those of the row that is read.
    fresh: Vec<(u32, u32)>,
    names: Vec<(Mask, Rc<str>)>,
    /// The numbers of the names, while there may be more columns: many have the same.
    numbers: HashMap<String, u32>,
    hold: Hold,
    bytes: usize,
}

impl Columns {
    /// No columns yet.
    pub(super) fn new(hold: Hold) -> Self {
        let (name, known, fresh, names, numbers) = Default::default();
        Self { name, known, fresh, names, numbers, hold, bytes: 0 }
    }

    /// Takes a part of a name.
    pub(super) fn add(&mut self, part: &str) {
        let room = LONGEST.saturating_sub(self.name.len());
        self.name.push_str(&part[..part.floor_char_boundary(room)]);
    }

    /// Ends the name of a column.
    pub(super) fn close(&mut self, column: u64, scanner: &mut Scanner) -> Result<(), Fault> {
        let names = scanner.names(&self.name);
        if !names.is_empty() {
            let number = match self.numbers.get(&self.name) {
                Some(&number) => number,
                None => self.add_name(names)?,
            };
            self.take(COLUMN)?;
            self.fresh.push((u32::try_from(column).map_err(|_| too_many())?, number));
        }
        self.name.clear();
        Ok(())
    }

    /// Ends a row whose names are those of the columns, beside those that are known.
    pub(super) fn extend(&mut self) -> Result<(), Fault> {
        let (known, fresh) = (std::mem::take(&mut self.known), std::mem::take(&mut self.fresh));
        let mut known = known.into_iter().peekable();
        for (column, number) in fresh {
            while let Some(before) = known.next_if(|known| known.0 < column) {
                self.known.push(before);
            }
            let number = match known.next_if(|known| known.0 == column) {
                Some((_, other)) if other != number => self.both(other, number)?,
                _ => number,
            };
            self.known.push((column, number));
        }
        self.known.extend(known);
        Ok(())
    }

    /// The number of what two names say together, under the first one.
    fn both(&mut self, one: u32, other: u32) -> Result<u32, Fault> {
        let name = |number: u32| self.names.get(number as usize).cloned().unwrap_or_default();
        let ((names, shown), (more, _)) = (name(one), name(other));
        if names.covers(&more) {
            return Ok(one);
        }
        self.take(NAME)?;
        let number = u32::try_from(self.names.len()).map_err(|_| too_many())?;
        self.names.push((names | more, shown));
        Ok(number)
    }

    /// Ends a row that names nothing.
    pub(super) fn skip(&mut self) {
        self.fresh.clear();
    }

    /// Ends the rows that may have names.
    pub(super) fn finish(&mut self) {
        self.numbers = HashMap::new();
    }

    /// The keywords of a column, and its name if it has some.
    pub(super) fn get(&self, column: u64) -> (Mask, Option<Rc<str>>) {
        let place = self.known.binary_search_by(|known| u64::from(known.0).cmp(&column)).ok();
        let known = place.and_then(|place| self.names.get(self.known[place].1 as usize));
        known.map_or_else(Default::default, |(names, name)| (names.clone(), Some(Rc::clone(name))))
    }

    /// The columns that have keywords, in order.
    pub(super) fn named(&self) -> Vec<NamedCell> {
        let named = |&(column, number): &(u32, u32)| {
            let (names, name) = self.names.get(number as usize)?;
            Some(NamedCell { column: column.into(), names: names.clone(), name: Rc::clone(name) })
        };
        self.known.iter().filter_map(named).collect()
    }

    fn add_name(&mut self, names: Mask) -> Result<u32, Fault> {
        self.take(NAME + self.name.len())?;
        let number = u32::try_from(self.names.len()).map_err(|_| too_many())?;
        self.names.push((names, Rc::from(path::shown(&self.name))));
        self.numbers.insert(self.name.clone(), number);
        Ok(number)
    }

    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        self.bytes += bytes;
        if self.bytes > MOST { Err(too_many()) } else { self.hold.add(bytes) }
    }
}

fn too_many() -> Fault {
    Fault::new(Kind::Limit, "too many columns with names that matter", 0)
}
