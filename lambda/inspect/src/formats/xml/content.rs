//! What is inside of elements: text, sections, references and tags.

use memchr::{memchr, memchr3};

use super::cursor;
use super::entities::Expansion;
use super::markup::{self, Tag};
use super::{State, Xml};
use crate::scan::Scanner;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// No reference is longer, in bytes.
const REFERENCE: usize = 1024;

impl Xml<'_> {
    /// Takes text up to the next sign that matters.
    pub(super) fn step_text(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        let first = text.as_bytes()[at];
        if matches!(first, b'<' | b'&') {
            self.held.clear();
            self.ends = 0;
            if first == b'<' {
                if let Some(length) = tag_length(&text[at + 1..]).filter(|&length| length < self.markup) {
                    let tag = &text[at + 1..at + 1 + length];
                    cursor::all_legal(tag).map_err(|fault| fault.after(at + 1))?;
                    self.tag(tag, scanner).map_err(|fault| fault.at(at + 1 + length))?;
                    return Ok(at + length + 2);
                }
                self.state = State::Open;
            } else {
                self.outside(at)?;
                self.fresh = None;
                self.state = State::Reference;
            }
            return Ok(at + 1);
        }
        self.fresh = None;
        if first == b'>' && self.ends >= 2 {
            return Err(Fault::syntax("]]> in text", at));
        }
        let bracket = first == b']';
        self.ends = if bracket { (self.ends + 1).min(2) } else { 0 };
        let length = memchr3(b'<', b'&', b']', &text.as_bytes()[at + 1..]);
        let end = length.filter(|_| !bracket).map_or(text.len(), |length| at + 1 + length);
        let end = if bracket { at + 1 } else { end };
        let part = &text[at..end];
        cursor::all_legal(part).map_err(|fault| fault.after(at))?;
        if self.open.is_empty()
            && let Some(place) = part.find(|c| !cursor::is_space(c))
        {
            self.outside(at + place)?;
        }
        self.emit(part, scanner).map_err(|fault| fault.at(at))?;
        Ok(end)
    }

    /// Refuses text outside of the root.
    fn outside(&self, at: usize) -> Result<(), Fault> {
        if self.open.is_empty() {
            return Err(Fault::syntax("text outside of the root element", at));
        }
        Ok(())
    }

    /// Takes a part of a comment or a CDATA section.
    pub(super) fn step_section(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        self.fresh = None;
        let sign = if self.state == State::Comment { b'-' } else { b']' };
        let first = text.as_bytes()[at];
        if first == sign && !(sign == b'-' && self.ends == 2) {
            // Of ]]]> the first bracket is text.
            if self.ends == 2 {
                self.emit("]", scanner).map_err(|fault| fault.at(at))?;
            }
            self.ends = (self.ends + 1).min(2);
            return Ok(at + 1);
        }
        if first == b'>' && self.ends == 2 {
            if sign == b'-' {
                if self.waits() {
                    self.put_aside("\n", scanner).map_err(|fault| fault.at(at))?;
                } else {
                    scanner.begin(self.path.names(), self.path.place());
                }
            }
            self.state = State::Text;
            self.ends = 0;
            return Ok(at + 1);
        }
        if sign == b'-' && self.ends == 2 {
            return Err(Fault::syntax("-- in a comment", at));
        }
        let signs = if sign == b'-' { "--" } else { "]]" };
        self.emit(&signs[..usize::from(self.ends)], scanner).map_err(|fault| fault.at(at))?;
        self.ends = 0;
        let length = memchr(sign, &text.as_bytes()[at..]);
        let end = length.map_or(text.len(), |length| at + length);
        cursor::all_legal(&text[at..end]).map_err(|fault| fault.after(at))?;
        self.emit(&text[at..end], scanner).map_err(|fault| fault.at(at))?;
        Ok(end)
    }

    /// Takes a character of a reference, and expands it when it ends.
    pub(super) fn step_reference(&mut self, last: char, scanner: &mut Scanner) -> Result<(), Fault> {
        if self.held.len() > REFERENCE || matches!(last, '<' | '&') || cursor::is_space(last) {
            return Err(Fault::syntax("a & that starts no reference", 0));
        }
        if last != ';' {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held);
        self.state = State::Text;
        match self.entities.expand(&held[..held.len() - 1])? {
            Expansion::Character(character) => self.emit(character.encode_utf8(&mut [0; 4]), scanner)?,
            Expansion::Skipped => {}
            Expansion::Text(value) => {
                let (floor, open) = (self.floor, self.open.len());
                self.floor = open;
                self.parse(&value, scanner)?;
                if self.state != State::Text || self.open.len() != open {
                    return Err(Fault::syntax("an entity is not balanced", 0));
                }
                self.floor = floor;
                self.ends = 0;
                self.entities.close();
            }
        }
        Ok(())
    }

    /// Takes a whole tag, without its angle brackets.
    pub(super) fn tag(&mut self, tag: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.fresh = None;
        // A reader joins texts over elements, so that with one all has to wait for the end.
        if self.reader.is_none() {
            self.show_aside(scanner);
        }
        match markup::tag(tag)? {
            Tag::End(name) => {
                if self.open.len() <= self.floor || self.open.last().is_none_or(|&open| &self.names[open..] != name) {
                    return Err(Fault::syntax("an end tag that matches no start tag", 0));
                }
                self.end(scanner)?;
            }
            Tag::Start { name, attributes, empty } => {
                if self.open.is_empty() && std::mem::replace(&mut self.rooted, true) {
                    return Err(Fault::syntax("a second root element", 0));
                }
                if self.open.len() >= self.depth {
                    let what = format!("nested deeper than {} levels", self.depth);
                    return Err(Fault::new(Kind::Limit, what, 0));
                }
                if self.names.len() + name.len() > self.markup {
                    let what = format!("the names of the open elements are longer than {} bytes", self.markup);
                    return Err(Fault::new(Kind::Limit, what, 0));
                }
                self.open.push(self.names.len());
                self.names.push_str(name);
                self.start(name, attributes, scanner)?;
                if empty {
                    self.end(scanner)?;
                }
            }
        }
        Ok(())
    }

    /// Starts an element.
    fn start(&mut self, name: &str, attributes: Vec<(&str, &str)>, scanner: &mut Scanner) -> Result<(), Fault> {
        if let Some(reader) = &mut self.reader {
            let mut expanded = Vec::with_capacity(attributes.len());
            for (name, value) in attributes {
                expanded.push((name, self.entities.attribute(value)?));
            }
            return reader.start(name, &expanded, scanner);
        }
        let joined = self.joined.tag(name, false);
        self.show_joined(joined, scanner);
        let names = scanner.names(name);
        self.path.enter(name, names);
        self.path.check()?;
        for (name, value) in attributes {
            let value = self.entities.attribute(value)?;
            let names = scanner.names(name);
            self.attribute.clear();
            self.attribute.push('@');
            self.attribute.push_str(name);
            self.path.enter(&self.attribute, names);
            scanner.begin(self.path.names(), self.path.place());
            scanner.text(&value);
            self.path.leave();
        }
        scanner.begin(self.path.names(), self.path.place());
        Ok(())
    }

    /// Ends the innermost element.
    fn end(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        let start = self.open.pop().unwrap_or_default();
        if let Some(reader) = &mut self.reader {
            let ended = reader.end(&self.names[start..], scanner);
            self.names.truncate(start);
            return ended;
        }
        let joined = self.joined.tag(&self.names[start..], true);
        self.names.truncate(start);
        self.show_joined(joined, scanner);
        self.path.leave();
        scanner.begin(self.path.names(), self.path.place());
        Ok(())
    }
}

/// Where a tag ends, if all of it is here and it is an ordinary one: no comment, instruction or section.
fn tag_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if matches!(bytes.first(), None | Some(b'!' | b'?' | b'<' | b'>' | b' ')) {
        return None;
    }
    let mut at = 0;
    loop {
        at += memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        if bytes[at] == b'>' {
            // What is wrong is told of sign by sign.
            return memchr(b'<', &bytes[..at]).is_none().then_some(at);
        }
        at += 1 + memchr(bytes[at], &bytes[at + 1..])? + 1;
    }
}
