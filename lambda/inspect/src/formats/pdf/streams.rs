//! What becomes of a stream that no page draws: text, a file inside, a picture or a font that passes.

use std::io::Cursor;
use std::rc::Rc;

use super::content::Painter;
use super::document::Document;
use super::filter::{MOST, inflate_through};
use super::indirect::Indirect;
use super::object::{Dict, Resolve};
use super::placement::{IDENTITY, State};
use super::strings;
use super::told::{self, Look};
use super::trouble::Trouble;
use super::uses::{Name, Use, Uses};
use crate::formats::hidden::{self, Watch};
use crate::input::nested::{judge_plain, shown};
use crate::pass::Pass;
use crate::recognise::Claim;
use crate::scan::{Mask, Place};
use crate::verdict::{Fault, Kind, Reason, Stop};

/// What pictures start with, and where.
const PICTURES: [(usize, &[u8]); 12] = [
    (0, b"\x89PNG\r\n\x1A\n"),
    (0, b"\xFF\xD8\xFF"),
    (0, b"GIF87a"),
    (0, b"GIF89a"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"\0\0\x01\0"),
    (0, b"\xD7\xCD\xC6\x9A"),
    (4, b"jP  \r\n\x87\n"),
    (8, b"WEBP"),
    (4, b"ftypavif"),
    (4, b"ftypheic"),
];

/// Passes on an object as it is written, and judges its stream.
pub(super) fn check_object(
    painter: &mut Painter,
    uses: &Uses,
    data: &[u8],
    indirect: &Indirect,
    offset: usize,
    pass: &mut Pass,
) -> Result<(), Trouble> {
    let document = painter.document;
    let names = uses.names.get(&indirect.number);
    strings::begin_parsed(document, &indirect.object, (indirect.number, names), pass);
    for part in [&indirect.head, &indirect.tail] {
        let decrypt = |string| document.string(string, indirect.number, indirect.generation);
        told::tell(data.get(part.clone()).unwrap_or_default(), decrypt, &mut pass.scanner);
    }
    pass.scanner.separate();
    strings::rich(document, &indirect.object, &mut pass.scanner);
    if indirect.stream.is_some() {
        check(painter, uses, indirect, offset, pass)?;
        painter.behind(&mut pass.scanner);
    }
    Ok(())
}

/// Judges a stream and whatever is in it.
fn check(
    painter: &mut Painter,
    uses: &Uses,
    indirect: &Indirect,
    offset: usize,
    pass: &mut Pass,
) -> Result<(), Trouble> {
    let Some(dict) = indirect.object.dict() else { return Ok(()) };
    let used_as = uses.of(indirect.number);
    let document = painter.document;
    let is_file = used_as.file || (dict.is("Type", "EmbeddedFile") && !used_as.form && !used_as.drawn);
    if painter.drawn.contains(&offset) && !is_file && !used_as.form {
        return Ok(());
    }
    if is_file {
        let name = uses.files.get(&indirect.number).map_or("", String::as_str);
        check_file(document, name, indirect, pass)?;
        if !used_as.drawn || painter.drawn.contains(&offset) {
            return Ok(());
        }
    }
    // The newest parts of a form are judged together.
    if used_as.form && document.is_newest(indirect.number, offset) {
        return Ok(());
    }
    if passes(document, dict, indirect, used_as).map_err(|fault| fault.at(offset))? {
        return Ok(());
    }
    if dict.is("Type", "ObjStm") {
        return check_packed(document, uses, indirect, offset, pass).map_err(|fault| fault.at(offset).into());
    }
    let data = document.decode(indirect).map_err(|fault| fault.at(offset))?.data;
    let name = uses.names.get(&indirect.number);
    show(painter, (dict, indirect.number, name), &data, used_as, pass).map_err(|fault| fault.at(offset).into())
}

/// Whether a stream is a picture or a font and nothing else.
fn passes(document: &Document, dict: &Dict, indirect: &Indirect, used_as: Use) -> Result<bool, Fault> {
    let is_image = dict.is("Subtype", "Image") || document.entry(dict, "Subtype").name() == Some("Image");
    if used_as.drawn || used_as.file || used_as.form || !(is_image || used_as.font) {
        return Ok(false);
    }
    let (mut look, mut watch) = (Look::default(), Watch::default());
    let raw = document.raw(indirect)?;
    let mut add = |piece: &[u8]| {
        look.add(piece);
        watch.push(piece);
    };
    match inflate_through(document, dict, &raw, &document.budget, &mut add)? {
        Some(behind) => document.keep_behind(behind)?,
        None => add(&document.decode(indirect)?.data),
    }
    if let Some(what) = watch.found {
        let what = format!("a picture or a font, and {what} hides in it (remove it, and send it as a file of its own)");
        return Err(Fault::new(Kind::Mismatch, what, 0));
    }
    Ok(!look.is_text() && !look.is_drawn())
}

