//! PDF: header, cross-references, every object where they say it is, every stream
//! that can be decoded decoded, and all text in it.
//!
//! A document points across itself in all directions, so that it is held in memory,
//! up to [`crate::Limits::held`]; beside it not more than 64 MiB. Objects that share bytes are refused,
//! and what is looked at more than once is work, which the budget bounds.
//!
//! A reader of our own: of 22,985 damaged files (46 sound ones, a byte changed or gone, or cut off) lopdf (0.47) opens
//! 15,494 that are refused here.
//!
//! # What is looked at
//!
//! A stream is what refers to it, whatever it says of itself.
//!
//! | what | how |
//! |---|---|
//! | the streams of a page (one, with white space between), the forms that it draws and the appearances of its notes, where they stand | the text as it is shown, by the map of the font, the names of its glyphs (`/four`, `/uni0034`), its encoding (those of East Asia, too) or the collection of its characters: in the order of drawing, and where that is another one, line by line as on the page; gaps are blanks, measured by the widths of the font or the usual ones |
//! | in these, where it is something else | also the text by the encoding of the font alone, since a map may say anything, and by `/ActualText` in its place; digits in boxes side by side, groups of digits of a card as far apart as columns, and digits that are drawn one below the other |
//! | values of text fields and choices, and texts on the page (`/FreeText`), whose appearance shows no text | where they are, among the text of the page: a label may be beside or above them |
//! | paragraphs in these | also the end of a line with the start of the next one, where a number or a keyword may go on, with or without the dash between them |
//! | tables in these | what gaps part from the others of its line, under the short text with a keyword above it in the same column; the names of two lines, too |
//! | patterns, glyphs, other appearances, forms that nothing draws, pages of older revisions, drawn streams that nothing names | the text as it is shown, each by itself |
//! | in all of these: comments, strings that are not shown, words that are no operators, long names and numbers, texts in inline pictures, hidden layers, invisible text | as text |
//! | `/Info`, fields, notes, outlines, links, scripts, names, labels, structure: all objects of all revisions, in object streams, too | as they are written, strings and names decoded; a value is called as the key before it, and as its field: by `/T`, `/TU` and `/TM`, its own and those of the fields around it, and by all `/T` as one name |
//! | XMP, scripts and all other streams | as text, `&#52;` decoded |
//! | forms in XML (XFA) | their parts as one XML document, or as text if they are none |
//! | attached files | as files of their own; pictures by content, whose texts are scanned, and empty ones pass |
//! | bookmarks | by themselves, and one below the other |
//! | behind the end of a compressed stream | as text |
//! | tables of cross-references, comments, whatever lies between objects | as it is written, strings decoded |
//! | objects that no cross-reference names | where they are whole as all others, else as text |
//! | a document that is encrypted and opens with the empty password | decrypted; any other is refused |
//! | bytes before `%PDF-` or behind `%%EOF`; a header without a version, a trailer without `/Size`, a catalogue of another generation than the trailer says | refused |
//! | a stream that is broken, of an unknown filter, or longer than 32 MiB where it is no picture | refused |
//! | what readers differ in: digits of a string or a stream that are none, lists of filters with parameters that are no list, a stream that ends before it begins | refused |
//!
//! # What is not looked at
//!
//! | what | why |
//! |---|---|
//! | what is reached as a picture or a font file and as nothing else, unless most of it can be read or it draws text | pixels and outlines: nobody looks for text in a scan, nor in the comments of JPEG (EXIF) or the names in a font |
//! | what letters look like: fonts without a map whose codes are no usual ones and whose glyphs have names that say nothing (`/g12`) | no reader can extract their text, either |
//! | parts of a line that are drawn with more than 32,768 other pieces of text between them | as in a map that is drawn letter by letter: such a page is looked at in parts |
//! | columns that go on without their names on the next page, or behind a gap of more than six lines; a number within the sentence of a cell | nothing says that they belong to the name |
//! | digits one below the other that are drawn in another order | each is in a line of its own |
//! | a number that goes on in a third line, or in the next line of a cell or of a column of numbers | numbers below each other are numbers of their own |
//! | whether a text is covered, white, or off the page | it is taken for shown |
//! | what viewers compute: values of scripts, external files | nothing is fetched, nothing runs |

