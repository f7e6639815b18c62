//! PDF: header, cross-references, every object where they say it is, every stream
//! that can be decoded decoded, and the text of pages, forms, notes and files inside.
//!
//! A document points across itself in all directions, so that it is held in memory,
//! up to [`crate::Limits::held`]. Objects that share bytes are refused, which bounds
//! the work; so are encrypted documents. Pictures and fonts are let pass.

mod content;
mod document;
mod filter;
mod font;
mod lexer;
mod object;
mod pages;
mod placement;
mod xref;

use std::io::Cursor;

use crate::input::held::Held;
use crate::input::nested::{judge_plain, shown};
use crate::pass::{Input, Named, Pass};
use crate::scan::{Mask, Place};
use crate::verdict::{Fault, Stop};
use contract::Format;
use document::Document;
use filter::{Decoded, decode};
use object::{Dict, Object};
use pages::Pages;
use xref::Xref;

/// Judges a PDF document.
pub(crate) fn check(_file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(Format::Pdf, 0))?;
    let held = Held::read(Format::Pdf, input.stream, &pass.budget)?;
    check_held(held.as_slice(), pass).map_err(|trouble| match trouble {
        Trouble::Own(fault) => {
            let at = fault.at as u64;
            fault.stop(Format::Pdf, at)
        }
        Trouble::Inside(stop) => stop,
    })
}

/// What is wrong with the document, or with a file inside of it.
enum Trouble {
    Own(Fault),
    Inside(Stop),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Own(fault)
    }
}

fn check_held(data: &[u8], pass: &mut Pass) -> Result<(), Trouble> {
    let xref = Xref::read(data, &pass.budget)?;
    let trailer = xref.trailer.clone();
    let document = Document::read(data, xref, &pass.budget)?;
    if !matches!(document.entry(&trailer, "Root"), Object::Dict(_)) {
        return Err(Fault::syntax("there is no catalogue", data.len()).into());
    }
    let mut pages = Pages::new(&document);
    for (&offset, &(number, _)) in &document.places {
        let indirect = document.parse(number, offset)?;
        check_strings(&indirect.object, number, pass);
        let Some((dict, stream)) = indirect.object.dict().zip(indirect.stream) else { continue };
        let decoded = decode(&document, dict, stream, &pass.budget);
        let decoded = decoded.map_err(|fault| fault.named(&format!("object {number}: ")).at(offset))?;
        if let Decoded::Data(decoded) = decoded {
            check_stream(&mut pages, number, dict, decoded, pass)?;
        }
        for object in document.packed_objects(number) {
            check_strings(&object.map_err(|fault| fault.at(offset))?, number, pass);
        }
    }
    document.exhausted().map_or(Ok(()), |fault| Err(fault.into()))
}

/// Passes on the strings of an object: titles, notes, values of forms.
fn check_strings(object: &Object, number: u32, pass: &mut Pass) {
    match object {
        Object::String(string) if !string.is_empty() => {
            pass.scanner.begin(Mask::default(), Place::Path(format!("object {number}").into()));
            pass.scanner.text(&match string.strip_prefix(b"\xFE\xFF") {
                Some(wide) => font::utf16(wide),
                None => String::from_utf8_lossy(string).into_owned(),
            });
        }
        Object::Array(items) => items.iter().for_each(|item| check_strings(item, number, pass)),
        Object::Dict(dict) => dict.0.iter().for_each(|entry| check_strings(&entry.1, number, pass)),
        _ => {}
    }
}

/// Passes on what a stream holds, by what it is.
fn check_stream(pages: &mut Pages, number: u32, dict: &Dict, data: Vec<u8>, pass: &mut Pass) -> Result<(), Trouble> {
    let subtype = dict.get("Subtype").and_then(Object::name).unwrap_or_default();
    let is_font = dict.get("Length1").is_some() || matches!(subtype, "Type1C" | "CIDFontType0C" | "OpenType");
    if is_font || subtype == "Image" || matches!(dict.get("Type").and_then(Object::name), Some("XRef" | "ObjStm")) {
        return Ok(());
    }
    if let Some(name) = pages.file(number, dict) {
        let prefix = format!("pdf: file \"{}\": ", shown(&name));
        return judge_plain(&name, &prefix, &mut Cursor::new(data), pass).map_err(Trouble::Inside);
    }
    pass.scanner.separate();
    pass.scanner.begin(Mask::default(), Place::Path(pages.place(number).into()));
    let is_text = content::read(&data, &pages.fonts(number, dict, &pass.budget), &mut pass.scanner);
    if !is_text && let Ok(text) = str::from_utf8(&data) {
        pass.scanner.text(text);
    }
    pass.scanner.separate();
    Ok(())
}