/// The objects of an object stream, as they are written.
fn check_packed(
    document: &Document,
    uses: &Uses,
    indirect: &Indirect,
    offset: usize,
    pass: &mut Pass,
) -> Result<(), Fault> {
    let packed = document.packed_at(indirect, offset)?;
    for (number, span) in Document::spans(&packed) {
        let data = packed.data.get(span).unwrap_or_default();
        let number = number.unwrap_or(indirect.number);
        let object = strings::begin(document, data, (number, uses.names.get(&number)), pass)?;
        told::tell(data, |string| string, &mut pass.scanner);
        strings::rich(document, &object, &mut pass.scanner);
    }
    pass.scanner.separate();
    Ok(())
}

/// Passes on what a stream shows, or else the text that it is.
fn show(
    painter: &mut Painter,
    (dict, number, name): (&Dict, u32, Option<&Name>),
    data: &[u8],
    used_as: Use,
    pass: &mut Pass,
) -> Result<(), Fault> {
    let mut look = Look::default();
    look.add(data);
    let before = pass.scanner.tally();
    let mut shown = false;
    if used_as.drawn || look.is_drawn() {
        // Profiles of colours may be reached as patterns are.
        painter.sure = look.is_text();
        let drawn = draw(painter, dict, number, data, pass);
        painter.sure = true;
        shown = drawn?;
    }
    if !shown {
        let between = pass.scanner.tally();
        let names = strings::called(painter.document, name, &mut pass.scanner);
        pass.scanner.begin(names, Place::Path(format!("object {number}").into()));
        strings::show(data, &mut pass.scanner);
        pass.scanner.count_once(&before, &between);
    }
    Ok(())
}

/// Draws a stream: with its own resources, or with those of each page in turn. Says whether it shows anything.
fn draw(painter: &mut Painter, dict: &Dict, number: u32, data: &[u8], pass: &mut Pass) -> Result<bool, Fault> {
    let all = match painter.shelf.of(dict)? {
        Some(own) => vec![vec![own]],
        None if painter.usual.is_empty() => vec![Vec::new()],
        None => painter.usual.iter().map(|usual| vec![Rc::clone(usual)]).collect(),
    };
    let (before, mut shown) = (pass.scanner.tally(), false);
    for (at, resources) in all.into_iter().enumerate() {
        let between = pass.scanner.tally();
        painter.document.budget.work(if at == 0 { 0 } else { data.len() })?;
        painter.begin(format!("object {number}"));
        painter.draw(data, resources, State::at(IDENTITY), &mut pass.scanner)?;
        shown |= painter.end(&mut pass.scanner);
        pass.scanner.count_once(&before, &between);
    }
    Ok(shown)
}

/// Judges a file inside by its own name. Pictures pass as they do on a page, unless they are named as something
/// that is read, and so does what is empty.
fn check_file(document: &Document, name: &str, indirect: &Indirect, pass: &mut Pass) -> Result<(), Trouble> {
    let data = document.decode(indirect)?.data;
    let starts = |&(at, mark): &(usize, &[u8])| data.get(at..).is_some_and(|data| data.starts_with(mark));
    if data.is_empty() {
        return Ok(());
    }
    let known = matches!(Claim::of(pass.known, name), Claim::Known(_));
    if !known && PICTURES.iter().any(starts) && !told::is_text(&data) {
        pass.scanner.enter(&shown(name));
        let scanned = hidden::scan(true, &mut &data[..], pass);
        pass.scanner.leave();
        return scanned.map_err(|stop| match stop {
            Stop::Broken(reason) => {
                let text = format!("pdf: attached file \"{}\": {}", shown(name), reason.text);
                Trouble::Inside(Stop::Broken(Reason { text, ..reason }))
            }
            stop @ Stop::Io(_) => Trouble::Inside(stop),
        });
    }
    let prefix = format!("pdf: attached file \"{}\": ", shown(name));
    judge_plain(name, &prefix, &mut Cursor::new(data), pass).map_err(Trouble::Inside)
}

/// Judges a form in XML. The document is whole where its form is no XML, which is a text then.
fn check_form(data: &[u8], pass: &mut Pass) -> Result<(), Stop> {
    let before = pass.scanner.tally();
    match judge_plain("form.xml", "pdf: its form: ", &mut Cursor::new(data), pass) {
        Err(Stop::Broken(Reason { kind: Kind::Syntax | Kind::Truncated | Kind::Mismatch, .. })) => {
            let between = pass.scanner.tally();
            pass.scanner.begin(Mask::default(), Place::Path("its form".into()));
            strings::show(data, &mut pass.scanner);
            pass.scanner.count_once(&before, &between);
            Ok(())
        }
        verdict => verdict,
    }
}

/// Judges the forms in XML, whose parts are one document.
pub(super) fn check_forms(document: &Document, uses: &Uses, pass: &mut Pass) -> Result<(), Trouble> {
    for parts in &uses.forms {
        let mut all = Vec::new();
        for &number in parts {
            let Some((offset, indirect)) = document.stream(number) else { continue };
            let data = document.decode(&indirect)?.data;
            if all.len() + data.len() > MOST / 2 {
                return Err(Fault::new(Kind::Limit, "a form in XML that is too large", offset).into());
            }
            all.extend_from_slice(&data);
        }
        if !all.is_empty() {
            check_form(&all, pass).map_err(Trouble::Inside)?;
        }
    }
    Ok(())
}
