//! Characters as the detectors see them, one for one.

use crate::detect::keyword;

/// A character as the detectors see it: full width is plain, all blanks and dashes are alike, and apostrophes.
fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | keyword::BARRIER => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2019}' => '\'',
        other => other,
    }
}

/// Adds characters as the detectors see them. Of what shows nothing, a place where a line may end parts words; the rest is
/// as if it were not there, and so is all of it behind a digit.
fn add(text: &str, to: &mut String) {
    for character in text.chars() {
        match character {
            '\u{200b}' if !to.ends_with(|last: char| last.is_ascii_digit()) => to.push(' '),
            '\u{ad}'
            | '\u{34f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' => {}
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
        rest = more;
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
        for (from, to) in [("\u{ff14}\u{ff21}\u{ff0d}", "4A-"), ("\u{a0}\u{3000}", "  "), ("\u{2013}\u{2212}", "--")] {
            assert_eq!(from.chars().map(plain).collect::<String>(), to);
        }
        assert_eq!(plainly("4\u{200b}5\u{ad}3\u{feff}9 é\u{200b}a\u{200d}b"), "4539 é ab");
    }
}
