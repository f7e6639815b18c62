//! Parts of which only the root element says what they are: a workbook names its sheets as it likes.

use super::Book;
use super::sheet::Sheet;
use super::words::Words;
use crate::formats::xml::{Attributes, Reader, local};
use crate::scan::Scanner;
use crate::verdict::{Fault, Kind};

/// Reads a part as a table, or as words.
pub(super) struct Root<'a> {
    book: Option<&'a mut Book>,
    begun: bool,
    sheet: Option<Sheet<'a>>,
    words: Words,
}

impl<'a> Root<'a> {
    pub(super) fn new(book: &'a mut Book) -> Self {
        Self { book: Some(book), begun: false, sheet: None, words: Words::default() }
    }

    fn reader(&mut self) -> &mut dyn Reader {
        match &mut self.sheet {
            Some(sheet) => sheet,
            None => &mut self.words,
        }
    }
}

impl Reader for Root<'_> {
    fn start(&mut self, name: &str, attributes: &Attributes, scanner: &mut Scanner) -> Result<(), Fault> {
        if let Some(book) = &mut self.book {
            book.links.start(name, attributes, book.format)?;
        }
        if !std::mem::replace(&mut self.begun, true) {
            match local(name) {
                "worksheet" | "dialogsheet" | "macrosheet" | "externalLink" => {
                    self.sheet = self.book.take().map(Sheet::new);
                }
                // The strings that cells show were read before, from where they usually are.
                "sst" => {
                    let what = "shared strings in an unusual part (save it again, as .xlsx)";
                    return Err(Fault::new(Kind::Unsupported, what, 0));
                }
                _ => {}
            }
        }
        self.reader().start(name, attributes, scanner)
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.reader().text(text, scanner)
    }

    fn aside(&mut self, text: &str, scanner: &mut Scanner) {
        self.reader().aside(text, scanner);
    }

    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.reader().end(name, scanner)
    }
}
