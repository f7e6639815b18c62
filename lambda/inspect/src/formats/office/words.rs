//! Text in paragraphs: runs are joined, paragraphs and table cells are not.

use crate::formats::xml::{Reader, local};
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Fault;

/// The shortest value of an attribute that is looked at: what is sought is longer.
const SHORTEST: usize = 9;

/// As much of attributes, comments and deleted text as is held before it is passed on, in bytes.
const HELD: usize = 1 << 20;

/// Attributes that name what is shown beside them, however short they are.
const NAMES: &[&str] = &["name", "displayName", "title", "descr", "caption"];

/// Elements that name what is in them.
const LABELS: &[&str] = &["alias", "tag", "label"];

/// Elements whose runs are joined, where no paragraphs are.
const BLOCKS: &[&str] = &["text", "si", "is", "textbox"];

/// The values of attributes that are looked at.
fn worth<'a>(element: &str, attributes: &'a [(&str, String)]) -> impl Iterator<Item = &'a str> {
    let label = LABELS.contains(&local(element));
    let worth = move |name: &str, value: &str| value.len() >= SHORTEST || label || NAMES.contains(&local(name));
    attributes.iter().filter(move |found| worth(found.0, &found.1)).map(|found| found.1.as_str())
}

/// Passes on the values of attributes.
pub(super) fn scan_attributes(element: &str, attributes: &[(&str, String)], scanner: &mut Scanner) {
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
    /// How many paragraphs are open.
    paragraphs: usize,
    /// The outermost of them is no paragraph but a block of this name.
    block: Option<&'static str>,
    inside: Inside,
    /// Values of attributes and comments, and deleted text: they must not part the runs around them.
    attributes: String,
    deleted: String,
}

/// What text the innermost element has.
#[derive(Default, Clone, Copy, PartialEq)]
enum Inside {
    #[default]
    Nothing,
    Shown,
    Deleted,
}

impl Words {
    fn flush(&mut self, scanner: &mut Scanner) {
        scanner.text("\n");
        for aside in [&mut self.deleted, &mut self.attributes] {
            if !aside.is_empty() {
                scanner.text(aside);
                scanner.text("\n");
                aside.clear();
            }
        }
    }

    /// Starts a paragraph, or what is like one.
    fn open(&mut self, name: &str, scanner: &mut Scanner) {
        let block = BLOCKS.iter().find(|&&block| self.paragraphs == 0 && block == name);
        if name == "p" || block.is_some() {
            self.flush(scanner);
            self.paragraphs += 1;
            self.block = self.block.or(block.copied());
        } else if self.paragraphs == 0 {
            self.flush(scanner);
        }
    }

    /// Ends it.
    fn close(&mut self, name: &str, scanner: &mut Scanner) {
        let block = self.paragraphs == 1 && self.block == Some(name);
        if block {
            self.block = None;
        }
        let ends = block || (name == "p" && self.paragraphs > usize::from(self.block.is_some()));
        self.paragraphs -= usize::from(ends);
        if ends || self.paragraphs == 0 {
            self.flush(scanner);
        }
    }
}

impl Reader for Words {
    fn start(&mut self, element: &str, attributes: &[(&str, String)], scanner: &mut Scanner) -> Result<(), Fault> {
        self.inside = Inside::Nothing;
        match local(element) {
            "t" | "instrText" => self.inside = Inside::Shown,
            "delText" | "delInstrText" => self.inside = Inside::Deleted,
            "tab" | "ptab" => scanner.text("\t"),
            "br" | "cr" => scanner.text("\n"),
            "noBreakHyphen" => scanner.text("-"),
            "cacheField" | "property" => {
                // The values of a column, or of a property of one's own, which have a name.
                let name = attributes.iter().find(|found| found.0 == "name").map_or("", |found| found.1.as_str());
                let names = scanner.names(name);
                scanner.begin(names, Place::Path(local(element).into()));
            }
            name => self.open(name, scanner),
        }
        for value in worth(element, attributes) {
            self.attributes.push_str(value);
            self.attributes.push('\n');
            if self.attributes.len() > HELD {
                self.flush(scanner);
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match self.inside {
            Inside::Deleted => {
                self.deleted.push_str(text);
                if self.deleted.len() > HELD {
                    scanner.text(&std::mem::take(&mut self.deleted));
                }
            }
            // Between runs there is white space that is not the document's.
            Inside::Nothing if self.paragraphs > 0 && text.trim_start().is_empty() => {}
            _ => scanner.text(text),
        }
        Ok(())
    }

    fn aside(&mut self, text: &str, scanner: &mut Scanner) {
        self.attributes.push_str(text);
        if self.attributes.len() > HELD {
            self.flush(scanner);
        }
    }

    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.inside = Inside::Nothing;
        match local(name) {
            "cacheField" => {
                self.flush(scanner);
                scanner.begin(Mask::default(), Place::Text);
            }
            name => self.close(name, scanner),
        }
        Ok(())
    }
}
