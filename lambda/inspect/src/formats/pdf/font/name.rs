//! The names of glyphs, and what the codes of old encodings stand for.

use super::NOTHING;

/// The names of Adobe's list that are in the words and numbers that are looked for.
#[rustfmt::skip]
const NAMES: [(&str, char); 122] = [
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
    ("nonbreakingspace", ' '),
    ("sfthyphen", '-'),
    ("softhyphen", '-'),
    ("figuredash", '-'),
    ("emdash", '-'),
    ("exclam", '!'),
    ("quotedbl", '"'),
    ("dollar", '$'),
    ("percent", '%'),
    ("ampersand", '&'),
    ("asterisk", '*'),
    ("less", '<'),
    ("greater", '>'),
    ("question", '?'),
    ("bracketleft", '['),
    ("bracketright", ']'),
    ("backslash", '\\'),
    ("asciicircum", '^'),
    ("grave", '`'),
    ("quoteleft", '‘'),
    ("braceleft", '{'),
    ("bar", '|'),
    ("braceright", '}'),
    ("asciitilde", '~'),
    ("periodcentered", '·'),
    ("bullet", '•'),
    ("fraction", '/'),
    ("Euro", '€'),
    ("sterling", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("degree", '°'),
    ("Acircumflex", 'Â'),
    ("Ecircumflex", 'Ê'),
    ("Edieresis", 'Ë'),
    ("Aring", 'Å'),
    ("AE", 'Æ'),
    ("ae", 'æ'),
    ("OE", 'Œ'),
    ("oe", 'œ'),
    ("Oslash", 'Ø'),
    ("oslash", 'ø'),
    ("idieresis", 'ï'),
    ("dotlessi", 'ı'),
    ("yacute", 'ý'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
    ("Zcaron", 'Ž'),
    ("zcaron", 'ž'),
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
];

/// How many characters one name may stand for.
const SEVERAL: usize = 8;

/// What codes of Macintosh stand for where it is neither ASCII nor Latin-1.
const MACINTOSH: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›\u{fb01}\u{fb02}";

/// What the codes of Adobe's own encoding stand for from 0xA1 to 0xFB; `_` is none.
const STANDARD: &str = concat!(
    "¡¢£/¥ƒ§¤'“«‹›\u{fb01}\u{fb02}",
    "_-†‡·_¶•‚„”»…‰_¿",
    "_`´ˆ˜¯˘˙¨_˚¸_˝˛ˇ",
    "-_______________",
    "_Æ_ª____ŁØŒº____",
    "_æ___ı__łøœß",
);

/// What the codes of Windows stand for from 0x7F to 0x9F; those that are not used are shown as a bullet.
const WINDOWS: &str = "•€•‚ƒ„…†‡ˆ‰Š‹Œ•Ž••''“”•--˜™š›œ•žŸ";

/// What the codes of an encoding stand for that is known by its name; none is that of fonts which have their own.
pub(super) fn encoded(encoding: Option<&str>) -> Vec<(u32, char)> {
    match encoding {
        Some("MacRomanEncoding") => (128..).zip(MACINTOSH.chars()).collect(),
        Some("StandardEncoding") => {
            let sign = |sign| if sign == '_' { NOTHING } else { sign };
            (0xA1..).zip(STANDARD.chars().map(sign)).collect()
        }
        // Of other fonts than those of PostScript nobody knows it.
        None => vec![(0xAE, '\u{fb01}'), (0xAF, '\u{fb02}'), (0xB1, '-')],
        Some(_) => (0x7F..).zip(WINDOWS.chars()).chain([(0xAD, '-')]).collect(),
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

/// What the names of digits end with in other scripts.
const SCRIPTS: [&str; 10] =
    ["oldstyle", "hackarabic", "arabic", "persian", "deva", "bengali", "gurmukhi", "gujarati", "thai", "monospace"];

/// What a glyph's name stands for, as far as it matters here: `four`, `f_i`, `uni00340035`, `u1D7D2`, `four.tab`.
pub(super) fn named(name: &str) -> Option<String> {
    let mut text = String::new();
    for part in name.split('.').next()?.split('_').take(SEVERAL) {
        add(part, &mut text)?;
    }
    Some(text)
}

fn add(name: &str, text: &mut String) -> Option<()> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        text.push(only);
        return Some(());
    }
    // Digits of the old style are digits, whichever way they stand in the line, and so are those of other scripts.
    let usual = SCRIPTS.iter().find_map(|script| name.strip_suffix(script)).unwrap_or(name);
    if let Some(digit) = arabic(name) {
        text.push(digit);
        return Some(());
    }
    if let Some(&(_, character)) = NAMES.iter().find(|known| known.0 == usual) {
        text.push(character);
        return Some(());
    }
    let units = name.strip_prefix("uni").map(str::as_bytes).filter(|digits| digits.len() % 4 == 0);
    if let Some(units) = units.filter(|units| !units.is_empty()) {
        units.chunks(4).take(SEVERAL).try_for_each(|unit| {
            text.push(hexadecimal(str::from_utf8(unit).ok()?)?);
            Some(())
        })
    } else {
        text.push(hexadecimal(name.strip_prefix('u').filter(|digits| (4..=6).contains(&digits.len()))?)?);
        Some(())
    }
}

/// A digit by the names that Arabic ones have: `afii57392` is zero.
fn arabic(name: &str) -> Option<char> {
    let number: u32 = name.strip_prefix("afii")?.parse().ok()?;
    char::from_digit(number.checked_sub(57_392)?, 10)
}

fn hexadecimal(digits: &str) -> Option<char> {
    let digits = Some(digits).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_of_glyphs() {
        for (name, text) in [
            ("a", Some("a")),
            ("four", Some("4")),
            ("four.tab", Some("4")),
            ("fouroldstyle", Some("4")),
            ("fourpersian", Some("4")),
            ("fourhackarabic", Some("4")),
            ("afii57396", Some("4")),
            ("afii57392_afii57401", Some("09")),
            ("afii57391", None),
            ("afii57402", None),
            ("four_two", Some("42")),
            ("f_f_i", Some("ffi")),
            ("uni0034", Some("4")),
            ("uni00340032", Some("42")),
            ("u0034", Some("4")),
            ("u1D7D2", Some("\u{1d7d2}")),
            ("underscore", Some("_")),
            ("uni", None),
            ("uni+034", None),
            ("uniD800", None),
            ("u12345678", None),
            ("g12", None),
            (".notdef", None),
            ("", None),
        ] {
            assert_eq!(named(name).as_deref(), text, "{name}");
        }
        assert_eq!(named(&"a_".repeat(99)).as_deref(), Some("aaaaaaaa"));
    }
}
