//! What comes out of a notation: bytes, which are a text or not.

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};

use super::Unread;
use super::files::{HEAD, file, is_text};
use crate::scan::loose::Loose;
use crate::scan::markup::is_markup;
use crate::scan::{HeaderLine, Markup, Scanner};

/// How many bytes show that a text is in UTF-16.
const WIDE: usize = 16;

/// Passes bytes on as texts.
#[derive(Default)]
pub(super) struct Sink {
    /// The first bytes, while there are too few.
    head: Vec<u8>,
    text: Option<Loose>,
    /// The line of a text that names its columns, while it is sought; what is no text has none.
    header: Option<HeaderLine>,
    /// What a text shows that is HTML.
    markup: Option<Markup>,
    /// It is the body of a mail or of a part of it, which may be a file.
    pub(super) body: bool,
    /// It is HTML, and in an encoding, as its header says.
    pub(super) is_html: bool,
    pub(super) charset: Option<&'static Encoding>,
    decoder: Option<Decoder>,
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
            let unread = if self.body { Unread::Attached } else { Unread::Within };
            inside.unread = inside.unread.or(file(&head).map(unread));
            self.decoder = self.encoding(&head).map(Encoding::new_decoder);
            let head = self.decode(head);
            if is_text(&head) {
                self.header = Some(HeaderLine::default());
                let is_html = self.is_html || is_markup(&String::from_utf8_lossy(&head));
                self.markup = is_html.then(Markup::default);
                self.text = Some(Loose::default());
            } else {
                self.text = Some(Loose::texts());
            }
            self.pass_text(&head, inside);
        }
    }

    /// The encoding that a text has and its bytes need, if it is known.
    fn encoding(&self, head: &[u8]) -> Option<&'static Encoding> {
        let named = || self.charset.filter(|_| is_text(head));
        wide(head).filter(|wide| is_text(wide.decode(head).0.as_bytes())).or_else(named)
    }

    /// Bytes of a text as UTF-8, if they need it.
    fn decode(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let Some(decoder) = &mut self.decoder else { return bytes };
        let most = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0);
        let mut text = String::with_capacity(most);
        let _ = decoder.decode_to_string(&bytes, &mut text, false);
        text.into_bytes()
    }

    fn pass(&mut self, bytes: &[u8], inside: &mut Scanner) {
        if self.decoder.is_none() {
            return self.pass_text(bytes, inside);
        }
        let text = self.decode(bytes.to_vec());
        self.pass_text(&text, inside);
    }

    fn pass_text(&mut self, bytes: &[u8], inside: &mut Scanner) {
        let Some(text) = &mut self.text else { return };
        text.push(bytes, &mut |text| {
            if let Some(header) = &mut self.header {
                header.take(text, inside);
            }
            show(text, &mut self.markup, inside);
        });
    }
}

/// Passes on a part of a text, and what it shows.
fn show(text: &str, markup: &mut Option<Markup>, inside: &mut Scanner) {
    inside.text(text);
    if let Some(markup) = markup {
        markup.take_text(text, inside);
    }
}

/// In which order of bytes UTF-16 is that has a mark, or whose characters are of Latin-1 nearly all.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = head.as_chunks::<2>();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    let is_wide = |high: usize| head.len() >= WIDE && zeros(1 - high) == 0 && 4 * zeros(high) > 3 * pairs.len();
    match head {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        _ if is_wide(1) => Some(UTF_16LE),
        _ => is_wide(0).then_some(UTF_16BE),
    }
}
