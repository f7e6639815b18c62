//! Text in paragraphs: runs are joined, paragraphs and table cells are not.

use crate::formats::xml::{Reader, local};
use crate::scan::Scanner;
use crate::verdict::Fault;

/// The shortest value of an attribute that is looked at: what is sought is longer.
const SHORTEST: usize = 9;

/// As much of attributes as is held before they are passed on, in bytes.
const HELD: usize = 16 << 10;

/// Reads any part with text.
#[derive(Default)]
pub(super) struct Words {
    /// How many paragraphs are open, and whether the innermost element has text.
    paragraphs: usize,
    inside: bool,
    /// Values of attributes, which must not part the runs around them.
    attributes: String,
}

impl Words {
    fn flush(&mut self, scanner: &mut Scanner) {
        scanner.text("\n");
        if !self.attributes.is_empty() {
            scanner.text(&self.attributes);
            self.attributes.clear();
        }
    }
}

impl Reader for Words {
    fn start(&mut self, name: &str, attributes: &[(&str, String)], scanner: &mut Scanner) -> Result<(), Fault> {
        self.inside = false;
        match local(name) {
            "p" => {
                self.flush(scanner);
                self.paragraphs += 1;
            }
            "t" | "delText" | "instrText" => self.inside = true,
            "tab" | "ptab" => scanner.text("\t"),
            "br" | "cr" => scanner.text("\n"),
            "noBreakHyphen" => scanner.text("-"),
            _ if self.paragraphs == 0 => self.flush(scanner),
            _ => {}
        }
        for (_, value) in attributes.iter().filter(|attribute| attribute.1.len() >= SHORTEST) {
            self.attributes.push_str(value);
            self.attributes.push('\n');
            if self.attributes.len() > HELD {
                self.flush(scanner);
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        // Between runs there is white space that is not the document's.
        if self.paragraphs == 0 || self.inside || !text.trim_start().is_empty() {
            scanner.text(text);
        }
        Ok(())
    }

    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.inside = false;
        if local(name) == "p" {
            self.paragraphs = self.paragraphs.saturating_sub(1);
            self.flush(scanner);
        } else if self.paragraphs == 0 {
            self.flush(scanner);
        }
        Ok(())
    }
}
