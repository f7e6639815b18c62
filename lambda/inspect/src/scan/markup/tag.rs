//! A tag of HTML while it comes: its name, and those of its attributes that people are shown.

use super::table::Spans;
use super::{Markup, NAME as REFERENCE, decoded};

/// As much of names as is looked at, and how much of a value is gathered before it is.
const NAME: usize = 32;
const VALUE: usize = 4 << 10;

/// How many digits a number has at least.
const DIGITS: usize = 6;

/// Attributes whose values people are shown, and those that name these.
const SHOWN: &[&str] = &["value", "alt", "title", "placeholder", "content", "label", "aria-label"];
const NAMING: &[&str] = &["name", "id"];

/// The others that are looked at.
const OTHERS: &[&str] = &["colspan", "rowspan", "srcdoc"];

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    #[default]
    Name,
    Attribute,
    /// Behind the sign between an attribute and its value.
    Equals,
    Bare,
    /// In a value that this sign ends.
    Quoted(char),
}

/// What a sign makes of a tag.
pub(super) enum Taken {
    GoesOn,
    Ends,
    Comment,
    /// It is none, but a text.
    Text,
}

#[derive(Default)]
pub(super) struct Tag {
    /// In lower case, with `/` before it where it closes.
    pub(super) name: String,
    state: State,
    attribute: String,
    /// A blank is behind the attribute.
    parted: bool,
    /// The end of the value, if it is looked at.
    value: Option<String>,
    /// The last sign was `/`.
    pub(super) closed: bool,
    /// Over how many columns and rows a cell goes.
    pub(super) spans: Spans,
    /// The values that are shown, each in a line, and whether one of them is worth a look as it is shown.
    pub(super) values: String,
    pub(super) tells: bool,
    /// The page that a frame shows.
    pub(super) page: Option<Box<Markup>>,
}

impl Tag {
    /// The end tag of an element, behind its name.
    pub(super) fn end_of(element: &str) -> Self {
        Self { name: format!("/{element}"), state: State::Attribute, ..Self::default() }
    }

    pub(super) fn take(&mut self, sign: char) -> Taken {
        let closed = std::mem::replace(&mut self.closed, sign == '/');
        let is_blank = matches!(sign, ' ' | '\t' | '\n' | '\r' | '\x0c');
        match self.state {
            State::Quoted(end) if sign == end => self.end_value(),
            State::Quoted(_) => self.push_value(sign),
            State::Equals if is_blank => {}
            State::Equals if matches!(sign, '"' | '\'') => self.state = State::Quoted(sign),
            State::Name if self.name.is_empty() && !matches!(sign, '/' | '!' | '?' | 'a'..='z' | 'A'..='Z') => {
                return Taken::Text;
            }
            _ if sign == '>' => {
                self.closed = closed;
                self.end_value();
                return Taken::Ends;
            }
            State::Bare if is_blank => self.end_value(),
            State::Equals | State::Bare => {
                self.state = State::Bare;
                self.push_value(sign);
            }
            State::Name if is_blank || (sign == '/' && !self.name.is_empty()) => self.state = State::Attribute,
            State::Name => {
                if self.name.len() < NAME {
                    self.name.push(sign.to_ascii_lowercase());
                }
                if self.name == "!--" {
                    return Taken::Comment;
                }
            }
            State::Attribute if is_blank || sign == '/' => self.parted = true,
            State::Attribute => self.take_attribute(sign),
        }
        Taken::GoesOn
    }

    fn take_attribute(&mut self, sign: char) {
        // What begins with these is no element, and ends at the next `>`.
        let has_values = !self.name.starts_with(['!', '?']);
        if sign == '=' && has_values && !self.attribute.is_empty() {
            self.state = State::Equals;
            let is_kept = [SHOWN, NAMING, OTHERS].iter().any(|names| names.contains(&&*self.attribute));
            self.value = is_kept.then(String::new);
            return;
        }
        if std::mem::take(&mut self.parted) {
            self.attribute.clear();
        }
        if self.attribute.len() < NAME {
            self.attribute.push(sign.to_ascii_lowercase());
        }
    }

    fn push_value(&mut self, sign: char) {
        let Some(value) = &mut self.value else { return };
        value.push(sign);
        if value.len() >= VALUE {
            // A reference may go on.
            let tail = value.ceil_char_boundary(value.len() - REFERENCE - 1);
            let end = value[tail..].rfind('&').map_or(value.len(), |reference| tail + reference);
            let rest = value.split_off(end);
            let part = std::mem::replace(value, rest);
            self.add(&part);
        }
    }

    /// Adds a part of a value to what is shown.
    fn add(&mut self, part: &str) {
        let name = &*self.attribute;
        if name == "srcdoc" {
            let page = self.page.get_or_insert_with(|| Box::new(Markup::framed()));
            decoded(part).chars().for_each(|sign| page.take(sign));
        } else if SHOWN.contains(&name) || NAMING.contains(&name) {
            self.tells |= SHOWN.contains(&name) && tells(part);
            self.values.push_str(&decoded(part));
        }
    }

    /// How much it holds.
    pub(super) fn held(&self) -> usize {
        self.values.len() + self.page.as_ref().map_or(0, |page| page.held())
    }

    fn end_value(&mut self) {
        let value = self.value.take().unwrap_or_default();
        let digits = value.trim().len() - value.trim().trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
        let number = value.trim()[..digits].parse().ok();
        match (&*self.attribute, number) {
            ("colspan", Some(columns)) => self.spans.columns = columns,
            // None at all are all that come in this group.
            ("rowspan", Some(rows)) => self.spans.rows = if rows == 0 { usize::MAX } else { rows },
            _ => self.add(&value),
        }
        if !self.values.is_empty() && !self.values.ends_with('\n') {
            self.values.push('\n');
        }
        self.attribute.clear();
        self.parted = false;
        self.state = State::Attribute;
    }
}

/// Whether a value has references, or as many digits as a number that is sought.
fn tells(value: &str) -> bool {
    value.contains('&') || value.bytes().filter(u8::is_ascii_digit).count() >= DIGITS
}
