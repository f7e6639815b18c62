//! Pictures within the text.

use super::super::lexer::{Lexer, is_space};

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
