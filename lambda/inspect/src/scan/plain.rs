//! Characters as the detectors see them, one for one.

use crate::detect::keyword;

/// A character as the detectors see it: full width is plain, all blanks and dashes are alike, and apostrophes.
pub(super) fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' | keyword::BARRIER => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2019}' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters() {
        for (from, to) in [("\u{ff14}\u{ff21}\u{ff0d}", "4A-"), ("\u{a0}\u{3000}", "  "), ("\u{2013}\u{2212}", "--")] {
            assert_eq!(from.chars().map(plain).collect::<String>(), to);
        }
    }
}
