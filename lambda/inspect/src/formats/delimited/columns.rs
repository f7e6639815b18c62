//! The first row of a table, whose fields may name the columns.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::scan::path;
use crate::scan::{Mask, Scanner};

/// As much of a name as is looked at, in bytes.
const LONGEST: usize = 256;

/// The columns whose names have keywords; there may be millions without.
#[derive(Default)]
pub(super) struct Columns {
    name: String,
    known: BTreeMap<u64, (Mask, Rc<str>)>,
}

impl Columns {
    /// Takes a part of a name.
    pub(super) fn add(&mut self, part: &str) {
        let room = LONGEST.saturating_sub(self.name.len());
        self.name.push_str(&part[..part.floor_char_boundary(room)]);
    }

    /// Ends the name of a column.
    pub(super) fn close(&mut self, column: u64, scanner: &mut Scanner) {
        let names = scanner.names(&self.name);
        if !names.is_empty() {
            self.known.insert(column, (names, Rc::from(path::shown(&self.name))));
        }
        self.name.clear();
    }

    /// The keywords of a column, and its name if it has some.
    pub(super) fn get(&self, column: u64) -> (Mask, Option<Rc<str>>) {
        self.known.get(&column).map_or_else(Default::default, |(names, name)| (names.clone(), Some(Rc::clone(name))))
    }
}
