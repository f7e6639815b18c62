//! What a Parquet file says beside its values: names, pairs of key and value, statistics.

use super::arrow;
use super::plain::plain;
use super::schema::{Leaf, Meaning, Physical};
use super::thrift::Thrift;
use crate::scan::path::{Path, shown};
use crate::scan::{Mask, Place, Scanner, Strings, value};
use crate::verdict::{Fault, Kind};

/// The schema of Arrow: a structure of its own in base64.
const ARROW: &[u8] = b"ARROW:schema";

/// Passes notes on.
pub(super) struct Notes<'a>(pub(super) &'a mut Scanner);

impl Notes<'_> {
    /// A text that stands for itself: a name, a producer.
    pub(super) fn text(&mut self, text: &[u8]) -> Result<(), Fault> {
        let text = utf8(text)?;
        self.show(Mask::default(), "/footer", text);
        Ok(())
    }

    /// A key and its value, which anyone may have written.
    pub(super) fn pair(&mut self, pair: &Thrift) -> Result<(), Fault> {
        let key = pair.binary(1).unwrap_or_default();
        let (name, text) = (utf8(key)?, utf8(pair.binary(2).unwrap_or_default())?);
        let (names, place) = (self.0.names(name), format!("/footer/{}", shown(name)));
        self.0.begin(names, Place::Path(place.into()));
        self.0.text(name);
        self.0.text(": ");
        self.0.text(text);
        self.0.separate();
        if key == ARROW {
            let decoded = arrow::decode(text).ok_or_else(|| Fault::syntax("a schema of Arrow that is damaged", 0))?;
            strings(&decoded, "/footer/ARROW:schema", self.0);
        }
        Ok(())
    }

    /// The least and the greatest value of a column or a page, as of now and as of old.
    pub(super) fn statistics(&mut self, statistics: &Thrift, leaf: &Leaf, path: &Path) {
        self.0.echo(true);
        for bytes in [1, 2, 5, 6].into_iter().filter_map(|id| statistics.binary(id)) {
            self.value(bytes, leaf, path);
        }
        self.0.echo(false);
    }

    /// A value outside of the pages, which has no length before it and may be cut.
    pub(super) fn value(&mut self, bytes: &[u8], leaf: &Leaf, path: &Path) {
        let whole = match leaf.kind {
            Physical::Bytes | Physical::Fixed(_) => None,
            _ => plain(&mut &*bytes, leaf).ok(),
        };
        let scale = if let Meaning::Decimal(scale) = leaf.meaning { Some(scale) } else { None };
        self.0.begin(path.names(), path.place());
        self.0.text(&whole.unwrap_or_else(|| value::bytes(bytes, scale)));
        self.0.separate();
    }

    /// All that a header of a page has of bytes.
    pub(super) fn header(&mut self, header: &Thrift, leaf: &Leaf, path: &Path) {
        for statistics in [header.path(&[5, 5]), header.path(&[8, 8])].into_iter().flatten() {
            self.statistics(statistics, leaf, path);
        }
        self.0.echo(true);
        header.bytes(&mut |bytes| strings(bytes, "/page", self.0));
        self.0.echo(false);
    }

    fn show(&mut self, names: Mask, place: &str, text: &str) {
        self.0.begin(names, Place::Path(place.into()));
        self.0.text(text);
        self.0.separate();
    }
}

fn utf8(text: &[u8]) -> Result<&str, Fault> {
    str::from_utf8(text).map_err(|_| Fault::new(Kind::Encoding, "text in the metadata that is no UTF-8", 0))
}

/// Passes on what there is of text in bytes.
pub(super) fn strings(bytes: &[u8], place: &str, scanner: &mut Scanner) {
    if bytes.is_empty() {
        return;
    }
    scanner.begin(Mask::default(), Place::Path(place.into()));
    let mut strings = Strings::default();
    strings.push(bytes, scanner);
    strings.finish(scanner);
    scanner.separate();
}
