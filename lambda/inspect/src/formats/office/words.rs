//! Text in paragraphs: runs are joined, paragraphs and table cells are not.

use super::paragraph::{Ends, Paragraph};
use super::table::Tables;
use crate::formats::xml::{Attributes, Reader, local};
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Fault;

/// The shortest value of an attribute that is looked at: what is sought is longer.
const SHORTEST: usize = 9;

/// As much of attributes, comments and deleted text as is held before it is passed on, in bytes.
const HELD: usize = 1 << 20;

/// How many paragraphs in each other are told apart.
const DEEPEST: usize = 8;

/// Attributes that name what is shown beside them, however short they are.
const NAMES: &[&str] = &["name", "displayName", "title", "descr", "caption"];

/// Elements that name what is in them.
const LABELS: &[&str] = &["alias", "tag", "label", "name"];

/// Elements whose runs are joined, where no paragraphs are.
const BLOCKS: &[&str] = &["text", "si", "is", "textbox"];

/// The values of attributes that are looked at.
fn worth<'a>(element: &str, attributes: &'a Attributes<'_>) -> impl Iterator<Item = &'a str> {
    let label = LABELS.contains(&local(element));
    let worth = move |name: &str, value: &str| value.len() >= SHORTEST || label || NAMES.contains(&local(name));
    attributes.iter().filter(move |found| worth(found.0, &found.1)).map(|found| &*found.1)
}

/// Passes on the values of attributes.
pub(super) fn scan_attributes(element: &str, attributes: &Attributes, scanner: &mut Scanner) {
    // What kind of value a cell has is no text.
    let kind = |value: &str| matches!(local(element), "c" | "cell") && value == "inlineStr";
    for value in worth(element, attributes).filter(|value| !kind(value)) {
        scanner.text("\n");
        scanner.text(value);
        scanner.text("\n");
    }
}

/// Reads any part with text.
#[derive(Default)]
pub(super) struct Words {
    /// The paragraphs that are open, or what is like one: text boxes lie in the paragraph of their page.
    open: Vec<Paragraph>,
    /// How many more are open within.
    deeper: usize,
    /// What goes on in the next paragraph of the page.
    ends: Ends,
    inside: Inside,
    /// Properties of a paragraph, whose mark may be hidden.
    properties: bool,
    beside: Beside,
    tables: Tables,
    /// In a cell whose column has a name.
    named: bool,
}

/// What must not part the runs around it, and is passed on behind their paragraph.
#[derive(Default)]
struct Beside {
    /// Values of attributes, and comments.
    attributes: String,
    deleted: String,
    /// What fields are computed from.
    fields: String,
    /// Paragraphs in the paragraph.
    nested: String,
    /// The paragraphs as others show them.
    views: String,
}

/// What text the innermost element has.
#[derive(Default, Clone, Copy, PartialEq)]
enum Inside {
    #[default]
    Nothing,
    Shown,
    Deleted,
    Field,
}

impl Beside {
    fn is_full(&self) -> bool {
        [&self.attributes, &self.deleted, &self.fields, &self.nested, &self.views].iter().any(|text| text.len() > HELD)
    }

    /// Passes all of it on; `cell` is where that is.
    fn flush(&mut self, cell: impl Fn() -> (Mask, Place), scanner: &mut Scanner) {
        scanner.text("\n");
        for aside in [&mut self.nested, &mut self.deleted, &mut self.fields, &mut self.attributes] {
            if !aside.is_empty() {
                scanner.text(aside);
                scanner.text("\n");
                aside.clear();
            }
        }
        if !self.views.is_empty() {
            for (echo, text) in [(true, &*self.views), (false, "")] {
                let (names, place) = cell();
                scanner.echo(echo);
                scanner.begin(names, place);
                scanner.text(text);
            }
            self.views.clear();
        }
    }
}

impl Words {
    fn flush(&mut self, scanner: &mut Scanner) {
        self.beside.flush(|| cell(&self.tables), scanner);
    }

    /// A cell has started or ended: the name of its column holds for it.
    fn turn(&mut self, scanner: &mut Scanner) {
        let before = std::mem::replace(&mut self.named, self.tables.cell().is_some());
        if before || self.named {
            self.flush(scanner);
            let (names, place) = cell(&self.tables);
            scanner.begin(names, place);
        }
    }

    /// Passes on what is beside where it is too much; the paragraph goes on with its last words.
    fn relieve(&mut self, scanner: &mut Scanner) {
        if self.beside.is_full() {
            self.flush(scanner);
            scanner.text(self.open.first().map_or("", Paragraph::end));
        }
    }

    /// Takes a text that a reader shows in its place.
    fn show(&mut self, text: &str, scanner: &mut Scanner) {
        self.tables.text(text);
        if self.open.len() < 2 {
            scanner.text(text);
        }
        let outer = self.open.len() == 1;
        if let Some(paragraph) = self.open.last_mut() {
            let out = if outer { None } else { Some(&mut self.beside.nested) };
            paragraph.push(text, out, &mut self.beside.views);
            self.relieve(scanner);
        }
    }

