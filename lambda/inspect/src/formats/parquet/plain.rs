//! One value, as it is where nothing is encoded.

use super::hybrid::short;
use super::schema::{Leaf, Meaning, Physical};
use crate::scan::value;
use crate::verdict::{Fault, Kind};

/// The length of a value that has one.
pub(super) fn width(kind: Physical) -> Option<usize> {
    match kind {
        Physical::Int32 | Physical::Float => Some(4),
        Physical::Int64 | Physical::Double => Some(8),
        Physical::Fixed(size) => Some(size),
        _ => None,
    }
}

/// So many bytes of what is left.
pub(super) fn taken<'a>(rest: &mut &'a [u8], length: i64) -> Result<&'a [u8], Fault> {
    let (taken, behind) =
        usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length)).ok_or_else(short)?;
    *rest = behind;
    Ok(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Fault> {
    let (taken, behind) = rest.split_first_chunk().ok_or_else(short)?;
    *rest = behind;
    Ok(*taken)
}

/// A value as it is.
pub(super) fn plain(rest: &mut &[u8], leaf: &Leaf) -> Result<String, Fault> {
    Ok(match leaf.kind {
        Physical::Boolean => array::<1>(rest).map(|_| String::new())?,
        Physical::Int32 => integer(i32::from_le_bytes(array(rest)?).into(), leaf.meaning),
        Physical::Int64 => integer(i64::from_le_bytes(array(rest)?), leaf.meaning),
        // A point in time of old: nanoseconds of a day, which is counted as astronomers do.
        Physical::Int96 => {
            array::<8>(rest)?;
            value::day(i64::from(i32::from_le_bytes(array(rest)?)) - 2_440_588)
        }
        Physical::Float => value::float(f32::from_le_bytes(array(rest)?).into()),
        Physical::Double => value::float(f64::from_le_bytes(array(rest)?)),
        Physical::Bytes => {
            let length = u32::from_le_bytes(array(rest)?);
            bytes(taken(rest, length.into())?, leaf)?
        }
        Physical::Fixed(size) => bytes(taken(rest, i64::try_from(size).map_err(|_| short())?)?, leaf)?,
    })
}

/// The bytes of a value as a text.
pub(super) fn bytes(bytes: &[u8], leaf: &Leaf) -> Result<String, Fault> {
    match leaf.meaning {
        Meaning::Text => match str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(Fault::new(Kind::Encoding, "a text that is no UTF-8", 0)),
        },
        Meaning::Decimal(scale) => Ok(value::bytes(bytes, Some(scale))),
        _ => Ok(value::bytes(bytes, None)),
    }
}

/// A whole number as what it means.
pub(super) fn integer(number: i64, meaning: Meaning) -> String {
    match meaning {
        Meaning::Plain | Meaning::Text => number.to_string(),
        Meaning::Day => value::day(number),
        Meaning::Moment(units) => value::day(number.div_euclid(units)),
        Meaning::Decimal(scale) => value::scaled(number.into(), scale),
    }
}
