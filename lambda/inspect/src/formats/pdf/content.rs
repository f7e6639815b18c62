//! Content streams: the text that they show, and that of the forms that they draw.

mod aside;
mod inline;
mod marks;
mod notes;

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use super::document::Document;
use super::font::Font;
use super::lexer::Lexer;
use super::object::{Object, Resolve};
use super::page::{Page, Shown};
use super::placement::{IDENTITY, Matrix, Placement, State, product};
use super::resources::{Resources, Shelf};
use super::told;
use crate::pass::Hold;
use crate::scan::{Place, Scanner};
use crate::verdict::{Fault, Kind};
use aside::Aside;
use marks::Marks;

/// How many operands are kept, the last ones: no operator has more.
const OPERANDS: usize = 64;

/// How many forms may lie in each other.
const DEEPEST: usize = 12;

/// How many bytes of them are held.
const FORMS: usize = 16 << 20;

/// How many pages' resources are tried for what has none.
const USUAL: usize = 16;

/// How small a text is that nobody sees, in points.
const TINY: f64 = 1.0;

/// How many bytes of a text are shown at once.
const PIECE: usize = 4096;

/// Draws pages, and passes on their text.
pub(super) struct Painter<'a, 'b> {
    pub(super) document: &'a Document<'b>,
    pub(super) shelf: &'a Shelf<'a, 'b>,
    page: Page,
    aside: Aside,
    fallback: Rc<Font>,
    /// The forms that are being drawn, and their bytes.
    open: Vec<u32>,
    bytes: usize,
    /// Where the streams are that were drawn.
    pub(super) drawn: HashSet<usize>,
    /// The forms that show nothing.
    mute: HashSet<u32>,
    /// What the fields of the document are drawn with, and pages: whatever says nothing of its own may be drawn so.
    pub(super) usual: Vec<Rc<Resources>>,
    hold: Hold,
    /// What is drawn is a content for sure: where readers differ in it, it is refused.
    pub(super) sure: bool,
    /// What marks say that is meant.
    marks: Marks,
    /// The text of a piece, whose memory is used again.
    mapped: String,
    place: Place,
}

/// A stream that is drawn, as far as it was read.
struct Stream<'s> {
    lexer: Lexer<'s>,
    operands: VecDeque<Object>,
    placement: Placement,
    /// Its own, and those of what draws it.
    resources: Vec<Rc<Resources>>,
    /// A picture within the text has begun.
    picture: bool,
    /// Where the last picture ends that is looked through for what it may draw.
    doubtful: usize,
    /// It shows a text or draws a form.
    shows: bool,
}

impl Stream<'_> {
    /// Whether a string was just read that readers differ in, and that is no part of a picture.
    fn is_odd(&mut self) -> bool {
        std::mem::take(&mut self.lexer.odd) && self.lexer.at > self.doubtful
    }
}

impl<'a, 'b> Painter<'a, 'b> {
    pub(super) fn new(document: &'a Document<'b>, shelf: &'a Shelf<'a, 'b>) -> Self {
        Self {
            document,
            shelf,
            page: Page::default(),
            aside: Aside::new(Place::Text),
            fallback: Rc::default(),
            open: Vec::new(),
            bytes: 0,
            drawn: HashSet::new(),
            mute: HashSet::new(),
            usual: Vec::new(),
            hold: document.budget.hold(),
            sure: true,
            marks: Marks::default(),
            mapped: String::new(),
            place: Place::Path("".into()),
        }
    }

    /// Remembers what a page is drawn with.
    pub(super) fn remember(&mut self, resources: &[Rc<Resources>]) -> Result<(), Fault> {
        let fresh = |own: &&Rc<Resources>| !self.usual.iter().any(|usual| Rc::ptr_eq(usual, own));
        let Some(fresh) = resources.first().filter(|_| self.usual.len() < USUAL).filter(fresh) else { return Ok(()) };
        self.hold.add(fresh.bytes())?;
        self.usual.push(Rc::clone(fresh));
        Ok(())
    }

