//! Office documents: zip archives of XML parts, which all have to be well formed.
//!
//! Documents give their paragraphs, sheets their cells under the names of their
//! columns. The shared strings and the styles of a workbook are fetched first, since sheets only
//! number them. Pictures and fonts are let pass whole; a document inside of the
//! document is judged as a file, and what cannot be inspected is refused.

mod sheet;
mod strings;
mod styles;
mod words;

use std::io::Read;

use crate::formats::xml::{Reader, Xml};
use crate::formats::zip::{Entry, Index, Member};
use crate::input::checker::check_text;
use crate::input::nested::{Stream, drain, judge_member, shown, within};
use crate::input::tape::Tape;
use crate::pass::Pass;
use crate::pass::Ranges;
use crate::recognise::Claim;
use crate::verdict::{Fault, Stop};
use crate::verdict::{Kind, Reason};
use contract::Format;
use sheet::Sheet;
use strings::Strings;
use styles::Styles;
use words::Words;

const TYPES: &str = "[Content_Types].xml";
const STRINGS: &str = "xl/sharedStrings.xml";
const STYLES: &str = "xl/styles.xml";

/// Parts without text.
const MEDIA: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "wdp", "ico", "odttf", "ttf", "fntdata", "mp3",
    "mp4",
];

/// XML parts with names of their own.
const MARKUP: &[&str] = &["rels", "vml", "psmdcp"];

/// What the parts of a package are: `None` when it is no Office document.
pub(crate) fn recognise(index: &Index) -> Option<Format> {
    index.find(TYPES)?;
    let has = |folder: &str| index.entries.iter().any(|entry| entry.name.starts_with(folder));
    if has("xl/") { Some(Format::Xlsx) } else { has("word/").then_some(Format::Docx) }
}

/// Judges a package, whose index was read.
pub(crate) fn check_package(
    format: Format,
    index: &Index,
    stream: &mut dyn Read,
    ranges: &dyn Ranges,
    pass: &mut Pass,
) -> Result<(), Stop> {
    let mut book = Book { strings: Strings::new(&pass.budget), styles: Styles::default() };
    if let Some(entry) = index.find(STRINGS) {
        fetch(format, entry, ranges, &mut book.strings, pass)?;
    }
    if let Some(entry) = index.find(STYLES) {
        fetch(format, entry, ranges, &mut book.styles, pass)?;
    }
    let mut tape = Tape::new(format, stream);
    for entry in &index.entries {
        check_part(format, &mut tape, entry, &mut book, pass)?;
    }
    // A string that no cell shows is in the file all the same.
    pass.scanner.enter(STRINGS);
    book.strings.scan_unused(&mut pass.scanner);
    pass.scanner.leave();
    drain(&mut tape)
}

/// What the sheets of a workbook refer to.
struct Book {
    strings: Strings,
    styles: Styles,
}

/// Reads a part before its turn.
fn fetch(
    format: Format,
    entry: &Entry,
    ranges: &dyn Ranges,
    reader: &mut dyn Reader,
    pass: &mut Pass,
) -> Result<(), Stop> {
    let length = usize::try_from(entry.length()).unwrap_or(usize::MAX);
    if length > pass.budget.block() {
        let fault = Fault::new(Kind::Limit, "too many shared strings or styles", 0);
        return Err(fault.reason(format, entry.offset).into());
    }
    let bytes = ranges.read_at(entry.offset, length)?;
    let mut bytes = &bytes[..];
    let mut tape = Tape::starting(format, &mut bytes, entry.offset);
    let mut part = Stream::new(Member::open(format, &mut tape, entry, pass.budget.clone())?);
    within(&prefix(format, entry), &mut part, |part| {
        check_text(Format::Xml, part, Xml::reading(pass.limits, reader), pass)
    })
}

fn check_part(format: Format, tape: &mut Tape, entry: &Entry, book: &mut Book, pass: &mut Pass) -> Result<(), Stop> {
    let name = entry.name.as_str();
    let mut part = Stream::new(Member::open(format, tape, entry, pass.budget.clone())?);
    let passed = |known: &[&str], extension: &str| known.contains(&extension);
    match Claim::of(pass.known, name) {
        _ if entry.is_folder() => within(&prefix(format, entry), &mut part, |_| Ok(())),
        Claim::Known(Format::Xml) => check_markup(format, entry, &mut part, book, pass),
        Claim::Unknown(extension) if passed(MARKUP, &extension) => check_markup(format, entry, &mut part, book, pass),
        Claim::Unknown(extension) if passed(MEDIA, &extension) || name.contains("printerSettings/") => {
            within(&prefix(format, entry), &mut part, |_| Ok(()))
        }
        _ if is_relations(name) => check_markup(format, entry, &mut part, book, pass),
        Claim::Known(_) => judge_member(name, &format!("{format}: "), &mut part, pass),
        _ => {
            let text = format!("{}a part that cannot be inspected", prefix(format, entry));
            Err(Reason { kind: Kind::Unsupported, text }.into())
        }
    }
}

/// Checks an XML part, by the reader that knows its text.
fn check_markup(
    format: Format,
    entry: &Entry,
    part: &mut Stream<Member>,
    book: &mut Book,
    pass: &mut Pass,
) -> Result<(), Stop> {
    pass.scanner.enter(&shown(&entry.name));
    let verdict = within(&prefix(format, entry), part, |part| {
        if entry.name.starts_with("xl/worksheets/") && !is_relations(&entry.name) {
            check_text(Format::Xml, part, Xml::reading(pass.limits, &mut Sheet::new(book)), pass)
        } else if entry.name.eq_ignore_ascii_case(STRINGS) {
            check_text(Format::Xml, part, Xml::reading(pass.limits, &mut Strings::deaf(&pass.budget)), pass)
        } else {
            check_text(Format::Xml, part, Xml::reading(pass.limits, &mut Words::default()), pass)
        }
    });
    pass.scanner.leave();
    verdict
}

/// Whether a part says how others belong together.
fn is_relations(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|parts| parts.1.eq_ignore_ascii_case("rels"))
}

fn prefix(format: Format, entry: &Entry) -> String {
    format!("{format}: part \"{}\": ", shown(&entry.name))
}
