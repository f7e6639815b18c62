//! Office documents: zip archives of XML parts, which all have to be well formed.
//!
//! Documents give their paragraphs, sheets their cells under the names of their
//! columns. The shared strings and the styles of a workbook are fetched first, since sheets only
//! number them. Every part is read, is a picture or the like, or is refused:
//!
//! | part | what becomes of it |
//! |---|---|
//! | XML: text of paragraphs, of notes, comments, headers, footers, drawings, properties | scanned, runs joined: all of it, and without what is hidden, was moved, is pronunciation, or stands in place of a drawing; deleted text, fields and paragraphs inside of a paragraph by themselves |
//! | tables of documents | the name in the first row holds for the cells below it |
//! | values of attributes | scanned from 9 bytes on; names and titles always |
//! | cells of sheets and of other workbooks' caches, records of pivot caches | scanned under their columns; a shared string where it is shown, or by itself |
//! | whole numbers with a format of their own (`000-00-0000`) | also as the format shows them |
//! | formulas | as they are written, and what they join side by side: nothing is computed |
//! | pronunciations, names, headers and footers of sheets, comments, fields of pivot caches, links | scanned |
//! | comments of XML | scanned behind the text they lie in |
//! | data of the author's own (`customXml/item…`) | judged as XML, whose elements are fields; of queries (Power Query) also what is packed in them |
//! | pictures, fonts, audio, video, by their first bytes | pass; what of their bytes is text is scanned, in a PNG packed text too; one with a zip, gzip or PDF in it is refused |
//! | fonts that Word hides (`.odttf`), which have no mark | pass by their name and the table inside |
//! | `.emz`, `.wmz` | unpacked, and treated as pictures |
//! | settings of printers, `xl/customProperty….bin`, `[trash]/` | scanned as bytes of unknown text; judged as a file where they are a zip, gzip or another known format |
//! | documents inside (`.xlsx`, `.docx`, `.pdf`, any known format) | judged as files |
//! | empty parts that are no XML | pass |
//! | OLE objects, `ActiveX`, macros, pictures that are none, all else | refused |
//!
//! Names of parts, comments and extra fields are those of the zip. Pixels, glyphs and sounds are not looked at.

mod digits;
mod headings;
mod links;
mod margin;
mod media;
mod paragraph;
mod parts;
mod pivot;
mod queries;
mod root;
mod sheet;
mod strings;
mod styles;
mod table;
mod words;

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};

use crate::formats::xml::{Reader, Xml};
use crate::formats::zip::{self, Entry, Index, Member};
use crate::input::checker::check_text;
use crate::input::nested::{Stream, drain, shown, within};
use crate::input::tape::Tape;
use crate::pass::{Budget, Pass, Ranges};
use crate::recognise::Claim;
use crate::verdict::Stop;
use contract::Format;
use links::Links;
use pivot::{Fields, Records};
use root::Root;
use sheet::Sheet;
use strings::Strings;
use styles::Styles;

const TYPES: &str = "[Content_Types].xml";
const STRINGS: &str = "xl/sharedStrings.xml";
const STYLES: &str = "xl/styles.xml";

const FIELDS: &str = "xl/pivotCache/pivotCacheDefinition";
const RECORDS: &str = "xl/pivotCache/pivotCacheRecords";

/// Of how many pivot caches the fields are known.
const PIVOTS: usize = 32;

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
    let mut book = Book {
        strings: Strings::new(&pass.budget),
        styles: Styles::default(),
        pivots: HashMap::new(),
        links: Links::new(&pass.budget),
        format,
        budget: pass.budget.clone(),
    };
    if let Some(entry) = index.find(STRINGS) {
        fetch(format, entry, ranges, &mut book.strings, pass)?;
    }
    if let Some(entry) = index.find(STYLES) {
        fetch(format, entry, ranges, &mut book.styles, pass)?;
    }
    for entry in &index.entries {
        if let Some(number) = numbered(&entry.name, FIELDS).filter(|_| book.pivots.len() < PIVOTS) {
            let mut fields = Fields::default();
            fetch(format, entry, ranges, &mut fields, pass)?;
            book.pivots.insert(number.to_owned(), fields);
        }
    }
    let mut tape = Tape::new(format, stream);
    for entry in &index.entries {
        book.links.open(entry);
        check_part(format, &mut tape, entry, &mut book, pass)?;
    }
    book.links.check(format, index)?;
    // A string that no cell shows is in the file all the same.
    pass.scanner.enter(STRINGS);
    book.strings.scan_unused(&mut pass.scanner);
    pass.scanner.leave();
    drain(&mut tape)
}

