//! The header line of a text: keywords and the columns they stand over.
//!
//! Columns are found by their place in the line (fixed width) and, where the
//! header has separators, by counting these: a table may be named `.txt`.

use super::position::Position;
use super::spans::managed;
use super::{Evidence, Scanner};
use crate::detect::Set;
use crate::detect::keyword::Keywords;

/// How much of a header line is read, in bytes.
const LINE: usize = 16 << 10;

/// How many lines are looked at for it.
const LINES: usize = 100;

/// How many titles above the header have a say.
const TITLES: usize = 4;

/// How much of a line behind a value is looked at, in bytes: less than there always is.
const BEHIND: usize = 512;

/// What may separate the columns, in the order of preference.
const SEPARATORS: [char; 4] = ['\t', '|', ';', ','];

/// The words of a header, and which of them are keywords.
#[derive(Debug, Default)]
pub(super) struct Header {
    line: u64,
    /// From where to where words go, in characters.
    words: Vec<Span>,
    columns: Vec<Column>,
    /// The most frequent separator, and how many there are.
    separator: Option<(char, usize)>,
    /// The lines above it that have keywords, too.
    titles: Vec<Self>,
}

/// From and to, in characters of a line.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A name with a keyword.
#[derive(Debug)]
struct Column {
    detectors: Box<[u16]>,
    /// The length of the keyword.
    length: usize,
    name: Span,
    /// The name with the blanks around it: values may be on either side of a short name.
    around: Span,
    /// How many separators are before it.
    field: usize,
}

impl Header {
    /// Looks for keywords in a header, the line of this number.
    pub(super) fn new(header: &str, line: u64, keywords: &Keywords) -> Self {
        let words = words(header);
        let count = |sign: char| header.chars().filter(|&c| c == sign).count();
        let separator = SEPARATORS.map(|sign| (sign, count(sign))).into_iter().rev();
        let separator = separator.max_by_key(|found| found.1).filter(|found| found.1 > 0);
        let mut columns = Vec::new();
        keywords.find(header, 0..header.len(), |found| {
            let before = &header[..found.place.start];
            let start = before.chars().count();
            let end = start + header[found.place.clone()].chars().count();
            let (name, around) = surround(&words, Span { start, end });
            let field = separator.map_or(0, |(sign, _)| before.matches(sign).count());
            let detectors = keywords.detectors(&found).into();
            columns.push(Column { detectors, length: found.place.len(), name, around, field });
        });
        Self { line, words, columns, separator, titles: Vec::new() }
    }

    /// The same below a title: what that says holds for what is under its words.
    pub(super) fn below(mut self, mut title: Self) -> Self {
        self.titles = std::mem::take(&mut title.titles);
        if !title.is_empty() && self.titles.len() < TITLES {
            self.titles.push(Self { separator: None, ..title });
        }
        self
    }

    /// Whether no column has a keyword.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The managed detectors that columns have keywords of.
    pub(super) fn set(&self) -> Set {
        let lines = self.titles.iter().chain([self]);
        managed(lines.flat_map(|line| &line.columns).flat_map(|column| column.detectors.iter().copied()))
    }

    /// What separates the columns, if anything does.
    pub(super) fn sign(&self) -> Option<char> {
        self.separator.map(|found| found.0)
    }

    /// What the name of the column says for a detector's value at a position.
    pub(super) fn evidence(&self, detector: u16, position: Position, value: &str, rest: &str) -> Option<Evidence> {
        let own = self.own_keyword(detector, position, value, rest).map(|length| Evidence::Named(1, length));
        own.or_else(|| {
            let titles = self.titles.iter().filter_map(|title| title.own_keyword(detector, position, value, rest));
            titles.max().map(|length| Evidence::Named(0, length))
        })
    }

    /// The length of the keyword in the name of the column.
    fn own_keyword(&self, detector: u16, position: Position, value: &str, rest: &str) -> Option<usize> {
        if position.line <= self.line || self.columns.is_empty() {
            return None;
        }
        let columns = self.columns.iter().filter(|column| column.detectors.contains(&detector));
        let longest =
            |is: &dyn Fn(&Column) -> bool| columns.filter(|column| is(column)).map(|column| column.length).max();
        if let Some((sign, count)) = self.separator {
            // Only a row like the header is a row of its table.
            let near = &rest[..rest.floor_char_boundary(BEHIND)];
            let end = near.find(['\r', '\n']).or((near.len() == rest.len()).then_some(rest.len()));
            let behind = end.map(|end| near[..end].matches(sign).count());
            if behind.is_some_and(|behind| position.field + behind == count) {
                return longest(&|column| column.field == position.field);
            }
            if self.words.len() == 1 {
                return None;
            }
        }
        let start = position.character;
        let value = Span { start, end: start + value.chars().count() };
        // Where the value is under a word, no name aside of it can be its own.
        if self.words.iter().any(|word| word.overlaps(value)) {
            longest(&|column| column.name.overlaps(value))
        } else {
            longest(&|column| column.around.overlaps(value))
        }
    }
}

