//! What comes out of a notation: bytes, which are a text or not.

use crate::scan::loose::Loose;
use crate::scan::markup::is_markup;
use crate::scan::{FirstLine, Markup, Scanner};

/// How many bytes decide whether it is a text.
const HEAD: usize = 1024;

/// Passes bytes on as texts.
#[derive(Default)]
pub(super) struct Sink {
    /// The first bytes, while there are too few.
    head: Vec<u8>,
    text: Option<Loose>,
    /// The first line of a text, which may be a header; what is no text has none.
    first: Option<FirstLine>,
    /// What a text shows that is HTML.
    markup: Option<Markup>,
}

impl Sink {
    pub(super) fn push(&mut self, bytes: &[u8], inside: &mut Scanner) {
        if self.text.is_some() {
            return self.pass(bytes, inside);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= HEAD {
            self.decide(inside);
        }
    }

    /// Ends the text.
    pub(super) fn finish(mut self, inside: &mut Scanner) {
        self.decide(inside);
        if let Some(text) = self.text.take() {
            text.finish(&mut |text| show(text, &mut self.markup, inside));
        }
        if let Some(mut markup) = self.markup {
            markup.finish(inside);
        }
        inside.leave();
    }

    fn decide(&mut self, inside: &mut Scanner) {
        if self.text.is_none() {
            let head = std::mem::take(&mut self.head);
            if is_text(&head) {
                self.first = Some(FirstLine::default());
                self.markup = is_markup(&String::from_utf8_lossy(&head)).then(Markup::default);
                self.text = Some(Loose::default());
            } else {
                self.text = Some(Loose::texts());
            }
            self.pass(&head, inside);
        }
    }

    fn pass(&mut self, bytes: &[u8], inside: &mut Scanner) {
        let Some(text) = &mut self.text else { return };
        text.push(bytes, &mut |text| {
            if let Some(first) = &mut self.first {
                first.take(text, inside);
            }
            show(text, &mut self.markup, inside);
        });
    }
}

/// Passes on a part of a text, and what it shows.
fn show(text: &str, markup: &mut Option<Markup>, inside: &mut Scanner) {
    match markup.as_mut().and_then(|markup| Some((markup.take_text(text)?, markup))) {
        Some((cut, markup)) => {
            inside.text(&text[..cut]);
            markup.flush(inside);
            inside.text(&text[cut..]);
        }
        None => inside.text(text),
    }
}

/// Whether bytes may be a text: they have no controls but ends of lines and the like.
fn is_text(head: &[u8]) -> bool {
    head.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}
