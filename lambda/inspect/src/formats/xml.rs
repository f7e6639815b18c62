//! XML 1.0: well formed, with internal entities, and nothing ever fetched.
//!
//! A state machine of our own. Of 94 documents made by hand ours is wrong on 5, the crate `xml` (1.4) on 4 and
//! quick-xml (0.42) on 54, as it leaves to its caller most of what makes XML well formed. `xml` holds whole texts,
//! parses at 9 to 12 MB/s what is parsed and scanned here at 9 to 14, and so would take half the speed of
//! XML and Office. Here text and CDATA pass in pieces; only a tag, a comment beside text or a document type is held,
//! up to a limit, and parsed in one go.
//!
//! Of the W3C's tests (2,585 documents of 20130923) all that are valid XML 1.0 pass, and 925 of the 927 that are not well
//! formed by themselves are refused; the two have a mark of UTF-8 or UTF-16 and declare something else, which is read
//! by the mark. What else passes that is not well formed: 59 are so in external entities, 302 by the names of older
//! editions, and 23 by namespaces, which are not looked at. XML 1.1 is read as 1.0, so that 6 of 84 are refused.
//! `xmllint` differs where it fetches (14). Of 1,210 files of libxml2's own tests it is 11: 3 that fetch, and 8 that are
//! refused here: names of 8,000 letters, EBCDIC, UTF-16 without a mark, and what is not well formed indeed.
//!
//! An external entity is skipped, as the standard allows a processor that does not
//! validate; so is a reference that an unread external subset may declare.
//!
//! | what | is looked at |
//! |---|---|
//! | text, CDATA, references, as one text | under the names of its elements |
//! | attributes, and defaults of them that the document type declares | under their names and those of their elements |
//! | comments and processing instructions | as texts of their own: what is around them is one |
//! | the document type | as it is written, and entities also as what they stand for |
//! | text that child elements part | each part for itself, and where they stand in a line all of it as one |
//! | external entities and subsets | not: they are in no file |

mod content;
mod cursor;
mod declarations;
mod doctype;
mod entities;
mod joined;
mod markup;

use std::borrow::Cow;

use crate::input::checker::{Checker, check_text};
use crate::input::text::Encodings;
use crate::pass::Limits;
use crate::pass::{Input, Named, Pass};
use crate::scan::Scanner;
use crate::scan::path::Path;
use crate::scan::{Mask, Place};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use entities::Entities;
use joined::Joined;

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

/// The attributes of an element, with their references expanded.
pub(crate) type Attributes<'a> = [(&'a str, Cow<'a, str>)];

/// Takes the parts of a document in which elements are no fields: see `office`.
pub(crate) trait Reader {
    fn start(&mut self, name: &str, attributes: &Attributes, scanner: &mut Scanner) -> Result<(), Fault>;
    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault>;
    /// Takes a comment or an instruction, which may lie inside of a text.
    fn aside(&mut self, text: &str, scanner: &mut Scanner);
    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault>;
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    // Byte by byte: names are short, and there are many.
    name.bytes().rposition(|byte| byte == b':').map_or(name, |colon| &name[colon + 1..])
}

/// Judges XML.
pub(crate) fn check(file: Named, Input { stream, .. }: Input, pass: &mut Pass) -> Result<(), Stop> {
    check_text(file.format, stream, Xml::new(pass.limits), pass)
}

