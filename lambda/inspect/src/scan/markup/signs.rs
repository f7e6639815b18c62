//! What the references of HTML stand for, as `&eacute;`.

use encoding_rs::WINDOWS_1252;

/// Those that matter in numbers and keywords, and are no letters of Latin-1.
#[rustfmt::skip]
const REFERENCES: &[(&str, &str)] = &[
    ("nbsp", " "), ("ensp", " "), ("emsp", " "), ("emsp13", " "), ("emsp14", " "), ("thinsp", " "), ("hairsp", " "),
    ("numsp", " "), ("puncsp", " "), ("NonBreakingSpace", " "), ("ThinSpace", " "), ("VeryThinSpace", " "),
    ("MediumSpace", " "), ("ThickSpace", " "), ("Tab", "\t"), ("NewLine", "\n"),
    ("shy", ""), ("zwnj", ""), ("zwj", ""), ("lrm", ""), ("rlm", ""), ("NoBreak", ""), ("it", ""), ("ic", ""), ("af", ""),
    ("InvisibleTimes", ""), ("InvisibleComma", ""), ("ApplyFunction", ""),
    ("ZeroWidthSpace", "\u{200b}"), ("NegativeThinSpace", "\u{200b}"), ("NegativeVeryThinSpace", "\u{200b}"),
    ("NegativeMediumSpace", "\u{200b}"), ("NegativeThickSpace", "\u{200b}"),
    ("hyphen", "-"), ("dash", "-"), ("ndash", "-"), ("mdash", "-"), ("minus", "-"), ("horbar", "-"),
    ("num", "#"), ("period", "."), ("colon", ":"), ("comma", ","), ("semi", ";"), ("sol", "/"), ("lowbar", "_"),
    ("equals", "="), ("plus", "+"), ("commat", "@"), ("lpar", "("), ("rpar", ")"), ("ast", "*"),
    ("amp", "&"), ("AMP", "&"), ("lt", "<"), ("LT", "<"), ("gt", ">"), ("GT", ">"), ("quot", "\""), ("QUOT", "\""),
    ("apos", "'"), ("lsquo", "\u{2018}"), ("rsquo", "\u{2019}"), ("rsquor", "\u{2019}"), ("CloseCurlyQuote", "\u{2019}"),
];

/// The characters of Latin-1 from A0 on.
#[rustfmt::skip]
const LATIN: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo", "not", "shy",
    "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm", "raquo",
    "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil",
    "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute", "THORN", "szlig",
    "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc", "euml",
    "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml", "divide",
    "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
];

/// What stands for a reference by its name, if that is known.
pub(super) fn named(name: &str) -> Option<String> {
    let known = REFERENCES.iter().find(|reference| reference.0 == name).map(|reference| reference.1.to_owned());
    let latin = || LATIN.iter().zip('\u{a0}'..).find(|letter| *letter.0 == name).map(|letter| letter.1.to_string());
    known.or_else(latin)
}

/// The character of a reference by number, `#52` or `#x34`: the controls above 7F are those of Windows.
pub(super) fn numbered(name: &str) -> Option<char> {
    let digits = name.strip_prefix('#')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    match u8::try_from(code) {
        Ok(byte @ 0x80..0xa0) => WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next(),
        _ => char::from_u32(code),
    }
}
