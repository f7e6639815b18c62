//! Which sign separates the fields of a table.
//!
//! Each candidate is tried on the head of the file by the rules of the parser, and one that parts each row there
//! into as many fields wins over one that is merely frequent: a header may have commas in its names,
//! and numbers have them in half of Europe. The first line of Excel, `sep=;`, outranks all.

/// As much of a file as is looked at, in bytes.
pub(super) const HEAD: u64 = 64 << 10;

/// The candidates; where all else is equal, the one that is rarest inside of texts.
const CANDIDATES: [u8; 4] = [b'\t', b'|', b';', b','];

/// The same as they are preferred where none fits.
const USUAL: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The sign, and whether the first line names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) sign: u8,
    pub(super) named: bool,
}

/// Guesses the sign by the head of a text, which may be all of it.
pub(super) fn guess(head: &str, whole: bool) -> Guess {
    if let Some(sign) = named(head) {
        return Guess { sign, named: true };
    }
    let shape = |&sign: &u8| (sign, Shape::of(head, sign, whole));
    // Of equals the last one is taken.
    let fitting = CANDIDATES.iter().rev().map(shape).filter(|(_, shape)| shape.fits && shape.first > 1);
    let fitting = fitting.max_by_key(|(sign, shape)| (*sign != b',' || !shape.decimal, shape.first));
    let frequent = || USUAL.iter().rev().map(shape).max_by_key(|(_, shape)| shape.first);
    Guess { sign: fitting.or_else(frequent).map_or(b',', |found| found.0), named: false }
}

/// The sign that the first line names, as Excel writes it.
fn named(head: &str) -> Option<u8> {
    let line = head.split(['\r', '\n']).next()?;
    let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let [s, e, p, b'=', sign] = line.as_bytes() else { return None };
    let is_named = [s, e, p].into_iter().zip(b"sep").all(|(one, other)| one.eq_ignore_ascii_case(other));
    CANDIDATES.contains(sign).then_some(*sign).filter(|_| is_named)
}

/// A table as a sign parts it.
struct Shape {
    /// How many fields the first row has.
    first: u64,
    /// Each row has as many, and quotes are where they may be.
    fits: bool,
    /// Behind the first row the sign is between digits only, as in numbers.
    decimal: bool,
}

impl Shape {
    fn of(text: &str, sign: u8, whole: bool) -> Self {
        let mut rows = Rows { sign, count: 0, fields: 1, filled: false, blank: false, others: false };
        let mut shape = Self { first: 1, fits: true, decimal: true };
        let bytes = text.as_bytes();
        let (mut at, mut start) = (0, true);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' if start => {
                    let Some(length) = quoted(&bytes[at + 1..]) else {
                        // The end of the quotes may be beyond the head.
                        shape.fits &= !whole;
                        break;
                    };
                    rows.filled = true;
                    at += length;
                    let next = bytes.get(at + 1).copied().unwrap_or(b'\n');
                    shape.fits &= next == sign || matches!(next, b'\n' | b'\r');
                }
                b'\n' if at > 0 && bytes[at - 1] == b'\r' => {}
                b'\n' | b'\r' => rows.end(&mut shape),
                _ => rows.take(byte, bytes, at),
            }
            start = byte == sign || matches!(byte, b'\n' | b'\r');
            at += 1;
        }
        if rows.count == 0 {
            shape.first = rows.fields;
        } else if whole && (rows.filled || rows.fields > 1) {
            rows.end(&mut shape);
        }
        shape.decimal &= !rows.others;
        shape
    }
}

/// The row that is counted.
struct Rows {
    sign: u8,
    count: u64,
    fields: u64,
    filled: bool,
    /// A blank line was just before.
    blank: bool,
    /// The sign was somewhere else than between digits.
    others: bool,
}

impl Rows {
    fn take(&mut self, byte: u8, bytes: &[u8], at: usize) {
        if byte == self.sign {
            self.fields += 1;
            let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
            self.others |= self.count > 0 && !(digit(at.checked_sub(1)) && digit(at.checked_add(1)));
        } else {
            self.filled |= byte != b' ';
        }
    }

    fn end(&mut self, shape: &mut Shape) {
        if self.fields == 1 && !self.filled {
            self.blank = true;
        } else {
            if self.count == 0 {
                shape.first = self.fields;
            }
            shape.fits &= self.fields == shape.first && !self.blank;
            self.count += 1;
        }
        (self.fields, self.filled) = (1, false);
    }
}

/// How far a field in quotes goes behind the first one, with the last one.
fn quoted(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|&byte| byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs() {
        let sign = |head: &str| char::from(guess(head, true).sign);
        for (head, expected) in [
            ("a,b\n1,2\n", ','),
            ("Betrag (EUR, netto);Datum\n12;2026-01-01\n", ';'),
            ("52,37;4,89\n51,90;4,47\n", ';'),
            ("1,5;2,5;n\n3;4,5;y\n6;7;y\n", ';'),
            ("place, country\theight\nDelft, Netherlands\t4\n", '\t'),
            ("size 5\";name\n\"a;b\";c\n", ';'),
            ("\"a;x;y\",b\n1,2\n", ','),
            ("a,b;c\n1,2;3\n", ';'),
            ("a,b,c;d\n1,2,x;3\n", ','),
            ("a|b\n1,2|3\n", '|'),
            ("a,b\n1,2,3\n", ','),
            ("a;b,c\n1\n", ','),
            ("a,b\n1,2\n3", ','),
            ("\"a\"\"b\";c\n1,2;\"3\n,\"\n\n", ';'),
            ("card\n1,2\n3,4\n", ','),
        ] {
            assert_eq!(sign(head), expected, "{head:?}");
        }
        // What is cut off is not counted.
        assert_eq!(guess("a;b,c\n1;2,3\n4,5;6,7;\"", false).sign, b';');
        assert_eq!(guess("a;b;c,d", false).sign, b';');
    }

    #[test]
    fn the_first_line_of_excel() {
        for head in ["sep=;\r\na,b;c\r\n", "SEP=;\n", "\"sep=;\"\n1\n", "sep=;"] {
            assert_eq!(guess(head, true), Guess { sign: b';', named: true }, "{head:?}");
        }
        for head in ["sep=a\n1\n", "sep=;;\n1\n", "sep;\n1;\n", "\nsep=;\n", "step=;\n"] {
            assert!(!guess(head, true).named, "{head:?}");
        }
    }
}