    /// Starts a page.
    pub(super) fn begin(&mut self, place: String) {
        self.place = Place::Path(place.into());
        self.aside = Aside::new(self.place.clone());
    }

    /// Ends a page and passes on its text; says whether there was any.
    pub(super) fn end(&mut self, scanner: &mut Scanner) -> bool {
        let page = std::mem::take(&mut self.page);
        self.flush(page, scanner, false);
        let unshown = self.marks.end();
        self.aside.text(unshown.as_bytes(), scanner);
        self.aside.flush(scanner);
        self.behind(scanner);
        std::mem::take(&mut self.aside.shown)
    }

    /// Passes on what lies behind the ends of streams, which no reader decodes.
    pub(super) fn behind(&self, scanner: &mut Scanner) {
        let behind = self.document.take_behind();
        if !behind.is_empty() {
            scanner.begin(crate::scan::Mask::default(), Place::Path("behind a stream".into()));
            told::show(&behind, scanner);
            scanner.separate();
        }
    }

    /// Passes on what there is where it is much.
    fn relieve(&mut self, scanner: &mut Scanner) {
        if self.page.is_full() {
            let page = std::mem::take(&mut self.page);
            self.flush(page, scanner, true);
        }
    }

    fn flush(&mut self, mut page: Page, scanner: &mut Scanner, more: bool) {
        scanner.separate();
        scanner.begin(crate::scan::Mask::default(), self.place.clone());
        page.flush(&self.place, scanner, more);
        scanner.separate();
        self.aside.shown |= page.shown;
        self.page = if more { page } else { Page::default() };
    }

    /// Draws a stream; says whether it shows anything.
    pub(super) fn draw(
        &mut self,
        data: &[u8],
        resources: Vec<Rc<Resources>>,
        state: State,
        scanner: &mut Scanner,
    ) -> Result<bool, Fault> {
        let mut lexer = Lexer::new(data, 0);
        lexer.comments = Some(Vec::new());
        let operands = VecDeque::new();
        let placement = Placement::new(state);
        let mut stream = Stream { lexer, operands, placement, resources, picture: false, doubtful: 0, shows: false };
        loop {
            stream.lexer.reset();
            let start = stream.lexer.at;
            match stream.lexer.object() {
                Ok(None) => break,
                Ok(Some(Object::Operator(operator))) => {
                    if operator == "ID" && stream.picture {
                        self.picture(&mut stream, scanner)?;
                    } else if !self.operate(&operator, &mut stream, scanner)? {
                        self.aside.word(data.get(start..stream.lexer.at).unwrap_or_default(), scanner);
                    } else {
                        self.aside.known();
                    }
                    stream.picture = operator == "BI";
                    for operand in stream.operands.drain(..) {
                        self.aside.object(&operand, scanner);
                    }
                }
                Ok(Some(operand)) => {
                    if let Object::Number(_) = operand {
                        self.aside.number(data.get(start..stream.lexer.at).unwrap_or_default(), scanner);
                    }
                    stream.operands.push_back(operand);
                    if stream.operands.len() > OPERANDS
                        && let Some(first) = stream.operands.pop_front()
                    {
                        self.aside.object(&first, scanner);
                    }
                }
                Err(fault) if stream.is_odd() && self.sure => return Err(fault.at(start)),
                // What is no object stands aside.
                Err(_) => {
                    stream.lexer.at += 1;
                    self.aside.text(data.get(start..stream.lexer.at).unwrap_or_default(), scanner);
                }
            }
            self.comments(&mut stream.lexer, scanner);
            self.relieve(scanner);
        }
        self.comments(&mut stream.lexer, scanner);
        for operand in &stream.operands {
            self.aside.object(operand, scanner);
        }
        Ok(stream.shows)
    }

