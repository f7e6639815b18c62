//! What the structures of Parquet's metadata are made of (parquet.thrift of the format's version 2.12).
//!
//! Nothing else tells damage of them: a field that has another type is another field, one that has to be there and is
//! not was changed, and no number that is longer than its type was written by anybody. What nobody knows yet is left alone.

use super::size::broken;
use super::thrift::{List, Thrift};
use crate::verdict::Fault;

/// What a field is.
pub(super) enum Type {
    Bool,
    Byte,
    I16,
    I32,
    I64,
    Double,
    Binary,
    List(&'static Type),
    Struct(&'static Shape),
}

/// The fields of a structure: their numbers, their types, and whether they have to be there.
pub(super) struct Shape(&'static [(i16, Type, bool)]);

const MUST: bool = true;
const MAY: bool = false;

const EMPTY: Shape = Shape(&[]);
const NUMBERS: Type = Type::List(&Type::I64);

const STATISTICS: Shape = Shape(&[
    (1, Type::Binary, MAY),
    (2, Type::Binary, MAY),
    (3, Type::I64, MAY),
    (4, Type::I64, MAY),
    (5, Type::Binary, MAY),
    (6, Type::Binary, MAY),
    (7, Type::Bool, MAY),
    (8, Type::Bool, MAY),
]);

const UNIT: Shape =
    Shape(&[(1, Type::Struct(&EMPTY), MAY), (2, Type::Struct(&EMPTY), MAY), (3, Type::Struct(&EMPTY), MAY)]);
const TIME: Shape = Shape(&[(1, Type::Bool, MUST), (2, Type::Struct(&UNIT), MUST)]);

const LOGICAL: Shape = Shape(&[
    (1, Type::Struct(&EMPTY), MAY),
    (2, Type::Struct(&EMPTY), MAY),
    (3, Type::Struct(&EMPTY), MAY),
    (4, Type::Struct(&EMPTY), MAY),
    (5, Type::Struct(&Shape(&[(1, Type::I32, MUST), (2, Type::I32, MUST)])), MAY),
    (6, Type::Struct(&EMPTY), MAY),
    (7, Type::Struct(&TIME), MAY),
    (8, Type::Struct(&TIME), MAY),
    (10, Type::Struct(&Shape(&[(1, Type::Byte, MUST), (2, Type::Bool, MUST)])), MAY),
    (11, Type::Struct(&EMPTY), MAY),
    (12, Type::Struct(&EMPTY), MAY),
    (13, Type::Struct(&EMPTY), MAY),
    (14, Type::Struct(&EMPTY), MAY),
    (15, Type::Struct(&EMPTY), MAY),
    (16, Type::Struct(&Shape(&[(1, Type::Byte, MAY)])), MAY),
    (17, Type::Struct(&Shape(&[(1, Type::Binary, MAY)])), MAY),
    (18, Type::Struct(&Shape(&[(1, Type::Binary, MAY), (2, Type::I32, MAY)])), MAY),
]);

/// A column or a group of the schema.
pub(super) const ELEMENT: Shape = Shape(&[
    (1, Type::I32, MAY),
    (2, Type::I32, MAY),
    (3, Type::I32, MAY),
    (4, Type::Binary, MUST),
    (5, Type::I32, MAY),
    (6, Type::I32, MAY),
    (7, Type::I32, MAY),
    (8, Type::I32, MAY),
    (9, Type::I32, MAY),
    (10, Type::Struct(&LOGICAL), MAY),
]);

/// A key and its value.
pub(super) const PAIR: Shape = Shape(&[(1, Type::Binary, MUST), (2, Type::Binary, MAY)]);

const PAGES: Shape = Shape(&[(1, Type::I32, MUST), (2, Type::I32, MUST), (3, Type::I32, MUST)]);

const SIZES: Shape = Shape(&[(1, Type::I64, MAY), (2, NUMBERS, MAY), (3, NUMBERS, MAY)]);

const BOX: Shape = Shape(&[
    (1, Type::Double, MUST),
    (2, Type::Double, MUST),
    (3, Type::Double, MUST),
    (4, Type::Double, MUST),
    (5, Type::Double, MAY),
    (6, Type::Double, MAY),
    (7, Type::Double, MAY),
    (8, Type::Double, MAY),
]);

const PLACES: Shape = Shape(&[(1, Type::Struct(&BOX), MAY), (2, Type::List(&Type::I32), MAY)]);

const DATA: Shape = Shape(&[
    (1, Type::I32, MUST),
    (2, Type::List(&Type::I32), MUST),
    (3, Type::List(&Type::Binary), MUST),
    (4, Type::I32, MUST),
    (5, Type::I64, MUST),
    (6, Type::I64, MUST),
    (7, Type::I64, MUST),
    (8, Type::List(&Type::Struct(&PAIR)), MAY),
    (9, Type::I64, MUST),
    (10, Type::I64, MAY),
    (11, Type::I64, MAY),
    (12, Type::Struct(&STATISTICS), MAY),
    (13, Type::List(&Type::Struct(&PAGES)), MAY),
    (14, Type::I64, MAY),
    (15, Type::I32, MAY),
    (16, Type::Struct(&SIZES), MAY),
    (17, Type::Struct(&PLACES), MAY),
]);

/// A column of a row group.
pub(super) const COLUMN: Shape = Shape(&[
    (1, Type::Binary, MAY),
    (2, Type::I64, MUST),
    (3, Type::Struct(&DATA), MAY),
    (4, Type::I64, MAY),
    (5, Type::I32, MAY),
    (6, Type::I64, MAY),
    (7, Type::I32, MAY),
    (8, Type::Struct(&EMPTY), MAY),
    (9, Type::Binary, MAY),
]);

/// By which column a row group is sorted.
pub(super) const SORTING: Shape = Shape(&[(1, Type::I32, MUST), (2, Type::Bool, MUST), (3, Type::Bool, MUST)]);

/// A row group.
pub(super) const GROUP: Shape = Shape(&[
    (1, Type::List(&Type::Struct(&COLUMN)), MUST),
    (2, Type::I64, MUST),
    (3, Type::I64, MUST),
    (4, Type::List(&Type::Struct(&SORTING)), MAY),
    (5, Type::I64, MAY),
    (6, Type::I64, MAY),
    (7, Type::I16, MAY),
]);

const ORDER: Shape = Shape(&[(1, Type::Struct(&EMPTY), MAY)]);

/// The footer.
pub(super) const FOOTER: Shape = Shape(&[
    (1, Type::I32, MUST),
    (2, Type::List(&Type::Struct(&ELEMENT)), MUST),
    (3, Type::I64, MUST),
    (4, Type::List(&Type::Struct(&GROUP)), MUST),
    (5, Type::List(&Type::Struct(&PAIR)), MAY),
    (6, Type::Binary, MAY),
    (7, Type::List(&Type::Struct(&ORDER)), MAY),
    (8, Type::Struct(&EMPTY), MAY),
    (9, Type::Binary, MAY),
]);

const PAGE: Shape = Shape(&[
    (1, Type::I32, MUST),
    (2, Type::I32, MUST),
    (3, Type::I32, MUST),
    (4, Type::I32, MUST),
    (5, Type::Struct(&STATISTICS), MAY),
]);

const DICTIONARY: Shape = Shape(&[(1, Type::I32, MUST), (2, Type::I32, MUST), (3, Type::Bool, MAY)]);

const PAGE_V2: Shape = Shape(&[
    (1, Type::I32, MUST),
    (2, Type::I32, MUST),
    (3, Type::I32, MUST),
    (4, Type::I32, MUST),
    (5, Type::I32, MUST),
    (6, Type::I32, MUST),
    (7, Type::Bool, MAY),
    (8, Type::Struct(&STATISTICS), MAY),
]);

/// The header of a page.
pub(super) const HEADER: Shape = Shape(&[
    (1, Type::I32, MUST),
    (2, Type::I32, MUST),
    (3, Type::I32, MUST),
    (4, Type::I32, MAY),
    (5, Type::Struct(&PAGE), MAY),
    (6, Type::Struct(&EMPTY), MAY),
    (7, Type::Struct(&DICTIONARY), MAY),
    (8, Type::Struct(&PAGE_V2), MAY),
]);

impl Type {
    /// Its number in Thrift's compact protocol, where a truth has two.
    fn is(&self, kind: u8) -> bool {
        match self {
            Self::Bool => matches!(kind, 1 | 2),
            Self::Byte => kind == 3,
            Self::I16 => kind == 4,
            Self::I32 => kind == 5,
            Self::I64 => kind == 6,
            Self::Double => kind == 7,
            Self::Binary => kind == 8,
            Self::List(_) => kind == 9,
            Self::Struct(_) => kind == 12,
        }
    }

    fn holds(&self, value: &Thrift) -> Result<(), Fault> {
        match (self, value) {
            (Self::I16, Thrift::Int(number)) if i16::try_from(*number).is_err() => Err(other()),
            (Self::I32, Thrift::Int(number)) if i32::try_from(*number).is_err() => Err(other()),
            (Self::List(of), Thrift::List(List { kind, items })) => {
                if !items.is_empty() && !of.is(*kind) {
                    return Err(other());
                }
                items.iter().try_for_each(|item| of.holds(item))
            }
            (Self::Struct(shape), Thrift::Struct(_)) => shape.holds(value),
            _ => Ok(()),
        }
    }
}

impl Shape {
    /// Whether a structure is made so.
    pub(super) fn holds(&self, value: &Thrift) -> Result<(), Fault> {
        let Thrift::Struct(fields) = value else { return Err(other()) };
        let mut seen = Seen::default();
        for field in fields {
            if let Some(of) = seen.field(self, field.id, field.kind)? {
                of.holds(&field.value)?;
            }
        }
        seen.end(self)
    }
}

/// The fields of a structure that is walked.
#[derive(Default)]
pub(super) struct Seen(u32);

impl Seen {
    /// Takes the next field, and says what it is if it is known.
    pub(super) fn field(&mut self, shape: &Shape, id: i16, kind: u8) -> Result<Option<&'static Type>, Fault> {
        let Some((_, of, _)) = shape.0.iter().find(|field| field.0 == id) else { return Ok(None) };
        if !of.is(kind) {
            return Err(other());
        }
        // All that are known have small numbers.
        let bit = 1 << id;
        if self.0 & bit != 0 {
            return Err(broken("metadata with a field twice"));
        }
        self.0 |= bit;
        Ok(Some(of))
    }

    /// Takes the end.
    pub(super) fn end(&self, shape: &Shape) -> Result<(), Fault> {
        let has = |field: &(i16, Type, bool)| self.0 >> field.0 & 1 == 1;
        if shape.0.iter().all(|field| field.2 == MAY || has(field)) {
            Ok(())
        } else {
            Err(broken("metadata without a field that has to be there"))
        }
    }
}

fn other() -> Fault {
    broken("metadata with a field of another type")
}
