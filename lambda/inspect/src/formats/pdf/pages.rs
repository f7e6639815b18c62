//! The pages: what they and their notes draw.

use std::collections::{HashMap, HashSet};

use super::content::Painter;
use super::filter::MOST;
use super::object::{Dict, Object, Resolve};
use super::placement::{IDENTITY, State};
use super::uses::Uses;
use crate::scan::Scanner;
use crate::verdict::{Fault, Kind};

/// How many pages are numbered.
const NUMBERED: usize = 1 << 16;

/// What was drawn: streams, and the resources that they used.
type Drawn = HashSet<(Vec<u32>, Option<u32>)>;

/// Draws all pages, and everything else that has contents to be drawn.
pub(super) fn draw(painter: &mut Painter, root: &Dict, uses: &Uses, scanner: &mut Scanner) -> Result<(), Fault> {
    let numbers = numbers(painter, root);
    if let Object::Dict(form) = &*painter.document.entry(root, "AcroForm") {
        painter.usual.extend(form.get("DR").map_or(Ok(None), |usual| painter.shelf.read(usual))?);
    }
    let mut drawn = Drawn::new();
    let mut pages = uses.pages.clone();
    pages.sort_by_key(|&(number, _)| numbers.get(&number).copied().unwrap_or(usize::MAX));
    for (number, offset) in pages {
        let object = match offset {
            0 => painter.document.get(number),
            offset => painter.document.parse(number, offset as usize)?.object,
        };
        let place = numbers.get(&number).map_or(format!("object {number}"), |page| format!("page {page}"));
        within(painter, &object, &place, &mut drawn, scanner)?;
    }
    painter.document.fault()
}

/// The numbers of pages by those of their objects, in the order of the tree.
fn numbers(painter: &Painter, root: &Dict) -> HashMap<u32, usize> {
    let mut numbers = HashMap::new();
    let (mut seen, mut next) = (HashSet::new(), Vec::new());
    next.extend(root.get("Pages").and_then(Object::reference));
    while let Some(number) = next.pop() {
        if !seen.insert(number) || seen.len() > NUMBERED {
            continue;
        }
        let Object::Dict(page) = painter.document.get(number) else { continue };
        match &*painter.document.entry(&page, "Kids") {
            Object::Array(kids) => next.extend(kids.iter().rev().filter_map(Object::reference)),
            _ => drop(numbers.insert(number, numbers.len() + 1)),
        }
    }
    numbers
}

/// Draws what is a page in an object.
fn within(
    painter: &mut Painter,
    object: &Object,
    place: &str,
    drawn: &mut Drawn,
    scanner: &mut Scanner,
) -> Result<(), Fault> {
    match object {
        Object::Array(items) => items.iter().try_for_each(|item| within(painter, item, place, drawn, scanner)),
        Object::Dict(dict) => {
            for (key, value) in &dict.0 {
                if key == "Contents" && !matches!(value, Object::String(_)) {
                    page(painter, dict, value, place, drawn, scanner)?;
                } else {
                    within(painter, value, place, drawn, scanner)?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn page(
    painter: &mut Painter,
    dict: &Dict,
    contents: &Object,
    place: &str,
    drawn: &mut Drawn,
    scanner: &mut Scanner,
) -> Result<(), Fault> {
    let document = painter.document;
    let streams: Vec<u32> = match contents {
        Object::Reference(number) if document.stream(*number).is_some() => vec![*number],
        contents => document.resolve(contents).items().iter().filter_map(Object::reference).collect(),
    };
    document.budget.work(streams.len())?;
    let number = dict.get("Resources").or_else(|| dict.get("Parent")).and_then(Object::reference);
    painter.begin(place.to_owned());
    let own = if streams.is_empty() && dict.get("Annots").is_none() { None } else { painter.shelf.of(dict)? };
    let resources: Vec<_> = own.into_iter().collect();
    painter.remember(&resources)?;
    // A page that is drawn again shows the same.
    if !streams.is_empty() && drawn.insert((streams.clone(), number)) {
        let data = joined(painter, &streams)?;
        if !data.is_empty() {
            painter.draw(&data, resources.clone(), State::at(IDENTITY), scanner)?;
        }
    }
    for note in document.entry(dict, "Annots").items() {
        if let Object::Dict(note) = &*document.resolve(note) {
            painter.note(note, &resources, scanner)?;
        }
    }
    painter.end(scanner);
    Ok(())
}

/// The streams of a page are one, with white space between them.
fn joined(painter: &mut Painter, streams: &[u32]) -> Result<Vec<u8>, Fault> {
    let mut all = Vec::new();
    for &number in streams {
        let Some((offset, indirect)) = painter.document.stream(number) else { continue };
        let data = painter.document.decode(&indirect)?.data;
        painter.drawn.insert(offset);
        // Of several streams copies are made.
        let most = if all.is_empty() { MOST } else { MOST / 2 };
        if all.len() + data.len() > most {
            return Err(Fault::new(Kind::Limit, "a page that is too large", offset));
        }
        if all.is_empty() {
            all = data.into_owned();
        } else {
            all.push(b'\n');
            all.extend_from_slice(&data);
        }
    }
    Ok(all)
}
