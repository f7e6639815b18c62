//! What styles of a workbook make of numbers: a sheet has the number of a day only, and no zeros before a number.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::digits;
use crate::formats::xml::{Attributes, Reader, local};
use crate::scan::Scanner;
use crate::verdict::Fault;

/// As many styles and formats as a workbook may have.
const MOST: usize = 1 << 16;

/// How many formats of digits are known; Excel has 250 at most.
const FORMATS: usize = 1 << 12;

/// The styles of cells.
#[derive(Default)]
pub(super) struct Styles {
    /// The formats of the workbook's own that are dates, and those of digits.
    formats: HashSet<u32>,
    digits: HashMap<u32, Rc<str>>,
    /// The formats of digits by the styles that have them.
    shown: HashMap<usize, Rc<str>>,
    /// In the list of styles that cells refer to.
    listed: bool,
    dates: Vec<bool>,
}

impl Styles {
    /// Whether a style shows a number as a date.
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).is_some_and(|&date| date)
    }

    /// A whole number as its style shows it, where that is another text.
    pub(super) fn shown(&self, style: usize, number: &str) -> Option<String> {
        digits::shown(self.shown.get(&style)?, number).filter(|shown| shown != number)
    }
}

impl Reader for Styles {
    fn start(&mut self, name: &str, attributes: &Attributes, _: &mut Scanner) -> Result<(), Fault> {
        let attribute = |name: &str| attributes.iter().find(|found| found.0 == name).map(|found| &*found.1);
        let format = attribute("numFmtId").and_then(|number| number.parse().ok());
        match local(name) {
            "numFmt" if attribute("formatCode").is_some_and(is_date) && self.formats.len() < MOST => {
                self.formats.extend(format);
            }
            "numFmt" if self.digits.len() < FORMATS => {
                let code = attribute("formatCode").filter(|code| digits::matters(code));
                self.digits.extend(format.zip(code.map(Rc::from)));
            }
            "cellXfs" => self.listed = true,
            "xf" if self.listed && self.dates.len() < MOST => {
                let digits = format.and_then(|format| self.digits.get(&format));
                self.shown.extend(digits.map(|digits| (self.dates.len(), Rc::clone(digits))));
                let usual = |format: u32| matches!(format, 14..=17 | 22 | 27..=36 | 50..=58);
                self.dates.push(format.is_some_and(|format| usual(format) || self.formats.contains(&format)));
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, _: &str, _: &mut Scanner) -> Result<(), Fault> {
        Ok(())
    }

    fn aside(&mut self, _: &str, _: &mut Scanner) {}

    fn end(&mut self, name: &str, _: &mut Scanner) -> Result<(), Fault> {
        self.listed = self.listed && local(name) != "cellXfs";
        Ok(())
    }
}

/// Whether a format shows a day or a year, outside of its quotes and brackets.
fn is_date(format: &str) -> bool {
    let mut closing = None;
    format.chars().any(|character| {
        match (closing, character) {
            (None, '"') => closing = Some('"'),
            (None, '[') => closing = Some(']'),
            (Some(end), character) if character == end => closing = None,
            (None, character) => return matches!(character.to_ascii_lowercase(), 'y' | 'd'),
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for date in ["yyyy-mm-dd", "DD/MM/YY", "[$-409]d mmm;@", "\"on \"d.m.yyyy"] {
            assert!(is_date(date), "{date}");
        }
        for number in ["General", "0.00", "[Red]0", "\"days\" 0", "h:mm:ss", "@"] {
            assert!(!is_date(number), "{number}");
        }
    }
}
