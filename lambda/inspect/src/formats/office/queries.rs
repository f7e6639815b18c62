//! The queries of a workbook (Power Query): an archive in base64 among the author's own data, as MS-QDEFF has it.
//!
//! Their formulas are what people read in the editor of queries, comments and all.

use std::io::Read;

use contract::Format;

use crate::detect::base64;
use crate::formats::xml::Xml;
use crate::formats::zip::{self, Index};
use crate::input::checker::check_text;
use crate::input::held::Held;
use crate::input::nested::{Stream, shown, within};
use crate::input::tape::Tape;
use crate::pass::Pass;
use crate::scan::loose;
use crate::verdict::{Fault, Kind, Stop};

const FORMAT: Format = Format::Zip;

/// The element that they are in.
const ELEMENT: &str = "<DataMashup";

/// How much of a part tells that it has queries, in bytes.
pub(super) const HEAD: usize = 512;

/// The longest part with queries, in bytes: it is held, and several times as texts and bytes.
const LONGEST: u64 = 4 << 20;
const TIMES: usize = 6;

/// Whether a part has queries, by how it starts: in UTF-8, or in UTF-16 as Excel writes it.
pub(super) fn are_in(head: &[u8]) -> bool {
    loose::text(head).contains(ELEMENT)
}

/// Checks a part with queries as XML, and passes on their texts.
pub(super) fn check(part: &mut dyn Read, pass: &mut Pass) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    part.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        let what = format!("queries of more than {LONGEST} bytes (save the workbook without them)");
        return Err(Fault::new(Kind::Limit, what, 0).reason(Format::Xml, 0).into());
    }
    let mut hold = pass.budget.hold();
    hold.add(TIMES * bytes.len()).map_err(|fault| fault.stop(Format::Xml, 0))?;
    check_text(Format::Xml, &mut &bytes[..], Xml::new(pass.limits), pass)?;
    scan(&bytes, pass)
}

/// Passes on the texts of the queries in a part.
fn scan(part: &[u8], pass: &mut Pass) -> Result<(), Stop> {
    let broken = |what: &str| Stop::from(Fault::new(Kind::Syntax, what, 0).reason(FORMAT, 0));
    let text = loose::text(part);
    let packed = text.split_once(ELEMENT).and_then(|parts| parts.1.split_once('>')).map_or("", |parts| parts.1);
    let packed = packed.split('<').next().unwrap_or_default();
    let packed: String = packed.chars().filter(|sign| !sign.is_whitespace() && *sign != '=').collect();
    if packed.is_empty() {
        return Ok(());
    }
    let data = base64::decode(&packed).ok_or_else(|| broken("queries that are no base64"))?;
    // A version and the length of the archive; behind it are rights and what is remembered of the queries.
    let length = data.get(4..8).and_then(|length| length.first_chunk()).map(|length| u32::from_le_bytes(*length));
    let length = length.and_then(|length| usize::try_from(length).ok());
    let parts = data.get(8..).zip(length).and_then(|(data, length)| data.split_at_checked(length));
    let (archive, rest) = parts.ok_or_else(|| broken("queries that are cut"))?;
    loose::scan(&mut pass.scanner, "queries", rest);
    let _level = pass.budget.enter().map_err(|fault| fault.stop(FORMAT, 0))?;
    let held = Held::read(FORMAT, &mut &archive[..], &pass.budget)?;
    let index = Index::read(FORMAT, &held, &pass.budget)?;
    zip::scan_beside(FORMAT, &index, &mut pass.scanner)?;
    let mut stream = held.clone();
    let mut tape = Tape::new(FORMAT, &mut stream);
    for entry in &index.entries {
        let mut member = Stream::new(zip::open(FORMAT, &mut tape, entry, pass)?);
        pass.scanner.enter(&shown(&entry.name));
        let verdict = within("queries: ", &mut member, |member| Ok(loose::scan_stream(&mut pass.scanner, member)?));
        pass.scanner.leave();
        verdict?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_told_in_both_encodings() {
        let part = "<?xml version=\"1.0\"?><DataMashup xmlns=\"x\">AAAA</DataMashup>";
        let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(part.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert!(are_in(part.as_bytes()) && are_in(&wide));
        assert!(!are_in(b"<?xml version=\"1.0\"?><b:Sources/>"));
    }
}
