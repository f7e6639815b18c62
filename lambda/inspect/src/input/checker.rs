//! A text, read piece by piece by the grammar of its format.

use std::io::Read;

use contract::Format;

use super::text::{Encodings, TextReader};
use crate::pass::Pass;
use crate::scan::Scanner;
use crate::verdict::{Fault, Kind, Reason, Stop};

/// The grammar of a text format, fed with pieces of any length.
pub(crate) trait Checker {
    /// Which encodings the text may have beside UTF-8 and marked UTF-16; `allowed` are those that the rules name.
    fn encodings(&self, _allowed: Encodings) -> Encodings {
        Encodings::none()
    }
    /// Takes what the bytes of the text are, before the text: whether they are UTF-16.
    fn encoded(&mut self, _wide: bool) {}
    /// Takes the next piece of text.
    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault>;
    /// Takes the end of the text.
    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault>;
}

/// Runs a checker over a text, and says where it failed in bytes of the file.
pub(crate) fn check_text(
    format: Format,
    stream: &mut dyn Read,
    mut checker: impl Checker,
    pass: &mut Pass,
) -> Result<(), Stop> {
    let encodings = checker.encodings(Encodings::allowed(&pass.limits.encodings));
    let mut stream = TextReader::new(stream, encodings);
    let scanner = &mut pass.scanner;
    let mut begun = false;
    while stream.advance(format)? {
        if !std::mem::replace(&mut begun, true) {
            checker.encoded(stream.is_wide());
        }
        let text = stream.text();
        checker.push(text, scanner).map_err(|fault| {
            let offset = stream.offset(fault.at);
            fault.reason(format, offset)
        })?;
    }
    if stream.blank() {
        let text = format!("{format}: nothing in it that shows");
        return Err(Reason { kind: Kind::Empty, text }.into());
    }
    checker.finish(scanner).map_err(|fault| fault.reason(format, stream.offset(0)).into())
}
