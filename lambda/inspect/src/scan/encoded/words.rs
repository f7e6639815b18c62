//! Words of headers of mails in another notation: `Subject: =?utf-8?Q?caf=C3=A9?=`.

use std::ops::Range;

use memchr::memmem;

use super::notation::{Base64, hexadecimal};
use super::{DEEPEST, Encoded, LINE, SHORTEST, Scanner, before};

/// The longest word, in bytes; mails may have 75.
const LONGEST: usize = 1024;

/// Where the next word may start that starts in a part of the window.
pub(super) fn next(window: &str, part: Range<usize>) -> Option<usize> {
    let end = (part.end + 1).min(window.len());
    let at = memmem::find(window.as_bytes().get(part.start..end)?, b"=?")?;
    Some(part.start + at)
}

/// A word: whether it is in base64, and what it says.
struct Word<'a> {
    base64: bool,
    text: &'a str,
    /// How long it is in all.
    length: usize,
}

fn word(text: &str) -> Option<Word<'_>> {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let base64 = rest.starts_with(['b', 'B']);
    let rest = rest.strip_prefix(['b', 'B', 'q', 'Q'])?.strip_prefix('?')?;
    let (said, _) = rest.split_once("?=")?;
    let fits = !charset.contains(char::is_whitespace) && !said.contains(['\n', '\r', '?']);
    let length = "=?".len() + charset.len() + "?b?".len() + said.len() + "?=".len();
    fits.then_some(Word { base64, text: said, length })
}

impl Encoded {
    /// Takes the words that start at a place, if there are any: those in a row together, as many as start within [`LINE`].
    pub(super) fn words(&mut self, text: &Scanner, at: usize) {
        self.to = at + "=?".len();
        let window = &text.window[..self.segment_end(text, at).max(at)];
        let mut words = Vec::new();
        let mut rest = &window[at..];
        while let Some(word) = word(rest).filter(|_| window.len() - rest.len() < at + LINE) {
            self.to = window.len() - rest.len() + word.length;
            rest = behind_blanks(&window[self.to..]);
            words.push(word);
        }
        if words.iter().map(|word| word.text.len()).sum::<usize>() < SHORTEST {
            return;
        }
        if text.depth == DEEPEST {
            self.too_deep = true;
            return;
        }
        let echo = words.iter().any(|word| !word.base64);
        let mut sink = self.sink(text, at, ("an encoded word", before(text, at)), echo);
        let Some(inside) = self.inside() else { return };
        for word in words {
            if word.base64 {
                let mut base64 = Base64::default();
                base64.push(word.text, &mut sink, inside);
                base64.end(&mut sink, inside);
            } else {
                sink.push(&said(word.text), inside);
            }
        }
        sink.finish(inside);
    }
}

/// What is behind the blanks between two words, between which a line may be folded. A blank line ends a header.
fn behind_blanks(text: &str) -> &str {
    let blanks = [' ', '\t'];
    let rest = text.trim_start_matches(blanks);
    let next = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r']));
    next.filter(|next| next.starts_with(blanks)).map_or(rest, |next| next.trim_start_matches(blanks))
}

/// What a word in the notation of headers says, which is like quoted-printable.
fn said(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let byte = behind.get(..2).filter(|_| *first == b'=').and_then(hexadecimal);
        rest = if byte.is_some() { &behind[2..] } else { behind };
        out.push(byte.unwrap_or(if *first == b'_' { b' ' } else { *first }));
    }
    out
}
