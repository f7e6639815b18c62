//! The encoding that is built into a font of PostScript: it counts where the document says nothing.

use super::name::named;

/// What codes stand for.
type Encoding = Vec<(u32, Box<str>)>;

/// The encoding of a font file, as far as it has one of its own.
pub(super) fn encoding(file: &[u8]) -> Encoding {
    match file {
        [b'O', b'T', b'T', b'O', ..] => table(file).and_then(compact).unwrap_or_default(),
        [1, ..] => compact(file).unwrap_or_default(),
        _ => plain(file),
    }
}

/// The encoding of a program: `/Encoding 256 array … dup 65 /four put … readonly def`.
fn plain(file: &[u8]) -> Encoding {
    let at = file.windows(9).position(|word| word == b"/Encoding");
    let text = at.and_then(|at| file.get(at + 9..)).unwrap_or_default();
    let end = text.windows(5).position(|word| word == b"eexec").unwrap_or(text.len());
    let text = String::from_utf8_lossy(text.get(..end.min(LONGEST)).unwrap_or_default());
    let mut words = text.split_ascii_whitespace().flat_map(parts);
    let mut all = Encoding::new();
    while let Some(word) = words.next() {
        if word == "def" {
            break;
        }
        if word == "dup"
            && let (Some(code), Some(name)) = (words.next().and_then(number), words.next())
            && let Some(text) = name.strip_prefix('/').and_then(named)
        {
            all.push((code, text.into()));
        }
    }
    all
}

/// How much of a program is looked at for its encoding, in bytes.
const LONGEST: usize = 32 << 10;

/// A number, which may say its base: `8#101`.
fn number(word: &str) -> Option<u32> {
    match word.split_once('#') {
        Some((base, digits)) => {
            u32::from_str_radix(digits, base.parse().ok().filter(|base| (2..=36).contains(base))?).ok()
        }
        None => word.parse().ok(),
    }
    .filter(|&code| code < 256)
}

/// The parts of a word of which a name is one: `65/four`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let (before, name) = word.split_at(word.find('/').unwrap_or(word.len()));
    [before, name].into_iter().filter(|part| !part.is_empty())
}

/// The outlines of an OpenType font.
fn table(file: &[u8]) -> Option<&[u8]> {
    let count = wide(file, 4)?;
    let entry =
        (0..count).filter_map(|at| file.get(12 + 16 * at..)?.get(..16)).find(|entry| entry.starts_with(b"CFF "))?;
    let at =
        |at: usize| Some(usize::try_from(u32::from_be_bytes(*entry.get(at..)?.first_chunk()?)).unwrap_or(usize::MAX));
    file.get(at(8)?..)?.get(..at(12)?)
}

/// The encoding of a font in the compact format (Adobe's technical note 5176).
fn compact(font: &[u8]) -> Option<Encoding> {
    let start = usize::from(*font.get(2)?);
    let (_, at) = index(font, start)?;
    let (tops, at) = index(font, at)?;
    let (strings, _) = index(font, at)?;
    let top = tops.first()?;
    let (charset, encoding) = (operand(top, 15).unwrap_or(0), operand(top, 16).unwrap_or(0));
    if encoding < 2 {
        return None;
    }
    let glyphs = glyphs(font, charset);
    let name = |glyph: usize| text(*glyphs.get(glyph)?, &strings);
    let codes = codes(font, encoding)?;
    Some(codes.into_iter().filter_map(|(code, glyph)| Some((code.into(), name(glyph)?))).collect())
}

/// The items of an index, and where it ends.
fn index(font: &[u8], at: usize) -> Option<(Vec<&[u8]>, usize)> {
    let count = wide(font, at)?;
    if count == 0 {
        return Some((Vec::new(), at + 2));
    }
    let size = usize::from(*font.get(at + 2)?).clamp(1, 4);
    let base = at + 3 + (count + 1) * size - 1;
    let offset = |item: usize| {
        let bytes = font.get(at + 3 + item * size..)?.get(..size)?;
        base.checked_add(bytes.iter().fold(0, |value, &byte| value << 8 | usize::from(byte)))
    };
    let items = (0..count).map(|item| font.get(offset(item)?..offset(item + 1)?)).collect::<Option<_>>()?;
    Some((items, offset(count)?))
}

/// The whole number before an operator of a dictionary.
fn operand(dict: &[u8], wanted: u8) -> Option<usize> {
    let (mut rest, mut last) = (dict, 0_i64);
    while let [first, behind @ ..] = rest {
        let wide = |bytes: &[u8]| bytes.iter().fold(0_i64, |value, &byte| value << 8 | i64::from(byte));
        let (value, length) = match (*first, behind) {
            (12 | 251..=254, _) => (0, 1),
            (operator @ 0..=21, _) if operator == wanted => return usize::try_from(last).ok(),
            (28, [a, b, ..]) => (wide(&[*a, *b]), 2),
            (29, [a, b, c, d, ..]) => (wide(&[*a, *b, *c, *d]), 4),
            // A fraction ends with a half of a byte that is all ones.
            (30, _) => (0, behind.iter().position(|byte| byte & 15 == 15)? + 1),
            (small @ 32..=246, _) => (i64::from(small) - 139, 0),
            (high @ 247..=250, [low, ..]) => ((i64::from(high) - 247) * 256 + i64::from(*low) + 108, 1),
            _ => (0, 0),
        };
        last = value;
        rest = behind.get(length..).unwrap_or_default();
    }
    None
}