mod above;
mod boxes;
mod content;
mod crypt;
mod document;
mod filter;
mod font;
mod gaps;
mod indirect;
mod lexer;
mod object;
mod outlines;
mod page;
mod pages;
mod placement;
mod resources;
mod streams;
mod strings;
mod told;
mod trouble;
mod uses;
mod xref;

use crate::input::held::Held;
use crate::pass::{Input, Named, Pass};
use crate::verdict::{Fault, Stop};
use content::Painter;
use contract::Format;
use document::Document;
use object::{Dict, Object, Resolve};
use resources::Shelf;
use trouble::Trouble;
use uses::Uses;
use xref::Xref;

/// Judges a PDF document.
pub(crate) fn check(_file: Named, Input { stream, .. }: Input, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(Format::Pdf, 0))?;
    let held = Held::read(Format::Pdf, stream, &pass.budget)?;
    check_held(held.as_slice(), pass).map_err(|trouble| match trouble {
        Trouble::Own(fault) => {
            let at = fault.at as u64;
            fault.stop(Format::Pdf, at)
        }
        Trouble::Inside(stop) => stop,
    })
}

fn check_held(data: &[u8], pass: &mut Pass) -> Result<(), Trouble> {
    if !matches!(data, [b'%', b'P', b'D', b'F', b'-', b'0'..=b'9', b'.', b'0'..=b'9', ..]) {
        return Err(Fault::syntax("the header says no version (save it again)", 0).into());
    }
    let mut xref = Xref::read(data, &pass.budget)?;
    let (trailer, generation) = (std::mem::take(&mut xref.trailer), xref.root);
    if trailer.get("Size").and_then(Object::count).is_none() {
        return Err(Fault::syntax(
            "a trailer that does not say how many objects there are (save it again)",
            data.len(),
        )
        .into());
    }
    let document = Document::read(data, xref, &trailer, &pass.budget)?;
    if let (Some(said), Some(root)) = (generation, trailer.get("Root").and_then(Object::reference))
        && document.generation(root).is_some_and(|own| own != said)
    {
        return Err(Fault::syntax(
            "the catalogue is of another generation than the trailer says (save it again)",
            data.len(),
        )
        .into());
    }
    let Object::Dict(root) = document.entry(&trailer, "Root").into_owned() else {
        return Err(Fault::syntax("there is no catalogue", data.len()).into());
    };
    // Without them no reader opens it.
    let is_tree = |pages: &Dict| {
        let kids = matches!(&*document.entry(pages, "Kids"), Object::Array(_));
        kids && matches!(&*document.entry(pages, "Count"), Object::Number(_))
    };
    if !document.entry(&root, "Pages").dict().is_some_and(is_tree) {
        return Err(Fault::syntax("there is no tree of pages", data.len()).into());
    }
    let uses = Uses::read(&document, trailer.get("Info").and_then(Object::reference))?;
    let shelf = Shelf::new(&document);
    let mut painter = Painter::new(&document, &shelf);
    pages::draw(&mut painter, &root, &uses, &mut pass.scanner)?;
    outlines::check(&document, &root, &mut pass.scanner)?;
    let mut at = 0;
    for &(offset, number) in &document.places {
        let offset = offset as usize;
        gaps::check(&mut painter, &uses, data, at..offset, pass)?;
        let indirect = document.parse(number, offset)?;
        at = indirect.tail.end;
        streams::check_object(&mut painter, &uses, data, &indirect, offset, pass)?;
    }
    gaps::check(&mut painter, &uses, data, at..data.len(), pass)?;
    streams::check_forms(&document, &uses, pass)?;
    Ok(document.fault()?)
}
