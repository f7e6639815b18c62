//! The values of a record, each under the way to its field.

use super::bytes::Bytes;
use super::schema::{Id, Schema, Type};
use crate::pass::Budget;
use crate::scan::path::Path;
use crate::scan::value;
use crate::scan::{Mask, Scanner};
use crate::verdict::Fault;
use crate::verdict::Kind;

/// Decodes records by a schema.
pub(super) struct Records<'a> {
    schema: &'a Schema,
    deepest: usize,
    budget: &'a Budget,
}

/// Where the values go.
struct Sink<'a> {
    record: u64,
    path: &'a mut Path,
    scanner: &'a mut Scanner,
}

impl Sink<'_> {
    fn text(&mut self, text: &str) {
        let place = self.path.place_in("record", self.record);
        self.scanner.begin(self.path.names(), place);
        self.scanner.text(text);
    }
}

impl<'a> Records<'a> {
    pub(super) fn new(schema: &'a Schema, deepest: usize, budget: &'a Budget) -> Self {
        Self { schema, deepest, budget }
    }

    /// Decodes the next record.
    pub(super) fn read(
        &self,
        bytes: &mut Bytes,
        record: u64,
        path: &mut Path,
        scanner: &mut Scanner,
    ) -> Result<(), Fault> {
        let mut sink = Sink { record, path, scanner };
        self.value(self.schema.root, bytes, &mut sink, 0)?;
        scanner.separate();
        Ok(())
    }

    fn value(&self, id: Id, bytes: &mut Bytes, sink: &mut Sink, depth: usize) -> Result<(), Fault> {
        bytes.step()?;
        if depth > self.deepest {
            return Err(Fault::new(Kind::Limit, format!("nested deeper than {} levels", self.deepest), 0));
        }
        match &self.schema.types[id] {
            Type::Null => {}
            Type::Boolean => match bytes.array()? {
                [0 | 1] => {}
                _ => return Err(Fault::syntax("a boolean that is neither true nor false", 0)),
            },
            Type::Long(None) => sink.text(&bytes.long()?.to_string()),
            Type::Long(Some(units)) => sink.text(&value::day(bytes.long()?.div_euclid(*units))),
            Type::Float => sink.text(&value::float(f32::from_le_bytes(bytes.array()?).into())),
            Type::Double => sink.text(&value::float(f64::from_le_bytes(bytes.array()?))),
            Type::Bytes(scale) => sink.text(&value::bytes(bytes.sized()?, *scale)),
            Type::Fixed(size, scale) => sink.text(&value::bytes(bytes.take(*size)?, *scale)),
            Type::String => {
                let text = str::from_utf8(bytes.sized()?);
                sink.text(text.map_err(|_| Fault::new(Kind::Encoding, "a string that is no UTF-8", 0))?);
            }
            Type::Enum(symbols) => {
                let symbol = &symbols[choice(bytes, symbols.len())?];
                // A byte chooses a symbol of any length.
                self.budget.expand(symbol.len(), u64::MAX, 0)?;
                sink.text(symbol);
            }
            Type::Union(variants) => {
                let chosen = choice(bytes, variants.len())?;
                self.value(variants[chosen], bytes, sink, depth + 1)?;
            }
            Type::Record(fields) => {
                for field in fields {
                    let names = sink.scanner.names(&field.names);
                    sink.path.enter(&field.name, names);
                    sink.path.check()?;
                    self.value(field.id, bytes, sink, depth + 1)?;
                    sink.path.leave();
                }
            }
            Type::Array(items) => self.items(*items, false, bytes, sink, depth)?,
            Type::Map(values) => self.items(*values, true, bytes, sink, depth)?,
        }
        Ok(())
    }

    /// The items of an array or a map, which come in blocks.
    fn items(&self, id: Id, keyed: bool, bytes: &mut Bytes, sink: &mut Sink, depth: usize) -> Result<(), Fault> {
        let mut index = 0;
        loop {
            let count = bytes.long()?;
            if count == 0 {
                return Ok(());
            }
            if count < 0 {
                // The block's length, for those who skip it.
                bytes.long()?;
            }
            for _ in 0..count.unsigned_abs() {
                if keyed {
                    let key = str::from_utf8(bytes.sized()?);
                    let key = key.map_err(|_| Fault::new(Kind::Encoding, "a key that is no UTF-8", 0))?;
                    sink.text(key);
                    let names = sink.scanner.names(key);
                    sink.path.enter(key, names);
                    sink.path.check()?;
                } else {
                    sink.path.enter_item(index, Mask::default());
                }
                index += 1;
                self.value(id, bytes, sink, depth + 1)?;
                sink.path.leave();
            }
        }
    }
}

/// Which of so many a value is.
fn choice(bytes: &mut Bytes, count: usize) -> Result<usize, Fault> {
    let chosen = usize::try_from(bytes.long()?).ok().filter(|&chosen| chosen < count);
    chosen.ok_or_else(|| Fault::syntax("a choice that the schema does not have", 0))
}
