//! The names of glyphs, and what the codes of old encodings stand for.

#[rustfmt::skip]
const NAMES: [(&str, char); 78] = [
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
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecircumflex", 'ê'),
    ("edieresis", 'ë'),
    ("aacute", 'á'),
    ("agrave", 'à'),
    ("acircumflex", 'â'),
    ("atilde", 'ã'),
    ("adieresis", 'ä'),
    ("aring", 'å'),
    ("ccedilla", 'ç'),
    ("iacute", 'í'),
    ("igrave", 'ì'),
    ("icircumflex", 'î'),
    ("oacute", 'ó'),
    ("ograve", 'ò'),
    ("ocircumflex", 'ô'),
    ("otilde", 'õ'),
    ("odieresis", 'ö'),
    ("uacute", 'ú'),
    ("ugrave", 'ù'),
    ("ucircumflex", 'û'),
    ("udieresis", 'ü'),
    ("ntilde", 'ñ'),
    ("Eacute", 'É'),
    ("Egrave", 'È'),
    ("Aacute", 'Á'),
    ("Agrave", 'À'),
    ("Atilde", 'Ã'),
    ("Adieresis", 'Ä'),
    ("Ccedilla", 'Ç'),
    ("Iacute", 'Í'),
    ("Oacute", 'Ó'),
    ("Otilde", 'Õ'),
    ("Odieresis", 'Ö'),
    ("Uacute", 'Ú'),
    ("Udieresis", 'Ü'),
    ("Ntilde", 'Ñ'),
    ("germandbls", 'ß'),
    ("quoteright", '’'),
    ("quotesingle", '\''),
    ("ff", '\u{fb00}'),
    ("fi", '\u{fb01}'),
    ("fl", '\u{fb02}'),
    ("ffi", '\u{fb03}'),
    ("ffl", '\u{fb04}'),
    ("f_f", '\u{fb00}'),
    ("f_i", '\u{fb01}'),
    ("f_l", '\u{fb02}'),
    ("f_f_i", '\u{fb03}'),
    ("f_f_l", '\u{fb04}'),
];

/// What codes of Macintosh stand for where it is neither ASCII nor Latin-1.
const MACINTOSH: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›\u{fb01}\u{fb02}";

/// What the codes of an encoding stand for that is known by its name; none is that of fonts from before there were any.
pub(super) fn encoded(encoding: Option<&str>) -> Vec<(u32, char)> {
    match encoding {
        Some("MacRomanEncoding") => (128..).zip(MACINTOSH.chars()).collect(),
        None | Some("StandardEncoding") => vec![(0xAE, '\u{fb01}'), (0xAF, '\u{fb02}'), (0xB1, '-')],
        Some(_) => vec![(0x91, '\''), (0x92, '\''), (0x96, '-'), (0x97, '-')],
    }
}

/// The letters of a character that is several.
pub(super) fn ligature(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        _ => return None,
    })
}

/// The character of a glyph's name, as far as they matter here.
pub(super) fn character(name: &str) -> Option<char> {
    let name = name.split('.').next().unwrap_or(name);
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(only);
    }
    let hexadecimal = name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|digits| digits.len() >= 4);
    let coded = hexadecimal.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    coded.or_else(|| NAMES.iter().find(|known| known.0 == name).map(|known| known.1))
}
