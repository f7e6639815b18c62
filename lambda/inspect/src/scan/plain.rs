//! Characters as the detectors see them, one for one.

use contract::text::shows_nothing;

use crate::detect::keyword;

/// The zeros of all scripts whose digits people read as numbers; the other nine follow each.
#[rustfmt::skip]
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50,
    0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2,
    0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// How many letters are a word.
const WORD: usize = 3;

/// The digit that a character is in any script.
fn digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let zero = ZEROS.get(ZEROS.partition_point(|&zero| zero <= code).checked_sub(1)?)?;
    char::from_digit(code - zero, 10)
}

/// A character as the detectors see it: full width is plain, all blanks and dashes are alike, and apostrophes.
fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{2800}'
        | '\u{3000}'
        | keyword::BARRIER => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2019}' => '\'',
        other => digit(other).unwrap_or(other),
    }
}

/// Whether a character is drawn over the one before it, as a stroke or a frame is.
fn is_over(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Adds characters as the detectors see them. What shows nothing is as if it were not there, and so is what is drawn over
/// a digit or a letter of ASCII: keywords are found without their accents, too.
fn add(text: &str, to: &mut String) {
    for character in text.chars() {
        match character {
            hidden if shows_nothing(hidden) => {}
            over if is_over(over) && to.ends_with(|last: char| last.is_ascii_alphanumeric()) => {}
            shown => to.push(plain(shown)),
        }
    }
}

/// A text as the detectors see it.
pub(super) fn plainly(text: &str) -> String {
    let mut to = String::with_capacity(text.len());
    push_plain(&mut to, text);
    to
}

/// Adds a text as the detectors see it. Nearly all of most texts is ASCII, and that stays as it is.
pub(super) fn push_plain(window: &mut String, text: &str) {
    if text.is_ascii() {
        return window.push_str(text);
    }
    let mut rest = text;
    while !rest.is_empty() {
        let (same, other) = rest.split_at(ascii(rest.as_bytes()));
        window.push_str(same);
        let behind = other.bytes().position(|byte| byte.is_ascii()).unwrap_or(other.len());
        let (other, more) = other.split_at(behind);
        add(other, window);
        if other.ends_with('\u{200b}') && parts(window, more) {
            window.push(' ');
        }
        rest = more;
    }
}

/// Whether a place where a line may end parts a number from a word: letters of which there are one or two may belong to
/// the number.
fn parts(before: &str, behind: &str) -> bool {
    let word = || before.len() >= WORD && before.bytes().rev().take(WORD).all(|byte| byte.is_ascii_alphabetic());
    match behind.bytes().next() {
        Some(next) if next.is_ascii_digit() => word(),
        Some(next) => next.is_ascii_alphabetic() && before.ends_with(|last: char| last.is_ascii_digit()),
        None => false,
    }
}

/// How many bytes from the first on are ASCII.
fn ascii(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<32>();
    let whole = blocks.iter().take_while(|block| block.is_ascii()).count() * 32;
    whole + bytes[whole..].iter().take_while(|byte| byte.is_ascii()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters() {
        for (from, to) in [
            ("\u{ff14}\u{ff21}\u{ff0d}", "4A-"),
            ("\u{a0}\u{3000}\u{1680}", "   "),
            ("\u{2013}\u{2212}\u{fe63}", "---"),
            ("\u{664}\u{96b}\u{1d7d1}\u{1fbf9}", "4539"),
            ("\u{ff14}\u{336}\u{ff15}\u{20e3}\u{61c}3\u{180e}\u{e0100}9", "4539"),
            ("se\u{301}c\u{336}", "sec"),
            ("\u{301} \u{3b5}\u{301}", "\u{301} \u{3b5}\u{301}"),
            ("\u{2074}\u{2463}\u{65f}\u{66a}", "\u{2074}\u{2463}\u{65f}\u{66a}"),
        ] {
            assert_eq!(plainly(from), to);
        }
        assert_eq!(plainly("4\u{200b}5\u{ad}3\u{feff}9 é\u{200b}a\u{200d}b"), "4539 éab");
        assert_eq!(plainly("4\u{200b}5\u{200b}card\u{200b}7\u{200b}"), "45 card 7");
        assert!(ZEROS.is_sorted());
    }
}
