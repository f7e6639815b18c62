//! Text that comes from elsewhere, such as a key, where people read it.

/// Whether a character shows nothing: what turns the direction of text, spaces without width and marks that join, letters
/// of tags, and what stands for no character. A key could forge lines with them, and a number could be parted by them.
#[must_use]
pub fn shows_nothing(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The same, controls, and other lines and paragraphs.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control() || shows_nothing(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff0}'..='\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_forges_is_hidden_and_letters_are_not() {
        for c in ['\n', '\u{1b}', '\u{202e}', '\u{200b}', '\u{2028}', '\u{feff}', '\u{e0041}', '\u{1d173}'] {
            assert!(is_hidden(c), "{c:?}");
        }
        for c in ['a', ' ', 'é', '字', '😀', 'ﬀ', 'א'] {
            assert!(!is_hidden(c), "{c:?}");
        }
    }
}