/// What the sheets of a workbook refer to, and what holds it together.
struct Book {
    format: Format,
    links: Links,
    strings: Strings,
    styles: Styles,
    /// The fields of each pivot cache, by the number in its name.
    pivots: HashMap<String, Fields>,
    budget: Budget,
}

/// How much of a part is fetched at once before its turn, in bytes.
const PIECE: u64 = 4 << 20;

/// A part of a file, fetched in pieces.
struct Range<'a> {
    ranges: &'a dyn Ranges,
    at: u64,
    end: u64,
    piece: VecDeque<u8>,
}

impl Read for Range<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.at < self.end {
            let length = PIECE.min(self.end - self.at);
            self.piece = self.ranges.read_at(self.at, usize::try_from(length).unwrap_or_default())?.into();
            self.at += length;
        }
        self.piece.read(buffer)
    }
}

/// Reads a part before its turn.
fn fetch(
    format: Format,
    entry: &Entry,
    ranges: &dyn Ranges,
    reader: &mut dyn Reader,
    pass: &mut Pass,
) -> Result<(), Stop> {
    let mut bytes = Range { ranges, at: entry.offset, end: entry.offset + entry.length(), piece: VecDeque::new() };
    let mut tape = Tape::starting(format, &mut bytes, entry.offset);
    let mut part = Stream::new(Member::open(format, &mut tape, entry, pass.budget.clone())?);
    within(&prefix(format, entry), &mut part, |part| {
        check_text(Format::Xml, part, Xml::reading(pass.limits, reader), pass)
    })
}

fn check_part(format: Format, tape: &mut Tape, entry: &Entry, book: &mut Book, pass: &mut Pass) -> Result<(), Stop> {
    let mut part = Stream::new(zip::open(format, tape, entry, pass)?);
    if entry.is_folder() {
        return within(&prefix(format, entry), &mut part, |_| Ok(()));
    }
    let markup = match Claim::of(pass.known, &entry.name) {
        Claim::Known(format) => format == Format::Xml,
        Claim::Unknown(extension) => MARKUP.contains(&extension.as_str()),
        Claim::Nothing => is_relations(&entry.name),
    };
    if markup {
        check_markup(format, entry, &mut part, book, pass)
    } else {
        parts::check(format, entry, &mut part, pass)
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
        if is_table(&entry.name) {
            check_text(Format::Xml, part, Xml::reading(pass.limits, &mut Sheet::new(book)), pass)
        } else if entry.name.eq_ignore_ascii_case(STRINGS) {
            check_text(Format::Xml, part, Xml::reading(pass.limits, &mut Strings::beside(&pass.budget)), pass)
        } else if let Some(fields) = numbered(&entry.name, RECORDS).and_then(|number| book.pivots.get(number)) {
            check_text(Format::Xml, part, Xml::reading(pass.limits, &mut Records::new(fields)), pass)
        } else if entry.name.starts_with("customXml/item") {
            // Data of the author's own, whose elements are fields.
            queries::check(part, pass)
        } else {
            check_text(Format::Xml, part, Xml::reading(pass.limits, &mut Root::new(book)), pass)
        }
    });
    pass.scanner.leave();
    verdict
}

/// Whether a part has cells by its name: a sheet, or what a workbook remembers of another one.
fn is_table(name: &str) -> bool {
    (name.starts_with("xl/worksheets/") || name.starts_with("xl/externalLinks/")) && !is_relations(name)
}

/// The number of a part that is named so.
fn numbered<'a>(name: &'a str, start: &str) -> Option<&'a str> {
    name.strip_prefix(start)?.strip_suffix(".xml")
}

/// Whether a part says how others belong together.
fn is_relations(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|parts| parts.1.eq_ignore_ascii_case("rels"))
}

fn prefix(format: Format, entry: &Entry) -> String {
    format!("{format}: part \"{}\": ", shown(&entry.name))
}
