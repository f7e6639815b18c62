//! Escapes: what programs write for a line end, a blank, a sign of an address or a colour.
//!
//! They end in a letter or a digit, and what follows touches it: `\n4539…`, `card%204539…`. A value or a keyword may start
//! there. It may also start at that letter as ever: what looks like an escape may be none.

use std::ops::Range;

use memchr::{memchr3_iter, memrchr3};

/// As long as an escape that is looked at may be, in bytes: that of a colour has four numbers, and six signs before them.
pub(crate) const LONGEST: usize = 32;

/// What a terminal takes a command behind.
const ESC: u8 = 0x1b;

/// Where the last sign is that an escape starts with.
pub(crate) fn last_start(bytes: &[u8]) -> Option<usize> {
    memrchr3(b'\\', b'%', ESC, bytes)
}

/// The places of a part where escapes end, in order.
pub(super) fn ends(bytes: &[u8], part: Range<usize>) -> impl Iterator<Item = usize> {
    let from = part.start.saturating_sub(LONGEST);
    let starts = memchr3_iter(b'\\', b'%', ESC, &bytes[from..part.end]);
    starts.filter_map(move |start| end(bytes, from + start)).filter(move |end| part.contains(end))
}

/// Where the last escape ends that starts before a place: it may go over it.
pub(crate) fn last_end(bytes: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(LONGEST);
    let start = bytes[from..at].iter().rposition(|byte| matches!(byte, b'\\' | b'%' | &ESC))?;
    end(bytes, from + start)
}

/// Where the escape ends that starts at a place, if one does. None has the first sign of another one in it.
fn end(bytes: &[u8], at: usize) -> Option<usize> {
    let are_hex = |from: usize, count: usize| {
        bytes.get(from..from + count).is_some_and(|signs| signs.iter().all(u8::is_ascii_hexdigit))
    };
    match (bytes[at], *bytes.get(at + 1)?) {
        (b'\\', b'n' | b'N' | b'r' | b't') => Some(at + 2),
        (b'\\', b'u') if are_hex(at + 2, 4) => command(bytes, at + 6).or(Some(at + 6)),
        (b'\\', b'x') if are_hex(at + 2, 2) => command(bytes, at + 4).or(Some(at + 4)),
        (b'\\', b'e' | b'E') => command(bytes, at + 2),
        (b'\\', b'0') if bytes[at + 1..].starts_with(b"033") => command(bytes, at + 4),
        (b'%', _) => {
            // A percent sign may be written in percent itself.
            let again = bytes[at + 1..].chunks(2).take(LONGEST / 2 - 1).take_while(|pair| *pair == b"25").count();
            let code = at + 1 + 2 * again;
            let code = if again > 0 && !are_hex(code, 2) { code - 2 } else { code };
            are_hex(code, 2).then_some(code + 2)
        }
        (ESC, _) => command(bytes, at + 1),
        _ => None,
    }
}

/// Where a command for terminals ends that starts at a place, as `[1;36m`.
fn command(bytes: &[u8], at: usize) -> Option<usize> {
    let numbers = bytes.get(at..)?.strip_prefix(b"[")?;
    let length =
        numbers.iter().take(LONGEST).take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':' | b'?')).count();
    numbers.get(length)?.is_ascii_alphabetic().then_some(at + 1 + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_escapes_end() {
        for (text, expected) in [
            ("a\\nb", vec![3]),
            ("\\r\\nb", vec![2, 4]),
            ("\\u003d4 \\x3d4", vec![6, 12]),
            ("\\u001b[1;36mD \\e[mD \\033[0KD", vec![12, 18, 27]),
            ("\u{1b}[38;2;255;255;255mD\u{1b}[K4", vec![19, 23]),
            ("%20c%253D4%252520d%25", vec![3, 9, 17]),
            ("\\q \\u12 % %g \u{1b}x \\x \\[36m \\", vec![]),
        ] {
            let bytes = text.as_bytes();
            assert_eq!(ends(bytes, 0..bytes.len()).collect::<Vec<_>>(), expected, "{text:?}");
            let last = (0..bytes.len()).filter(|&at| last_end(bytes, at) == Some(at));
            assert_eq!(
                last.collect::<Vec<_>>(),
                expected.into_iter().filter(|&at| at < bytes.len()).collect::<Vec<_>>()
            );
        }
    }
}
