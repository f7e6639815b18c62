//! Which styles of a workbook show numbers as dates: a sheet has the number of a day only.

use std::collections::HashSet;

use crate::formats::xml::{Reader, local};
use crate::scan::Scanner;
use crate::verdict::Fault;

/// As many styles and formats as a workbook may have.
const MOST: usize = 1 << 16;

/// The styles of cells.
#[derive(Default)]
pub(super) struct Styles {
    /// The formats of the workbook's own that are dates.
    formats: HashSet<u32>,
    /// In the list of styles that cells refer to.
    listed: bool,
    dates: Vec<bool>,
}

impl Styles {
    /// Whether a style shows a number as a date.
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).is_some_and(|&date| date)
    }
}

impl Reader for Styles {
    fn start(&mut self, name: &str, attributes: &[(&str, String)], _: &mut Scanner) -> Result<(), Fault> {
        let attribute = |name: &str| attributes.iter().find(|found| found.0 == name).map(|found| found.1.as_str());
        let format = attribute("numFmtId").and_then(|number| number.parse().ok());
        match local(name) {
            "numFmt" if attribute("formatCode").is_some_and(is_date) && self.formats.len() < MOST => {
                self.formats.extend(format);
            }
            "cellXfs" => self.listed = true,
            "xf" if self.listed && self.dates.len() < MOST => {
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
