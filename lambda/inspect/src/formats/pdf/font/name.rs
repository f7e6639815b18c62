//! The names of glyphs.

/// The character of a glyph's name, as far as they matter here.
pub(super) fn character(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 27] = [
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("space", ' '),
        ("nbspace", ' '),
        ("hyphen", '-'),
        ("minus", '-'),
        ("endash", '-'),
        ("period", '.'),
        ("comma", ','),
        ("colon", ':'),
        ("semicolon", ';'),
        ("slash", '/'),
        ("plus", '+'),
        ("equal", '='),
        ("underscore", '_'),
        ("numbersign", '#'),
        ("at", '@'),
        ("parenleft", '('),
        ("parenright", ')'),
    ];
    let name = name.split('.').next().unwrap_or(name);
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(only);
    }
    let hexadecimal = name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|digits| digits.len() >= 4);
    let coded = hexadecimal.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    coded.or_else(|| NAMES.iter().find(|known| known.0 == name).map(|known| known.1))
}