/// The checker of XML.
pub(crate) struct Xml<'a> {
    state: State,
    /// The markup or the reference that is read.
    held: String,
    /// Comments and instructions that were met in a text, and whether the text had begun.
    aside: String,
    texted: bool,
    joined: Joined,
    /// Where what is joined is found.
    line: Option<(Mask, Place)>,
    /// How many of the characters just before end a comment, a CDATA section, or text wrongly.
    ends: u8,
    /// The names of the open elements, one behind the other, where each starts, and the way to them.
    names: String,
    open: Vec<usize>,
    path: Path,
    /// The name of an attribute as it stands on the way: kept for its memory.
    attribute: String,
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
            aside: String::new(),
            texted: false,
            joined: Joined::default(),
            line: None,
            ends: 0,
            names: String::new(),
            open: Vec::new(),
            path: Path::new(),
            attribute: String::new(),
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
        if self.state == State::Comment {
            if self.waits() {
                return self.put_aside(text, scanner);
            }
            scanner.text(text);
            return Ok(());
        }
        self.texted = self.texted || !text.trim_start().is_empty();
        if let Some(reader) = &mut self.reader {
            return reader.text(text, scanner);
        }
        scanner.text(text);
        if self.joined.push(text) {
            self.line = Some((self.path.names(), self.path.place()));
        }
        Ok(())
    }

    /// Passes on what was joined over tags.
    fn show_joined(&mut self, joined: Option<String>, scanner: &mut Scanner) {
        if let Some(joined) = joined {
            let (names, place) = self.line.take().unwrap_or((self.path.names(), self.path.place()));
            scanner.echo(true);
            scanner.begin(names, place);
            scanner.text(&joined);
            scanner.echo(false);
        }
    }

    /// Whether a comment has to wait: a text has begun, or a reader joins texts over elements.
    fn waits(&self) -> bool {
        self.texted || self.reader.is_some()
    }

    /// Keeps a part of a comment or an instruction, which must not part the text around it; a reader
    /// knows by itself where it belongs.
    fn put_aside(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        if let Some(reader) = &mut self.reader {
            reader.aside(text, scanner);
            return Ok(());
        }
        self.aside.push_str(text);
        if self.aside.len() <= self.markup {
            return Ok(());
        }
        Err(Fault::new(Kind::Limit, format!("comments longer than {} bytes", self.markup), 0))
    }

    /// Passes on what was kept, where a text of its own may start.
    fn show_aside(&mut self, scanner: &mut Scanner) {
        self.texted = false;
        if !self.aside.is_empty() {
            scanner.begin(self.path.names(), self.path.place());
            scanner.text(&self.aside);
            self.aside.clear();
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
            // A comment is no part of the text around it, and behind none it is passed on in pieces.
            if *state == State::Comment {
                if self.waits() {
                    self.put_aside("\n", scanner)?;
                } else {
                    scanner.begin(self.path.names(), self.path.place());
                }
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
        self.put_aside(&held, scanner)?;
        self.put_aside("\n", scanner)?;
        self.state = State::Text;
        let content = held.strip_prefix('?').and_then(|rest| rest.strip_suffix("?>")).unwrap_or_default();
        if markup::instruction(content, self.fresh.take())? {
            self.entities.stand_alone();
        }
        Ok(())
    }

    fn doctype(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        let held = std::mem::take(&mut self.held);
        scanner.text(&held);
        self.state = State::Text;
        self.fresh = None;
        if self.rooted || std::mem::replace(&mut self.doctyped, true) {
            return Err(Fault::syntax("a document type out of place", 0));
        }
        doctype::parse(&held, &mut self.entities)?;
        self.show_declared(scanner)
    }

    /// Passes on what the document type declares, as it is meant.
    fn show_declared(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        scanner.echo(true);
        for (element, attribute, value) in self.entities.take_defaults() {
            let mut path = Path::new();
            path.enter(&element, scanner.names(&element));
            path.enter(&format!("@{attribute}"), scanner.names(&attribute));
            scanner.begin(path.names(), path.place());
            scanner.text(&self.entities.attribute(&value)?);
            scanner.separate();
        }
        for text in self.entities.texts() {
            scanner.begin(Mask::default(), Place::Path("/!DOCTYPE".into()));
            scanner.text(text);
            scanner.separate();
        }
        scanner.echo(false);
        scanner.begin(Mask::default(), self.path.place());
        Ok(())
    }
}

impl Checker for Xml<'_> {
    fn encodings(&self, _: Encodings) -> Encodings {
        Encodings::declared(markup::declared)
    }

    fn encoded(&mut self, wide: bool) {
        self.fresh = Some(if wide { Width::Wide } else { Width::Narrow });
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.entities.read(text.len());
        self.parse(text, scanner)
    }

    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        let joined = self.joined.take();
        self.show_joined(joined, scanner);
        self.show_aside(scanner);
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