    /// Skips a picture within the text. Readers differ in where it ends: what may be drawn behind it is drawn.
    fn picture(&mut self, stream: &mut Stream, scanner: &mut Scanner) -> Result<(), Fault> {
        let lexer = &mut stream.lexer;
        let start = lexer.at;
        let picture = inline::skip(lexer);
        self.document.budget.work(picture.len())?;
        let mut look = told::Look::default();
        look.add(picture);
        if inline::may_draw(picture) {
            stream.doubtful = lexer.at;
            lexer.at = start;
        } else if look.is_text() {
            self.aside.text(picture, scanner);
        }
        Ok(())
    }

    fn comments(&mut self, lexer: &mut Lexer, scanner: &mut Scanner) {
        for comment in lexer.comments.iter_mut().flat_map(|comments| comments.drain(..)) {
            self.aside.text(lexer.data.get(comment).unwrap_or_default(), scanner);
        }
    }

    /// Does what an operator says; says whether it is one.
    fn operate(&mut self, operator: &str, stream: &mut Stream, scanner: &mut Scanner) -> Result<bool, Fault> {
        let operands = &mut stream.operands;
        let number = |back: usize| number(operands, back);
        let matrix = || [6, 5, 4, 3, 2, 1].map(number);
        let placement = &mut stream.placement;
        match operator {
            "q" => placement.save(),
            "Q" => placement.restore(),
            "cm" => placement.transform(matrix()),
            "BT" => placement.begin(),
            "TL" => placement.state.leading = number(1),
            "Tc" => placement.state.spacing = number(1),
            "Tw" => placement.state.words = number(1),
            "Tz" => placement.state.stretch = number(1),
            "Tr" => placement.state.invisible = matches!(number(1), 3.0 | 7.0),
            "Td" => placement.go(number(2), number(1)),
            "TD" => {
                placement.state.leading = -number(1);
                placement.go(number(2), number(1));
            }
            "Tm" => placement.place(matrix()),
            "T*" => placement.next_line(),
            "Tf" => {
                placement.state.size = number(1);
                let at = operands.len().checked_sub(2);
                let name = at.and_then(|at| operands.get(at)).and_then(Object::name);
                placement.state.font = name.map_or(Ok(None), |name| self.shelf.font(&stream.resources, name))?;
            }
            "gs" => {
                let name = operands.back().and_then(Object::name);
                if let Some((font, size)) = name.and_then(|name| Shelf::state(&stream.resources, name)) {
                    placement.state.size = size;
                    placement.state.font = self.shelf.font_object(font)?;
                }
            }
            _ => return self.show_by(operator, stream, scanner),
        }
        Ok(true)
    }

    /// Does what an operator says that shows something; says whether it is an operator.
    fn show_by(&mut self, operator: &str, stream: &mut Stream, scanner: &mut Scanner) -> Result<bool, Fault> {
        let operands = &mut stream.operands;
        let placement = &mut stream.placement;
        match operator {
            "Tj" | "'" | "\"" => {
                if operator == "\"" {
                    (placement.state.words, placement.state.spacing) = (number(operands, 3), number(operands, 2));
                }
                if operator != "Tj" {
                    placement.next_line();
                }
                match operands.pop_back() {
                    Some(Object::String(string)) => self.show(&string, stream, scanner)?,
                    other => other.iter().for_each(|other| self.aside.object(other, scanner)),
                }
            }
            "TJ" => {
                for item in operands.pop_back().iter().flat_map(Object::items) {
                    match item {
                        Object::Number(kern) => {
                            if stream.placement.kern(*kern) {
                                self.page.blank();
                            }
                        }
                        Object::String(string) => self.show(string, stream, scanner)?,
                        other => self.aside.object(other, scanner),
                    }
                }
            }
            "Do" => {
                let name = operands.back().and_then(Object::name);
                if let Some(form) = name.and_then(|name| Shelf::form(&stream.resources, name)) {
                    stream.shows = true;
                    let state = stream.placement.state.clone();
                    self.form(form, stream.resources.clone(), state, scanner)?;
                    stream.placement.moved = true;
                }
            }
            "BMC" => drop(self.marks.open(None)),
            "BDC" => {
                let meant = operands.back().and_then(|of| self.shelf.meant(&stream.resources, of));
                self.document.budget.work(meant.as_ref().map_or(0, String::len))?;
                // It is shown in its place.
                if let (true, Some(Object::Dict(properties))) = (self.marks.open(meant), operands.back_mut()) {
                    properties.0.retain(|entry| entry.0 != "ActualText");
                }
            }
            "EMC" => {
                let unshown = self.marks.close();
                self.aside.text(unshown.as_bytes(), scanner);
            }
            _ => return Ok(aside::is_operator(operator)),
        }
        Ok(true)
    }

