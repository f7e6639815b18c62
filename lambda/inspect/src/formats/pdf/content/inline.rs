//! Pictures within the text.

use super::super::lexer::{Lexer, is_space};
use super::super::told::has_word;

/// Skips a picture behind `ID`, up to the first `EI` that may end it; gives its bytes.
pub(super) fn skip<'a>(lexer: &mut Lexer<'a>) -> &'a [u8] {
    let rest = lexer.data.get(lexer.at..).unwrap_or_default();
    let ends = |part: &[u8]| match part {
        [before, b'E', b'I', after] => is_space(*before) && !after.is_ascii_alphanumeric(),
        _ => false,
    };
    let end = rest.windows(4).position(ends);
    // The end of the stream ends the picture, too.
    let last = rest.len().checked_sub(3).filter(|&at| rest.get(at).is_some_and(|&byte| is_space(byte)));
    let end = end.or_else(|| last.filter(|_| rest.ends_with(b"EI")));
    let (picture, behind) = end.map_or((rest.len(), rest.len()), |end| (end, end + 3));
    lexer.at += behind;
    rest.get(..picture).unwrap_or_default()
}

/// Whether there is an operator in a picture that shows a text or draws a form: some readers know from the size of
/// a picture, or from its filter, that it ends earlier.
pub(super) fn may_draw(picture: &[u8]) -> bool {
    let shows = [*b"Tj", *b"TJ", *b"Do"].iter().any(|word| has_word(picture, *word));
    let quotes = |(at, byte): (usize, &u8)| {
        let before = picture.get(..at).unwrap_or_default().trim_ascii_end();
        matches!(byte, b'\'' | b'"') && matches!(before.last(), Some(b')' | b'>'))
    };
    shows || picture.iter().enumerate().any(quotes)
}
