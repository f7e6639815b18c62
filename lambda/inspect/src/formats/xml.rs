//! XML 1.0: well formed, with internal entities, and nothing ever fetched.
//!
//! A state machine of our own. quick-xml leaves to its caller most of what makes
//! XML well formed (legal characters, names, attributes given twice, references,
//! the document type, text outside of the root) and holds whole texts. Here text,
//! comments and CDATA pass in pieces; only a tag or a document type is held, up to
//! a limit, and parsed in one go.
//!
//! An external entity is skipped, as the standard allows a processor that does not
//! validate; so is a reference that an unread external subset may declare.

mod content;
mod cursor;
mod declarations;
mod doctype;
mod entities;
mod markup;

use crate::input::checker::{Checker, check_text};
use crate::pass::Limits;
use crate::pass::{Input, Named, Pass};
use crate::scan::Scanner;
use crate::scan::path::Path;
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use entities::Entities;

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Text,
    /// In `&…;`.
    Reference,
    /// Behind `<`, while its kind is not known.
    Open,
    /// In a tag, and in which quotes.
    Tag(Option<u8>),
    Instruction,
    Comment,
    CData,
    Doctype(doctype::Scan),
}

/// What the bytes of the text are: UTF-8 or UTF-16.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Width {
    Narrow,
    Wide,
}

/// Takes the parts of a document in which elements are no fields: see `office`.
pub(crate) trait Reader {
    fn start(&mut self, name: &str, attributes: &[(&str, String)], scanner: &mut Scanner) -> Result<(), Fault>;
    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault>;
    /// Takes a comment or an instruction, which may lie inside of a text.
    fn aside(&mut self, text: &str, scanner: &mut Scanner);
    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault>;
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Judges XML.
pub(crate) fn check(file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    check_text(file.format, input.stream, Xml::new(pass.limits), pass)
}

/// The checker of XML.
pub(crate) struct Xml<'a> {
    state: State,
    /// The markup or the reference that is read.
    held: String,
    /// How many of the characters just before end a comment, a CDATA section, or text wrongly.
    ends: u8,
    /// The names of the open elements, and the way to them.
    open: Vec<String>,
    /// How long these names are together.
    named: usize,
    path: Path,
    /// How many elements were open where the entity that is expanded was referred to.
    floor: usize,
    rooted: bool,
    doctyped: bool,
    /// Nothing was read yet, so that an XML declaration may come.
    fresh: Option<Width>,
    entities: Entities,
    depth: usize,
    markup: usize,
    reader: Option<&'a mut dyn Reader>,
}

