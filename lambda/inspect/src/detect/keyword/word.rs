//! Where words begin and end, and what is the same in them: a blank in any guise, a letter in any case and with any accent.

use crate::detect::escape;

/// How much white space may be a blank of a keyword, in bytes: a line end, and what the next line is indented by.
pub(super) const GAP: usize = 16;

/// White space of which several may be a blank of a keyword.
pub(super) fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// What a blank of a keyword may be, where it is not missing.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '_' | '-')
}

/// A character without case and accent.
pub(super) fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    match character.to_lowercase().next().unwrap_or(character) {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        other => other,
    }
}

/// Whether a word starts here.
pub(super) fn is_start(text: &str, at: usize) -> bool {
    // As most words do: in ASCII, behind a sign.
    let bytes = text.as_bytes();
    if bytes[at].is_ascii_alphanumeric()
        && (at == 0 || (bytes[at - 1].is_ascii() && !bytes[at - 1].is_ascii_alphanumeric()))
    {
        return true;
    }
    let letter = |text: &str| text.starts_with(char::is_alphanumeric);
    let behind_escape = || escape::last_end(bytes, at) == Some(at);
    text.is_char_boundary(at) && letter(&text[at..]) && (is_border(text, at) || behind_escape())
}

/// Whether a word may start or end here: `card|Number`, `PAN|Number`, `card|2`, `my|_`.
pub(super) fn is_border(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    if at > 0 && bytes[at - 1].is_ascii_lowercase() && bytes.get(at).is_some_and(u8::is_ascii_lowercase) {
        return false;
    }
    let is_sign = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric());
    if is_sign(bytes.get(at)) || is_sign(at.checked_sub(1).and_then(|before| bytes.get(before))) {
        return true;
    }
    let (Some(left), Some(right)) = (text[..at].chars().next_back(), text[at..].chars().next()) else {
        return true;
    };
    if !left.is_alphanumeric() || !right.is_alphanumeric() {
        return true;
    }
    let next = text[at..].chars().nth(1);
    (left.is_lowercase() && right.is_uppercase())
        || (left.is_uppercase() && right.is_uppercase() && next.is_some_and(char::is_lowercase))
        || left.is_numeric() != right.is_numeric()
}
