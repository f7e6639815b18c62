//! HTML as browsers show it: without tags, with what its references stand for, and cells of tables by the names of their columns.

mod table;

use std::mem;
use std::rc::Rc;

use table::{Spans, Table};

use super::{Mask, Place, Scanner, path};

/// How much is held of what is shown, and how much of its end is held again.
const HELD: usize = 64 << 10;
const AGAIN: usize = 256;

/// Elements that hardly any text has in it that is no HTML.
const TAGS: &[&str] = &["html", "body", "div", "table", "tr", "td", "p", "br", "span"];

/// As much of a tag's name and of a reference as is looked at.
const NAME: usize = 32;

/// Elements that stand in a line: nothing parts what is in them from what is beside them.
#[rustfmt::skip]
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
    "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
];

/// What references stand for that matter in numbers and keywords.
const REFERENCES: &[(&str, &str)] = &[
    ("nbsp", " "),
    ("ensp", " "),
    ("emsp", " "),
    ("thinsp", " "),
    ("hairsp", " "),
    ("numsp", " "),
    ("puncsp", " "),
    ("shy", ""),
    ("zwnj", ""),
    ("zwj", ""),
    ("lrm", ""),
    ("rlm", ""),
    ("NoBreak", ""),
    ("ZeroWidthSpace", "\u{200b}"),
    ("hyphen", "-"),
    ("dash", "-"),
    ("ndash", "-"),
    ("mdash", "-"),
    ("minus", "-"),
    ("num", "#"),
    ("period", "."),
    ("colon", ":"),
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("eacute", "\u{e9}"),
    ("aacute", "\u{e1}"),
    ("uacute", "\u{fa}"),
];

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Text,
    /// Behind `&`, or `<`.
    Reference,
    Tag,
    /// In a value of an attribute that this sign ends.
    Value(char),
    Comment,
}

/// What is shown of a text that comes in pieces, each of which is scanned as it stands, too.
pub(crate) struct Markup {
    inside: Inside,
    /// The start of a tag or a reference, or the last signs of a comment.
    name: String,
    /// The attribute of a tag that is read, and over how many columns and rows a cell goes.
    attribute: String,
    spans: Spans,
    shown: String,
    table: Table,
}

impl Default for Markup {
    fn default() -> Self {
        Self {
            inside: Inside::Text,
            name: String::new(),
            attribute: String::new(),
            spans: Spans::default(),
            shown: String::new(),
            table: Table::default(),
        }
    }
}

/// Whether a text has tags in it that only HTML has.
pub(super) fn is_markup(text: &str) -> bool {
    let names = text.split('<').skip(1).map(|tag| tag.trim_start_matches('/'));
    let mut names = names.map(|tag| tag.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default());
    names.any(|name| TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag)))
}

impl Markup {
    /// Takes a piece, and passes on what is shown where that is enough.
    pub(crate) fn take_text(&mut self, text: &str, scanner: &mut Scanner) {
        text.chars().for_each(|sign| self.take(sign));
        if self.shown.len() > HELD {
            self.flush(scanner);
        }
    }

    /// Passes on what is left.
    pub(crate) fn finish(&mut self, scanner: &mut Scanner) {
        if matches!(self.inside, Inside::Reference) {
            self.end_reference(false);
        }
        self.flush(scanner);
    }

    fn take(&mut self, sign: char) {
        match (self.inside, sign) {
            (Inside::Text, '<' | '&') => {
                self.inside = if sign == '<' { Inside::Tag } else { Inside::Reference };
                self.name.clear();
                self.attribute.clear();
                self.spans = Spans::default();
            }
            (Inside::Text, sign) => self.show(sign),
            (Inside::Reference, ';') => self.end_reference(true),
            (Inside::Reference, '#' | '0'..='9' | 'a'..='z' | 'A'..='Z') if self.name.len() < NAME => {
                self.name.push(sign);
            }
            (Inside::Reference, sign) => {
                self.end_reference(false);
                self.take(sign);
            }
            (Inside::Tag, '>') => self.end_tag(),
            (Inside::Tag, '"' | '\'') if !self.name.is_empty() => self.inside = Inside::Value(sign),
            (Inside::Tag, sign) => self.take_name(sign),
            (Inside::Value(end), sign) if sign == end => {
                self.inside = Inside::Tag;
                self.end_attribute();
            }
            (Inside::Comment, '>') if self.name == "--" => self.inside = Inside::Text,
            (Inside::Comment, '-') if self.name.len() < 2 => self.name.push('-'),
            (Inside::Value(_), sign) => self.take_attribute(sign),
            (Inside::Comment, '-') => {}
            (Inside::Comment, _) => self.name.clear(),
        }
    }