    /// Starts a paragraph, or what is like one.
    fn open(&mut self, name: &str, scanner: &mut Scanner) {
        let block = BLOCKS.iter().find(|&&block| self.open.is_empty() && block == name);
        if name == "p" && self.open.len() >= DEEPEST {
            self.deeper += 1;
            self.show("\n", scanner);
        } else if name == "p" || block.is_some() {
            let mut before = Ends::default();
            if self.open.is_empty() {
                self.flush(scanner);
                before = std::mem::take(&mut self.ends);
            }
            self.open.push(Paragraph::new(block.copied().unwrap_or("p"), before));
        } else if self.open.is_empty() {
            self.flush(scanner);
        } else if let Some(paragraph) = self.open.last_mut() {
            paragraph.enter(name);
        }
    }

    /// Ends it.
    fn close(&mut self, name: &str, scanner: &mut Scanner) {
        if name == "p" && self.deeper > 0 {
            self.deeper -= 1;
            self.show("\n", scanner);
        } else if self.open.last().is_some_and(|paragraph| paragraph.name == name) {
            let outer = self.open.len() == 1;
            if let Some(mut paragraph) = self.open.pop() {
                let out = if outer { None } else { Some(&mut self.beside.nested) };
                if outer {
                    self.ends = paragraph.ends();
                }
                paragraph.finish(out, &mut self.beside.views);
            }
            if outer {
                self.flush(scanner);
            } else {
                self.relieve(scanner);
            }
        } else if let Some(paragraph) = self.open.last_mut() {
            paragraph.leave(name);
        } else {
            self.flush(scanner);
        }
    }
}

/// Where the innermost cell is whose column has a name, and what that says.
fn cell(tables: &Tables) -> (Mask, Place) {
    tables.cell().unwrap_or((Mask::default(), Place::Text))
}

/// The character of a symbol: fonts of symbols have theirs from F000 on.
fn symbol(code: &str) -> Option<char> {
    let code = u32::from_str_radix(code, 16).ok()?;
    char::from_u32(if (0xF000..0xF100).contains(&code) { code - 0xF000 } else { code })
}

impl Reader for Words {
    fn start(&mut self, element: &str, attributes: &Attributes, scanner: &mut Scanner) -> Result<(), Fault> {
        self.inside = Inside::Nothing;
        let attribute = |name: &str| attributes.iter().find(|found| local(found.0) == name).map(|found| &*found.1);
        match local(element) {
            "t" => self.inside = Inside::Shown,
            "instrText" | "delInstrText" => self.inside = Inside::Field,
            "delText" => self.inside = Inside::Deleted,
            "tab" | "ptab" => self.show("\t", scanner),
            "br" | "cr" => self.show("\n", scanner),
            "noBreakHyphen" => self.show("-", scanner),
            "sym" => {
                if let Some(symbol) = attribute("char").and_then(symbol) {
                    self.show(symbol.encode_utf8(&mut [0; 4]), scanner);
                }
            }
            "pPr" => self.properties = true,
            change @ ("del" | "ins" | "moveFrom" | "moveTo") if self.properties => {
                if let Some(paragraph) = self.open.last_mut() {
                    paragraph.join(change);
                }
            }
            "vanish" if !self.properties => {
                let hidden = !matches!(attribute("val"), Some("0" | "false" | "off"));
                if let Some(paragraph) = self.open.last_mut() {
                    paragraph.hide(hidden);
                }
            }
            "cacheField" | "property" => {
                // The values of a column, or of a property of one's own, which have a name.
                let name = attributes.iter().find(|found| found.0 == "name").map_or("", |found| &*found.1);
                let names = scanner.names(name);
                scanner.begin(names, Place::Path(local(element).into()));
            }
            name => {
                self.open(name, scanner);
                if self.tables.start(name, attributes, !self.open.is_empty()) {
                    self.turn(scanner);
                }
            }
        }
        for value in worth(element, attributes) {
            self.beside.attributes.push_str(value);
            self.beside.attributes.push('\n');
            self.relieve(scanner);
        }
        Ok(())
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match self.inside {
            Inside::Deleted => {
                self.beside.deleted.push_str(text);
                if let Some(paragraph) = self.open.last_mut() {
                    paragraph.push_deleted(text, &mut self.beside.views);
                }
            }
            Inside::Field => self.beside.fields.push_str(text),
            // Between runs there is white space that is not the document's.
            Inside::Nothing if !self.open.is_empty() && text.trim_start().is_empty() => {}
            _ => self.show(text, scanner),
        }
        self.relieve(scanner);
        Ok(())
    }

    fn aside(&mut self, text: &str, scanner: &mut Scanner) {
        self.beside.attributes.push_str(text);
        self.relieve(scanner);
    }

    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.inside = Inside::Nothing;
        match local(name) {
            "pPr" => self.properties = false,
            "cacheField" => {
                self.flush(scanner);
                scanner.begin(Mask::default(), Place::Text);
            }
            name => {
                self.close(name, scanner);
                if self.tables.end(name, scanner) {
                    self.turn(scanner);
                }
            }
        }
        Ok(())
    }
}