    fn show(&mut self, string: &[u8], stream: &mut Stream, scanner: &mut Scanner) -> Result<(), Fault> {
        stream.shows = true;
        let font = stream.placement.state.font.clone().unwrap_or_else(|| Rc::clone(&self.fallback));
        let (mut mapped, mut drawn) = (std::mem::take(&mut self.mapped), String::new());
        let mut rest = string;
        while !rest.is_empty() {
            let (piece, next) = font.piece(rest, PIECE);
            rest = next;
            let moved = stream.placement.moved;
            let spot = stream.placement.show(&font.extent(piece));
            mapped.clear();
            drawn.clear();
            font.text(piece, true, &mut mapped);
            let hidden = stream.placement.state.invisible || spot.size < TINY;
            let differs = hidden || font.may_differ(piece);
            if differs && !hidden {
                font.text(piece, false, &mut drawn);
            }
            let meant = self.marks.shown();
            let other = Some(&*drawn).filter(|drawn| differs && **drawn != mapped);
            self.page.add(spot, moved, &Shown { mapped: &mapped, drawn: other, meant: meant.as_deref() });
            self.document.budget.work(mapped.len() + drawn.len())?;
            // One string may be a text of any length.
            self.relieve(scanner);
        }
        self.mapped = mapped;
        Ok(())
    }

    /// Draws a form; what a name stands for and what is no picture is one.
    pub(super) fn form(
        &mut self,
        number: u32,
        outer: Vec<Rc<Resources>>,
        mut state: State,
        scanner: &mut Scanner,
    ) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST || self.open.contains(&number) || self.mute.contains(&number) {
            return Ok(());
        }
        let Some((offset, indirect)) = self.document.stream(number) else { return Ok(()) };
        let Some(dict) = indirect.object.dict().filter(|dict| !dict.is("Subtype", "Image")) else { return Ok(()) };
        let data = self.document.decode(&indirect)?.data;
        self.drawn.insert(offset);
        let matrix = page_of(&self.document.entry(dict, "Matrix"), self.document);
        // A name that is not among its own is looked for in those around it.
        let resources = self.shelf.of(dict)?.into_iter().chain(outer).collect();
        // It may be large.
        drop(indirect.object);
        if self.bytes + data.len() > FORMS {
            return Err(Fault::new(Kind::Limit, "forms in forms that are too large", offset));
        }
        self.open.push(number);
        self.bytes += data.len();
        state.page = product(matrix, state.page);
        let shows = self.draw(&data, resources, state, scanner);
        self.open.pop();
        self.bytes -= data.len();
        if !shows? {
            self.mute.insert(number);
        }
        Ok(())
    }
}

/// A number among the operands, from the last one on: the last ones count.
fn number(operands: &VecDeque<Object>, back: usize) -> f64 {
    operands.len().checked_sub(back).and_then(|at| operands.get(at)).and_then(Object::number).unwrap_or(0.0)
}

/// A matrix, if this is one.
fn page_of(object: &Object, document: &Document) -> Matrix {
    let mut matrix = IDENTITY;
    if let Object::Array(items) = object
        && items.len() == 6
    {
        for (to, item) in matrix.iter_mut().zip(items) {
            *to = document.resolve(item).number().unwrap_or(*to);
        }
    }
    matrix
}