    /// Takes a sign of a tag. What begins with none of a tag's is a text.
    fn take_name(&mut self, sign: char) {
        if self.name.is_empty() && !matches!(sign, '/' | '!' | '?' | 'a'..='z' | 'A'..='Z') {
            self.inside = Inside::Text;
            self.show('<');
            return self.take(sign);
        }
        if self.name.len() < NAME {
            self.name.push(sign.to_ascii_lowercase());
        }
        match sign {
            ' ' | '\t' | '\n' | '\r' => {
                // There may be blanks around the sign between name and value.
                if !matches!(&*self.attribute, "colspan" | "rowspan" | "colspan=" | "rowspan=") {
                    self.end_attribute();
                }
            }
            sign => self.take_attribute(sign),
        }
        if self.name == "!--" {
            self.inside = Inside::Comment;
            self.name.clear();
        }
    }

    fn take_attribute(&mut self, sign: char) {
        if self.attribute.len() < NAME {
            self.attribute.push(sign.to_ascii_lowercase());
        }
    }

    fn end_attribute(&mut self) {
        let number = |name: &str| {
            let value = self.attribute.strip_prefix(name)?.strip_prefix('=')?.trim();
            value[..value.len() - value.trim_start_matches(|sign: char| sign.is_ascii_digit()).len()].parse().ok()
        };
        if let Some(columns) = number("colspan") {
            self.spans.columns = columns;
        } else if let Some(rows) = number("rowspan") {
            // None at all are all that come in this group.
            self.spans.rows = if rows == 0 { usize::MAX } else { rows };
        }
        self.attribute.clear();
    }

    fn end_tag(&mut self) {
        self.inside = Inside::Text;
        self.end_attribute();
        let name = self.name.trim_start_matches('/');
        let name = name.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default();
        let closes = self.name.len() - self.name.trim_start_matches('/').len();
        self.table.tag(&self.name[..closes.min(1) + name.len()], self.spans, &self.shown);
        if !INLINE.contains(&name) && !self.name.starts_with(['!', '?']) && !self.shown.ends_with('\n') {
            self.shown.push('\n');
        }
    }

    /// Ends a reference, which is a text where it is none.
    fn end_reference(&mut self, ends: bool) {
        self.inside = Inside::Text;
        let name = mem::take(&mut self.name);
        let code = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        });
        let known = REFERENCES.iter().find(|reference| reference.0 == name);
        match (code.and_then(char::from_u32), known) {
            (Some(sign), _) => self.show(sign),
            (None, Some((_, text))) => self.shown.push_str(text),
            (None, None) => self.shown.extend(["&", &name, if ends { ";" } else { "" }]),
        }
    }

    /// Adds a sign that is shown: of white space there is one blank at most.
    fn show(&mut self, sign: char) {
        match sign {
            ' ' | '\t' | '\n' | '\r' | '\x0c' => {
                if !self.shown.ends_with([' ', '\n']) {
                    self.shown.push(' ');
                }
            }
            sign => self.shown.push(sign),
        }
    }

    /// Passes on what is shown, as something that repeats the text.
    fn flush(&mut self, scanner: &mut Scanner) {
        scanner.beside(|scanner| {
            scanner.begin(Mask::default(), Place::Path("as shown".into()));
            scanner.text(&self.shown);
            scanner.separate();
            for (names, text) in self.table.take() {
                cell(&names, &text, scanner);
            }
        });
        let end = self.shown.ceil_char_boundary(self.shown.len().saturating_sub(AGAIN));
        self.shown.drain(..end);
        self.table.drained(end);
    }
}

/// Passes on a cell below the names of its column, if they say anything.
fn cell(all: &[Rc<str>], text: &str, scanner: &mut Scanner) {
    let (mut names, mut first) = (Mask::default(), None);
    for name in all {
        let more = scanner.names(name);
        first = first.or_else(|| (!more.is_empty()).then_some(name));
        names = names.joined(more);
    }
    if let Some(name) = first {
        scanner.begin(names, Place::Path(format!("column {}", path::shown(name)).into()));
        scanner.text(text);
        scanner.separate();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        let mut markup = Markup::default();
        html.chars().for_each(|sign| markup.take(sign));
        markup.shown
    }

    #[test]
    fn what_a_browser_shows() {
        for (html, expected) in [
            ("<p>4539<b>14</b>88<!-- > x -- -->03</p>", "\n4539148803\n"),
            ("&#52;&#x35;3&#57 &nbsp;a&shy;b&#8203;c", "4539  ab\u{200b}c"),
            ("a < b &unknown; & c", "a < b &unknown; & c"),
            ("a<td title='>\"'>b<br/>c", "a\nb\nc"),
            ("a \n\t b<SPAN>c</SPAN>", "a bc"),
            ("<!DOCTYPE html><?x?>a", "a"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn what_is_html() {
        for html in ["<p>a", "a</TD>", "x <br/>", "<html>", "<!DOCTYPE html><div class='a'>"] {
            assert!(is_markup(html), "{html}");
        }
        for other in ["a < b", "<pre-order>", "<me@b.example>", "<data><card>1</card></data>"] {
            assert!(!is_markup(other), "{other}");
        }
    }
}
