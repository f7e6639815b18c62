//! PDF: header, cross-references, every object where they say it is, every stream
//! that can be decoded decoded, and all text in it.
//!
//! A document points across itself in all directions, so that it is held in memory,
//! up to [`crate::Limits::held`]. Objects that share bytes are refused, and what is looked at
//! more than once is work, which the budget bounds.

mod content;
mod crypt;
mod document;
mod filter;
mod font;
mod gaps;
mod indirect;
mod lexer;
mod object;
mod page;
mod pages;
mod placement;
mod resources;
mod streams;
mod strings;
mod told;
mod uses;
mod xref;

use crate::input::held::Held;
use crate::pass::{Input, Named, Pass};
use crate::verdict::{Fault, Stop};
use content::Painter;
use contract::Format;
use document::Document;
use indirect::Indirect;
use object::{Object, Resolve};
use resources::Shelf;
use uses::Uses;
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
    let mut xref = Xref::read(data, &pass.budget)?;
    let trailer = std::mem::take(&mut xref.trailer);
    let document = Document::read(data, xref, &trailer, &pass.budget)?;
    let Object::Dict(root) = document.entry(&trailer, "Root").into_owned() else {
        return Err(Fault::syntax("there is no catalogue", data.len()).into());
    };
    let uses = Uses::read(&document)?;
    let shelf = Shelf::new(&document);
    let mut painter = Painter::new(&document, &shelf);
    pages::draw(&mut painter, &root, &uses, &mut pass.scanner)?;
    let mut at = 0;
    for &(offset, number) in &document.places {
        let offset = offset as usize;
        gaps::check(&mut painter, &uses, data, at..offset, pass)?;
        let indirect = document.parse(number, offset)?;
        at = indirect.tail.end;
        check_object(&mut painter, &uses, data, &indirect, offset, pass)?;
    }
    gaps::check(&mut painter, &uses, data, at..data.len(), pass)?;
    streams::check_forms(&document, &uses, pass)?;
    Ok(document.fault()?)
}

/// Passes on an object as it is written, and judges its stream.
fn check_object(
    painter: &mut Painter,
    uses: &Uses,
    data: &[u8],
    indirect: &Indirect,
    offset: usize,
    pass: &mut Pass,
) -> Result<(), Trouble> {
    let document = painter.document;
    strings::begin_parsed(document, &indirect.object, indirect.number, pass);
    for part in [&indirect.head, &indirect.tail] {
        let decrypt = |string| document.string(string, indirect.number, indirect.generation);
        told::tell(data.get(part.clone()).unwrap_or_default(), decrypt, &mut pass.scanner);
    }
    pass.scanner.separate();
    match indirect.stream {
        Some(_) => streams::check(painter, uses, indirect, offset, pass),
        None => Ok(()),
    }
}
