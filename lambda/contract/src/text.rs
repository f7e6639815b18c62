//! Text that comes from elsewhere, such as a key, where people read it.

/// Controls; what turns the direction of text; spaces without width and marks that join; other lines and
/// paragraphs; letters of tags, and what stands for no character. A key could forge lines with them.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'
                ..='\u{180f}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_forges_is_hidden_and_letters_are_not() {
        for c in ['\n', '\u{1b}', '\u{202e}', '\u{200b}', '\u{2028}', '\u{feff}', '\u{e0041}'] {
            assert!(is_hidden(c), "{c:?}");
        }
        for c in ['a', ' ', 'é', '字', '😀', 'ﬀ', 'א'] {
            assert!(!is_hidden(c), "{c:?}");
        }
    }
}
