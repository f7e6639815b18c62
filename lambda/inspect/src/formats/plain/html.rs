//! HTML as browsers show it: without tags, with what its references stand for.

use std::mem;

use super::Text;
use crate::input::checker::Checker;
use crate::input::text::Encodings;
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Fault;

/// Extensions of HTML.
pub(super) const EXTENSIONS: &[&str] = &["html", "htm"];

/// How much is held of what is shown, where a tag comes then and at most, and how much of its end is held again.
const HELD: usize = 64 << 10;
const MOST: usize = 1 << 20;
const AGAIN: usize = 256;

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

/// The checker of HTML: it is a text, too.
pub(super) struct Html {
    text: Text,
    inside: Inside,
    /// The start of a tag or a reference, or the last signs of a comment.
    name: String,
    shown: String,
}

impl Html {
    pub(super) fn new() -> Self {
        Self { text: Text::new(), inside: Inside::Text, name: String::new(), shown: String::new() }
    }

    fn take(&mut self, sign: char) {
        match (self.inside, sign) {
            (Inside::Text, '<' | '&') => {
                self.inside = if sign == '<' { Inside::Tag } else { Inside::Reference };
                self.name.clear();
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
            (Inside::Value(end), sign) if sign == end => self.inside = Inside::Tag,
            (Inside::Comment, '>') if self.name == "--" => self.inside = Inside::Text,
            (Inside::Comment, '-') if self.name.len() < 2 => self.name.push('-'),
            (Inside::Value(_), _) | (Inside::Comment, '-') => {}
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
        if self.name == "!--" {
            self.inside = Inside::Comment;
            self.name.clear();
        }
    }

    fn end_tag(&mut self) {
        self.inside = Inside::Text;
        let name = self.name.trim_start_matches('/');
        let name = name.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default();
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
        scanner.echo(true);
        scanner.begin(Mask::default(), Place::Path("as shown".into()));
        scanner.text(&self.shown);
        scanner.separate();
        scanner.echo(false);
        scanner.begin(Mask::default(), Place::Text);
        let end = self.shown.ceil_char_boundary(self.shown.len().saturating_sub(AGAIN));
        self.shown.drain(..end);
    }
}

impl Checker for Html {
    fn encodings(&self, allowed: Encodings) -> Encodings {
        self.text.encodings(allowed)
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        text.chars().for_each(|sign| self.take(sign));
        // The text is parted where a tag starts: what belongs together across it is shown so.
        let cut = text.rfind('<').filter(|_| self.shown.len() > HELD);
        let cut = cut.or_else(|| Some(text.len()).filter(|_| self.shown.len() > MOST));
        let Some(cut) = cut else { return self.text.push(text, scanner) };
        let (before, behind) = text.split_at(cut);
        self.text.push(before, scanner)?;
        self.flush(scanner);
        self.text.push(behind, scanner)
    }

    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        self.text.finish(scanner)?;
        if matches!(self.inside, Inside::Reference) {
            self.end_reference(false);
        }
        self.flush(scanner);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, inspect};

    fn shown(html: &str) -> String {
        let mut checker = Html::new();
        html.chars().for_each(|sign| checker.take(sign));
        checker.shown
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
    fn numbers_are_found_as_they_are_shown() {
        let count = |name: &str, html: &str| {
            let answer = inspect(name, html.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(answer.broken, None);
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        let codes: Vec<String> = "4000004427083831".bytes().map(|digit| format!("&#{digit};")).collect();
        let codes = codes.concat();
        for html in [
            format!("<p>credit card {codes}</p>"),
            "<p>credit card <b>40000044</b><i>27083831</i></p>".to_owned(),
            "<p>credit card 4000004427083831</p>".to_owned(),
            format!("<td class='{}'>credit card<td>4000&nbsp;0044&nbsp;2708\n3831", "x".repeat(99)),
            format!("<p>credit card {}</p>", "<b>40000044</b><!-- x -->27083831"),
        ] {
            assert_eq!(count("a.html", &html), 1, "{html}");
            // Wherever the text is cut.
            for before in [HELD - 30, HELD, MOST] {
                let html = format!("<p>{}</p>{html}{}", "x ".repeat(before / 2), "<p>tide</p>".repeat(9));
                assert_eq!(count("a.HTM", &html), 1, "{before}");
            }
        }
        assert_eq!(count("a.txt", &format!("credit card {codes}")), 0);
    }
}