/// The names of the glyphs, by their numbers.
fn glyphs(font: &[u8], charset: usize) -> Vec<usize> {
    if charset < 3 {
        return (0..229).collect();
    }
    let mut glyphs = vec![0];
    let format = font.get(charset).copied().unwrap_or(3);
    let mut at = charset + 1;
    // Codes reach no more glyphs than there are of them; the rest are for other programs.
    while glyphs.len() <= GLYPHS {
        let Some(first) = wide(font, at) else { break };
        let (left, size) = match format {
            0 => (0, 2),
            1 => (usize::from(font.get(at + 2).copied().unwrap_or_default()), 3),
            2 => (wide(font, at + 2).unwrap_or_default(), 4),
            _ => break,
        };
        glyphs.extend((first..=first + left).take(GLYPHS));
        at += size;
    }
    glyphs
}

/// How many glyphs a font has at most that has codes of one byte.
const GLYPHS: usize = 1 << 10;

/// The codes of glyphs.
fn codes(font: &[u8], encoding: usize) -> Option<Vec<(u8, usize)>> {
    let (format, count) = (*font.get(encoding)?, usize::from(*font.get(encoding + 1)?));
    let mut codes = Vec::new();
    if matches!(format, 0 | 0x80) {
        let own = font.get(encoding + 2..)?.iter().take(count);
        codes.extend(own.enumerate().map(|(at, &code)| (code, at + 1)));
    } else {
        let mut glyph = 1;
        for range in font.get(encoding + 2..)?.chunks_exact(2).take(count) {
            for code in range[0]..=range[0].saturating_add(range[1]) {
                codes.push((code, glyph));
                glyph += 1;
            }
        }
    }
    Some(codes)
}

/// What the number of a name stands for: names of ASCII in their order, digits of the old style, a font's own names.
fn text(name: usize, strings: &[&[u8]]) -> Option<Box<str>> {
    let ascii = |first: u8, name: usize| Some(char::from(first + u8::try_from(name).ok()?).to_string().into());
    match name {
        1..=95 => ascii(b' ', name - 1),
        239..=248 => ascii(b'0', name - 239),
        391.. => named(&String::from_utf8_lossy(strings.get(name - 391)?)).map(Into::into),
        _ => None,
    }
}

/// A number of two bytes.
fn wide(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(file: &[u8], codes: &str) -> String {
        let all = encoding(file);
        let of = |code: u32| all.iter().rev().find(|entry| entry.0 == code).map_or("?", |entry| &*entry.1);
        codes.chars().map(|code| of(code.into())).collect()
    }

    #[test]
    fn of_a_program() {
        let font = b"%!PS\n/Encoding 256 array\n0 1 255 {1 index exch /.notdef put} for\ndup 65 /four put\ndup 66/five put dup 8#103 /uni0033 put\nreadonly def\ndup 68 /nine put eexec";
        assert_eq!(shown(font, "ABCD"), "453?");
        assert_eq!(shown(b"%!PS /Encoding StandardEncoding def dup 65 /four put", "A"), "?");
    }

    /// An index of these items.
    fn index_of(items: &[&[u8]]) -> Vec<u8> {
        let mut all = vec![0, u8::try_from(items.len()).unwrap()];
        if !items.is_empty() {
            all.push(1);
        }
        let mut offset = 1;
        for item in items {
            all.push(offset);
            offset += u8::try_from(item.len()).unwrap();
        }
        if !items.is_empty() {
            all.push(offset);
        }
        [all, items.concat()].concat()
    }

    #[test]
    fn of_the_compact_format() {
        let font = |encoding: &[u8], charset: &[u8]| {
            let strings = index_of(&[b"nine.tab", b"other"]);
            let top = |charset: usize, encoding: usize| {
                let wide = |number: usize, operator: u8| {
                    let [high, low] = u16::try_from(number).unwrap().to_be_bytes();
                    [28, high, low, operator]
                };
                index_of(&[&[wide(charset, 15), wide(encoding, 16)].concat()])
            };
            let before = [&[1, 0, 4, 1][..], &index_of(&[b"X"])].concat();
            let behind = before.len() + top(0, 0).len() + strings.len();
            let top = top(behind, behind + charset.len());
            [&before[..], &top, &strings, charset, encoding].concat()
        };
        // four, five, three, and one of its own.
        let charset = [0, 0, 21, 0, 22, 0, 20, 1, 135];
        assert_eq!(shown(&font(&[0, 4, 65, 66, 67, 68], &charset), "ABCD"), "4539");
        assert_eq!(shown(&font(&[1, 2, 65, 1, 70, 1], &charset), "ABFG"), "4539");
        assert_eq!(shown(&font(&[0, 3, 65, 66, 67], &[1, 0, 20, 2]), "ABC"), "345");
        for end in 0..40 {
            // What is cut shows nothing, and does no harm.
            let font = font(&[0, 1, 65], &charset);
            encoding(&font[..end.min(font.len())]);
        }
    }
}
