//! What a pivot table remembers of its source: records, whose values have the names of its fields.

use super::words::scan_attributes;
use crate::formats::xml::{Attributes, Reader, local};
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Fault;

/// As many fields as a sheet has columns.
const MOST: usize = 16_384;

/// The names of a cache's fields, in their order.
#[derive(Default)]
pub(super) struct Fields(Vec<Mask>);

impl Reader for Fields {
    fn start(&mut self, name: &str, attributes: &Attributes, scanner: &mut Scanner) -> Result<(), Fault> {
        if local(name) == "cacheField" && self.0.len() < MOST {
            let name = attributes.iter().find(|found| found.0 == "name").map_or("", |found| &*found.1);
            self.0.push(scanner.names(name));
        }
        Ok(())
    }

    fn text(&mut self, _: &str, _: &mut Scanner) -> Result<(), Fault> {
        Ok(())
    }

    fn aside(&mut self, _: &str, _: &mut Scanner) {}

    fn end(&mut self, _: &str, _: &mut Scanner) -> Result<(), Fault> {
        Ok(())
    }
}

/// Reads the records of a cache.
pub(super) struct Records<'a> {
    fields: &'a Fields,
    record: u64,
    field: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(fields: &'a Fields) -> Self {
        Self { fields, record: 0, field: 0 }
    }
}

impl Reader for Records<'_> {
    fn start(&mut self, name: &str, attributes: &Attributes, scanner: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "r" => {
                self.record += 1;
                self.field = 0;
                scanner.separate();
            }
            "s" | "n" | "d" | "b" | "e" | "x" | "m" => {
                let names = self.fields.0.get(self.field).cloned().unwrap_or_default();
                self.field += 1;
                let column = self.field as u64;
                scanner.begin(names, Place::Cell { row: self.record, column, name: None });
                for (_, value) in attributes {
                    scanner.text(value);
                    scanner.text("\n");
                }
                return Ok(());
            }
            _ => {}
        }
        scan_attributes(name, attributes, scanner);
        Ok(())
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        scanner.text(text);
        Ok(())
    }

    fn aside(&mut self, text: &str, scanner: &mut Scanner) {
        scanner.text(text);
    }

    fn end(&mut self, _: &str, _: &mut Scanner) -> Result<(), Fault> {
        Ok(())
    }
}