/// The line that names the columns of a text, while it is sought: the first one that is not blank, and below a title one that
/// has columns.
pub(crate) struct HeaderLine {
    /// As much as has come of the line; nothing once there is no need to look any further.
    text: Option<String>,
    line: u64,
    returned: bool,
    /// How many lines have been looked at that are not blank.
    seen: usize,
}

impl Default for HeaderLine {
    fn default() -> Self {
        Self { text: Some(String::new()), line: 0, returned: false, seen: 0 }
    }
}

impl HeaderLine {
    /// Takes a text that will be passed on, and says the scanner a line that names columns when it is complete.
    pub(crate) fn take(&mut self, text: &str, scanner: &mut Scanner) {
        let (mut line, mut rest) = match self.text.take() {
            Some(line) => (line, text),
            None => return,
        };
        while let Some(end) = self.gather(&mut line, rest) {
            let columns = has_columns(&line);
            let named = (self.seen == 0 || (columns && !has_numbers(&line))) && scanner.header(&line, self.line);
            // Only a title may be followed by a line that says more.
            let is_last = named && (columns || !is_title(&line));
            self.seen += 1;
            if is_last || self.seen == LINES || line.len() >= LINE {
                return;
            }
            line.clear();
            self.line += 1;
            rest = &rest[end..];
        }
        self.text = Some(line);
    }

    /// Gathers a line that is not blank; where it ends, when it is complete.
    fn gather(&mut self, line: &mut String, text: &str) -> Option<usize> {
        for (at, character) in text.char_indices() {
            let after_return = std::mem::replace(&mut self.returned, character == '\r');
            match character {
                '\n' | '\r' if !line.trim().is_empty() => return Some(at + 1),
                '\n' | '\r' => {
                    line.clear();
                    self.line += u64::from(!(character == '\n' && after_return));
                }
                _ if line.len() >= LINE => return Some(at),
                _ => line.push(character),
            }
        }
        None
    }
}

/// Whether a line has the look of several columns: a separator within it, or wide gaps. Two blanks are also what some write
/// between sentences, and a comma stands in every one.
fn has_columns(line: &str) -> bool {
    let line = line.trim();
    let within = |sign: char| line.trim_end_matches(sign).contains(sign);
    let gaps = || line.match_indices("  ").count();
    ['\t', '|', ';'].into_iter().any(within)
        || (line.matches(',').count() > 1 && !line.contains(", "))
        || line.contains("   ")
        || gaps() > 1
}

/// Whether a line has nothing that parts columns, if only two of them.
fn is_title(line: &str) -> bool {
    let line = line.trim();
    !line.contains("  ") && (!line.contains(',') || line.contains(", "))
}

/// Whether a line has numbers, as those of data have.
fn has_numbers(line: &str) -> bool {
    let words = line.split(|character: char| character.is_whitespace() || SEPARATORS.contains(&character));
    words.into_iter().any(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

/// The words that a keyword is part of, and those with the blanks around them.
fn surround(words: &[Span], keyword: Span) -> (Span, Span) {
    let first = words.partition_point(|word| word.end <= keyword.start);
    let behind = words.partition_point(|word| word.start < keyword.end);
    let (own, others) = words.split_at(behind);
    let (before, own) = own.split_at(first.min(behind));
    let name = Span {
        start: own.first().map_or(keyword.start, |word| word.start),
        end: own.last().map_or(keyword.end, |word| word.end),
    };
    let around = Span {
        start: before.last().map_or(0, |word| word.end),
        end: others.first().map_or(usize::MAX, |word| word.start),
    };
    (name, around)
}

/// Where the words of a line are.
fn words(line: &str) -> Vec<Span> {
    let mut words: Vec<Span> = Vec::new();
    for (at, _) in line.chars().enumerate().filter(|(_, character)| !character.is_whitespace()) {
        match words.last_mut() {
            Some(word) if word.end == at => word.end += 1,
            _ => words.push(Span { start: at, end: at + 1 }),
        }
    }
    words
}