impl<'a> Xml<'a> {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            state: State::Text,
            held: String::new(),
            ends: 0,
            open: Vec::new(),
            named: 0,
            path: Path::new(),
            floor: 0,
            rooted: false,
            doctyped: false,
            fresh: Some(Width::Narrow),
            entities: Entities::new(limits.entities),
            depth: limits.depth,
            markup: limits.markup,
            reader: None,
        }
    }

    /// A checker that leaves the text to a reader.
    pub(crate) fn reading(limits: &Limits, reader: &'a mut dyn Reader) -> Self {
        Self { reader: Some(reader), ..Self::new(limits) }
    }

    /// Passes text on.
    fn emit(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match &mut self.reader {
            Some(reader) if self.state != State::Comment => reader.text(text, scanner),
            _ => {
                self.aside(text, scanner);
                Ok(())
            }
        }
    }

    /// Passes on what is no part of the text around it.
    fn aside(&mut self, text: &str, scanner: &mut Scanner) {
        match &mut self.reader {
            Some(reader) => reader.aside(text, scanner),
            None => scanner.text(text),
        }
    }

    fn parse(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        let mut at = 0;
        while at < text.len() {
            at = match self.state {
                State::Text => self.step_text(text, at, scanner)?,
                State::CData | State::Comment => self.step_section(text, at, scanner)?,
                _ => self.step_held(text, at, scanner)?,
            };
        }
        Ok(())
    }

    /// Takes a character of what is held until it is complete.
    fn step_held(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        let Some(character) = text[at..].chars().next() else {
            return Ok(text.len());
        };
        cursor::legal(character).map_err(|fault| fault.at(at))?;
        self.held.push(character);
        if self.held.len() > self.markup {
            let what = format!("markup longer than {} bytes", self.markup);
            return Err(Fault::new(Kind::Limit, what, at));
        }
        let sign = if character.is_ascii() { character as u8 } else { 0 };
        match self.state {
            State::Reference => self.step_reference(character, scanner),
            State::Open => self.step_open(scanner),
            State::Tag(quote) => self.step_tag(quote, sign, scanner),
            State::Instruction if self.held.len() >= 4 && self.held.ends_with("?>") => self.instruction(scanner),
            State::Doctype(mut scan) => {
                let complete = scan.step(sign, &self.held);
                self.state = State::Doctype(scan);
                if complete { self.doctype(scanner) } else { Ok(()) }
            }
            _ => Ok(()),
        }
        .map_err(|fault| fault.at(at))?;
        Ok(at + character.len_utf8())
    }

    /// Tells the kind of markup from its first characters.
    fn step_open(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        const KINDS: [(&str, State); 4] = [
            ("?", State::Instruction),
            ("!--", State::Comment),
            ("![CDATA[", State::CData),
            ("!DOCTYPE", State::Doctype(doctype::Scan::START)),
        ];
        if let Some((_, state)) = KINDS.iter().find(|kind| kind.0 == self.held) {
            if *state == State::CData && self.open.is_empty() {
                return Err(Fault::syntax("text outside of the root element", 0));
            }
            // A comment is no part of the text around it.
            if *state == State::Comment {
                self.aside("\n", scanner);
            }
            self.state = *state;
            self.ends = 0;
        } else if !KINDS.iter().any(|kind| kind.0.starts_with(&self.held)) {
            if self.held.starts_with('!') || self.held.starts_with(['>', '<', ' ']) {
                return Err(Fault::syntax("unknown markup", 0));
            }
            self.state = State::Tag(None);
        }
        Ok(())
    }

    fn step_tag(&mut self, quote: Option<u8>, sign: u8, scanner: &mut Scanner) -> Result<(), Fault> {
        match (quote, sign) {
            (None, b'>') => {
                self.state = State::Text;
                let held = std::mem::take(&mut self.held);
                self.tag(&held[..held.len() - 1], scanner)?;
            }
            (_, b'<') => return Err(Fault::syntax("a < in a tag", 0)),
            (None, b'"' | b'\'') => self.state = State::Tag(Some(sign)),
            (Some(quote), sign) if quote == sign => self.state = State::Tag(None),
            _ => {}
        }
        Ok(())
    }

    /// Ends a processing instruction or the XML declaration.
    fn instruction(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        let held = std::mem::take(&mut self.held);
        self.aside(&held, scanner);
        self.state = State::Text;
        let content = held.strip_prefix('?').and_then(|rest| rest.strip_suffix("?>")).unwrap_or_default();
        markup::instruction(content, self.fresh.take())
    }

    fn doctype(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        let held = std::mem::take(&mut self.held);
        scanner.text(&held);
        self.state = State::Text;
        self.fresh = None;
        if self.rooted || std::mem::replace(&mut self.doctyped, true) {
            return Err(Fault::syntax("a document type out of place", 0));
        }
        doctype::parse(&held, &mut self.entities)
    }
}

impl Checker for Xml<'_> {
    fn encoded(&mut self, wide: bool) {
        self.fresh = Some(if wide { Width::Wide } else { Width::Narrow });
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.entities.read(text.len());
        self.parse(text, scanner)
    }

    fn finish(&mut self, _: &mut Scanner) -> Result<(), Fault> {
        if self.state != State::Text {
            return Err(Fault::truncated("the text ends inside markup"));
        }
        if !self.open.is_empty() {
            let count = self.open.len();
            let elements = if count == 1 { "element is" } else { "elements are" };
            return Err(Fault::truncated(format!("{count} {elements} not closed")));
        }
        if self.rooted { Ok(()) } else { Err(Fault::truncated("there is no root element")) }
    }
}
