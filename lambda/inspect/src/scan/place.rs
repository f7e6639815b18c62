//! Where in a file something was found.

use std::rc::Rc;

use super::path::Way;
use super::position::Position;
use super::records::Records;

/// Where a segment is in the file.
#[derive(Clone)]
pub(crate) enum Place {
    /// Plain text: line and character are counted.
    Text,
    /// A cell, and the name of its column if that is to be shown.
    Cell { row: u64, column: u64, name: Option<Rc<str>> },
    /// The cells of a row from a column on, none of which has a name to be shown: see [`super::rows`].
    Row { row: u64, column: u64 },
    /// The values of a record from one on: see [`super::records`].
    Record(Records),
    /// A text that says it.
    Path(Rc<str>),
    /// The way to a field.
    Way(Way),
    /// The way to a field of a record, which is counted: what it is called, and its number.
    Field(&'static str, u64, Way),
}

impl Place {
    /// The place for people; `position` counts where the text is plain.
    pub(super) fn describe(&self, position: Position) -> String {
        match self {
            Self::Text => position.to_string(),
            Self::Cell { row, column, name: None } | Self::Row { row, column } => format!("row {row}, column {column}"),
            Self::Cell { row, column, name: Some(name) } => {
                format!("row {row}, column {column} ({name})")
            }
            Self::Record(record) => record.way.to_string(),
            Self::Path(path) => path.to_string(),
            Self::Way(way) => way.to_string(),
            Self::Field(what, number, way) => format!("{what} {number}, {way}"),
        }
    }
}
