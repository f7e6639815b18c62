//! Notes and fields: what they look like, or what they say, which viewers draw where they are if they look like nothing.

use std::rc::Rc;

use super::Painter;
use crate::formats::pdf::object::{Dict, Object, Resolve};
use crate::formats::pdf::placement::{Spot, State};
use crate::formats::pdf::resources::Resources;
use crate::formats::pdf::told::text;
use crate::scan::Scanner;
use crate::verdict::Fault;

/// How many fields may lie in each other.
const DEEPEST: usize = 8;

/// The size of a text where none is said, in points, and how wide a letter is and how far lines are apart, in parts of it.
const SIZE: f64 = 12.0;
const WIDTH: f64 = 0.5;
const LEADING: f64 = 1.2;

/// How far above its base the middle of a letter is, in parts of its size.
const MIDDLE: f64 = 0.35;

/// How many steps a line is at least.
const PIECE: usize = 16;

/// Where a rectangle is.
#[derive(Default)]
struct Corners {
    left: f64,
    bottom: f64,
    top: f64,
}

impl Painter<'_, '_> {
    /// Draws a note: its appearance, or what it says where that shows no text.
    pub(in super::super) fn note(
        &mut self,
        note: &Dict,
        page: &[Rc<Resources>],
        scanner: &mut Scanner,
    ) -> Result<(), Fault> {
        let before = std::mem::take(&mut self.page.shown);
        self.appearance(note, page, scanner)?;
        let shows = self.page.shown;
        self.page.shown |= before;
        if shows { Ok(()) } else { self.say(note, scanner) }
    }

    /// Draws the appearance of a note: a stream, or one for each state.
    fn appearance(&mut self, note: &Dict, page: &[Rc<Resources>], scanner: &mut Scanner) -> Result<(), Fault> {
        let appearance = self.document.entry(note, "AP");
        let Some(normal) = appearance.dict().and_then(|all| all.get("N")) else { return Ok(()) };
        let normal = match &*self.document.resolve(normal) {
            Object::Dict(states) if normal.reference().is_none_or(|number| self.document.stream(number).is_none()) => {
                let state = self.document.entry(note, "AS");
                state.name().and_then(|state| states.get(state)).and_then(Object::reference)
            }
            _ => normal.reference(),
        };
        let Some(number) = normal else { return Ok(()) };
        let Some((_, form)) = self.document.stream(number) else { return Ok(()) };
        let to = self.corners(&self.document.entry(note, "Rect"));
        let from = form.object.dict().map(|form| self.corners(&self.document.entry(form, "BBox"))).unwrap_or_default();
        // Where it lacks something, readers take what the page has, or the fields of the document.
        let outer = page.iter().chain(&self.usual).map(Rc::clone).collect();
        let state = State::at([1.0, 0.0, 0.0, 1.0, to.left - from.left, to.bottom - from.bottom]);
        self.form(number, outer, state, scanner)
    }

    /// The corners of a rectangle, if this is one.
    fn corners(&self, object: &Object) -> Corners {
        let items = object.items().iter().map(|item| self.document.resolve(item).number().unwrap_or(0.0));
        let items: Vec<f64> = items.take(4).collect();
        match items[..] {
            [x, y, right, top] => Corners { left: x.min(right), bottom: y.min(top), top: y.max(top) },
            _ => Corners::default(),
        }
    }

    /// Places what a field or a note says.
    fn say(&mut self, note: &Dict, scanner: &mut Scanner) -> Result<(), Fault> {
        let Some(said) = self.said(note) else { return Ok(()) };
        let ends = said.bytes().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.document.budget.work(said.len() + PIECE * ends)?;
        let corners = self.corners(&self.document.entry(note, "Rect"));
        let size = self.inherited(note, "DA").and_then(|says| size(says.string()?)).unwrap_or(SIZE);
        let lines = said.split(['\r', '\n']).filter(|line| !line.trim().is_empty());
        let alone = corners.top - corners.bottom < 2.0 * size || lines.clone().count() == 1;
        let base = f64::midpoint(corners.bottom, corners.top) - MIDDLE * size;
        for (number, line) in (0_u32..).zip(lines) {
            let across = if alone { base } else { (LEADING * size).mul_add(-f64::from(number), corners.top - size) };
            let end = line.chars().map(|_| WIDTH * size).sum::<f64>() + corners.left;
            let spot = Spot { start: corners.left, end, across, size, doubt: 0.0, turn: 0 };
            self.page.say(spot, line);
            self.relieve(scanner);
        }
        Ok(())
    }

    /// What viewers show of it.
    fn said(&self, note: &Dict) -> Option<String> {
        let entry = |name| self.document.entry(note, name);
        match entry("Subtype").name()? {
            "FreeText" => entry("Contents").string().map(text),
            "Widget" if matches!(self.inherited(note, "FT")?.name(), Some("Tx" | "Ch")) => {
                let value = self.inherited(note, "V")?;
                let values = value.items().iter().filter_map(|item| match &*self.document.resolve(item) {
                    Object::String(string) => Some(text(string)),
                    _ => None,
                });
                Some(values.collect::<Vec<_>>().join("\n"))
            }
            _ => None,
        }
    }

    /// An entry of a field, or of those around it.
    fn inherited(&self, field: &Dict, name: &str) -> Option<Object> {
        let mut around: Option<Rc<Dict>> = None;
        for _ in 0..DEEPEST {
            let own = self.document.entry(around.as_deref().unwrap_or(field), name);
            if *own != Object::Null {
                return Some(own.into_owned());
            }
            around = Some(self.document.above(around.as_deref().unwrap_or(field))?);
        }
        None
    }
}

/// The size of the text that operators of a field set: `/F1 12 Tf`.
fn size(operators: &[u8]) -> Option<f64> {
    let operators = String::from_utf8_lossy(operators);
    let words: Vec<&str> = operators.split_whitespace().collect();
    let at = words.iter().rposition(|&word| word == "Tf")?;
    words.get(at.checked_sub(1)?)?.parse().ok().filter(|size| (1.0..1000.0).contains(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size(b"/F1 9.5 Tf 0 g"), Some(9.5));
        assert_eq!([size(b"/F1 0 Tf"), size(b"Tf"), size(b"0 g")], [None; 3]);
    }
}
