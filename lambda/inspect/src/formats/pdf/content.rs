//! Content streams: the text that they show, and that of the forms that they draw.

mod aside;
mod inline;

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use super::document::Document;
use super::font::Font;
use super::lexer::Lexer;
use super::object::{Dict, Object, Resolve};
use super::page::Page;
use super::placement::{IDENTITY, Matrix, Placement, State, product};
use super::resources::{Resources, Shelf};
use super::told;
use crate::scan::{Place, Scanner};
use crate::verdict::{Fault, Kind};
use aside::Aside;

/// How many operands are kept, the last ones: no operator has more.
const OPERANDS: usize = 64;

/// How many forms may lie in each other.
const DEEPEST: usize = 12;

/// How many bytes of them are held.
const FORMS: usize = 16 << 20;

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
    /// It shows a text or draws a form.
    shows: bool,
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
            place: Place::Path("".into()),
        }
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
        self.aside.flush(scanner);
        std::mem::take(&mut self.aside.shown)
    }

    fn flush(&mut self, mut page: Page, scanner: &mut Scanner, more: bool) {
        scanner.separate();
        scanner.begin(crate::scan::Mask::default(), self.place.clone());
        page.flush(scanner, more);
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
        let mut stream = Stream { lexer, operands, placement, resources, picture: false, shows: false };
        loop {
            stream.lexer.reset();
            let start = stream.lexer.at;
            match stream.lexer.object() {
                Ok(None) => break,
                Ok(Some(Object::Operator(operator))) => {
                    if operator == "ID" && stream.picture {
                        self.picture(&mut stream.lexer, scanner)?;
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
                // What is no object stands aside.
                Err(_) => {
                    stream.lexer.at += 1;
                    self.aside.text(data.get(start..stream.lexer.at).unwrap_or_default(), scanner);
                }
            }
            self.comments(&mut stream.lexer, scanner);
            if self.page.is_full() {
                let page = std::mem::take(&mut self.page);
                self.flush(page, scanner, true);
            }
        }
        self.comments(&mut stream.lexer, scanner);
        for operand in &stream.operands {
            self.aside.object(operand, scanner);
        }
        Ok(stream.shows)
    }

    /// Skips a picture within the text. Readers differ in where it ends: what may be drawn behind it is drawn.
    fn picture(&mut self, lexer: &mut Lexer, scanner: &mut Scanner) -> Result<(), Fault> {
        let start = lexer.at;
        let picture = inline::skip(lexer);
        self.document.budget.work(picture.len())?;
        let mut look = told::Look::default();
        look.add(picture);
        if look.is_drawn() {
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
        // The last operands count.
        let number = |back: usize| {
            operands.len().checked_sub(back).and_then(|at| operands.get(at)).and_then(Object::number).unwrap_or(0.0)
        };
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
            "Tj" | "'" | "\"" => {
                if operator == "\"" {
                    (placement.state.words, placement.state.spacing) = (number(3), number(2));
                }
                if operator != "Tj" {
                    placement.next_line();
                }
                if let Some(Object::String(string)) = operands.pop_back() {
                    self.show(&string, stream)?;
                }
            }
            "TJ" => {
                for item in operands.pop_back().iter().flat_map(Object::items) {
                    match item {
                        Object::Number(kern) if stream.placement.kern(*kern) => self.page.blank(),
                        Object::String(string) => self.show(string, stream)?,
                        _ => {}
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
            _ => return Ok(aside::is_operator(operator)),
        }
        Ok(true)
    }

    fn show(&mut self, string: &[u8], stream: &mut Stream) -> Result<(), Fault> {
        stream.shows = true;
        let font = stream.placement.state.font.clone().unwrap_or_else(|| Rc::clone(&self.fallback));
        let mut rest = string;
        while !rest.is_empty() {
            let (piece, next) = font.piece(rest, PIECE);
            rest = next;
            let moved = stream.placement.moved;
            let spot = stream.placement.show(&font.extent(piece));
            let mut added = 0;
            self.page.add(spot, moved, |text| {
                let before = text.len();
                font.text(piece, text);
                added = text.len() - before;
            });
            self.document.budget.work(added)?;
        }
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

    /// Draws the appearance of a note: a stream, or one for each state.
    pub(super) fn note(&mut self, note: &Dict, scanner: &mut Scanner) -> Result<(), Fault> {
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
        let corner = |object: &Object| {
            let items = object.items().iter().map(|item| self.document.resolve(item).number().unwrap_or(0.0));
            let items: Vec<f64> = items.take(4).collect();
            match items[..] {
                [x, y, right, top] => (x.min(right), y.min(top)),
                _ => (0.0, 0.0),
            }
        };
        let (x, y) = corner(&self.document.entry(note, "Rect"));
        let from = form.object.dict().map_or((0.0, 0.0), |form| corner(&self.document.entry(form, "BBox")));
        self.form(number, Vec::new(), State::at([1.0, 0.0, 0.0, 1.0, x - from.0, y - from.1]), scanner)
    }
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
