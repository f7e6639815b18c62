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

/// The element that they are in, with whatever prefix.
const ELEMENT: &str = "DataMashup";

/// The longest part with queries, in bytes: it is held, and several times as texts and bytes.
const LONGEST: u64 = 4 << 20;
const TIMES: usize = 6;

/// Checks a part of the author's own data as XML, and passes on the texts of its queries, if it has some.
pub(super) fn check(part: &mut dyn Read, pass: &mut Pass) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    let mut hold = pass.budget.hold();
    (&mut *part).take(LONGEST).read_to_end(&mut bytes)?;
    hold.add(TIMES * bytes.len()).map_err(|fault| fault.stop(Format::Xml, 0))?;
    let text = loose::text(&bytes);
    let has_queries = ["<", ":"].iter().any(|before| text.contains(&format!("{before}{ELEMENT}")));
    let is_whole = (bytes.len() as u64) < LONGEST;
    if has_queries && !is_whole {
        let what = format!("queries of more than {LONGEST} bytes (save the workbook without them)");
        return Err(Fault::new(Kind::Limit, what, 0).reason(Format::Xml, 0).into());
    }
    check_text(Format::Xml, &mut (&bytes[..]).chain(part), Xml::new(pass.limits), pass)?;
    if has_queries { scan(&text, pass) } else { Ok(()) }
}

/// Passes on the texts of the queries in a part.
fn scan(text: &str, pass: &mut Pass) -> Result<(), Stop> {
    let parts = text.split(ELEMENT).skip(1).filter_map(|behind| behind.split_once('>'));
    let packed = parts.map(|(_, content)| content.split('<').next().unwrap_or_default());
    let is_packed = |sign: &char| !sign.is_whitespace() && *sign != '=';
    let packed: Vec<String> = packed.map(|content| content.chars().filter(is_packed).collect()).collect();
    let is_base64 = |packed: &&String| packed.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"+/".contains(&sign));
    // What else names the element, as a comment may, has none.
    let mut filled = packed.iter().filter(|packed| !packed.is_empty()).filter(is_base64).peekable();
    if filled.peek().is_none() {
        return Err(broken("queries that are not where they should be (save the workbook again)"));
    }
    filled.try_for_each(|packed| unpack(packed, pass))
}

/// Passes on what is packed.
fn unpack(packed: &str, pass: &mut Pass) -> Result<(), Stop> {
    let data = base64::decode(packed).ok_or_else(|| broken("queries that are no base64"))?;
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

fn broken(what: &str) -> Stop {
    Fault::new(Kind::Syntax, what, 0).reason(FORMAT, 0).into()
}
