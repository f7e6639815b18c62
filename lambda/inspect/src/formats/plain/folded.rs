//! Contacts, calendars and LDIF: long lines are folded, and go on behind a blank in the next line.
//!
//! ```text
//! NOTE:my card is 4539 1488
//!   0343 6467
//! description:: bXkgY2FyZCBpcyA0NTM5MTQ4ODAzNDM2NDY3
//! ```
//!
//! The text is looked at as it stands, and each line that is folded once more as it was. What LDIF has in base64 is
//! decoded where it stands, as all that is in another notation.

use super::Text;
use crate::input::checker::Checker;
use crate::input::text::Encodings;
use crate::scan::{Kin, Mask, Place, Scanner};
use crate::verdict::Fault;

/// Extensions of texts with such lines.
pub(super) const EXTENSIONS: &[&str] = &["vcf", "ics", "ldif"];

/// How much of a line is held, and how much of its end is held again; how much is passed on together, in bytes.
const LINE: usize = 64 << 10;
const AGAIN: usize = 256;
const HELD: usize = 32 << 10;

/// The checker of such a text.
#[derive(Default)]
pub(crate) struct Folded {
    text: Text,
    /// The line as it was before it was folded, and whether it was.
    line: String,
    goes_on: bool,
    /// At the start of a line.
    starts: bool,
    /// The lines that were folded.
    lines: String,
}

impl Folded {
    fn take(&mut self, sign: char, scanner: &mut Scanner) {
        match sign {
            '\n' | '\r' => self.starts = true,
            ' ' | '\t' if self.starts => (self.starts, self.goes_on) = (false, true),
            sign => {
                if std::mem::take(&mut self.starts) {
                    self.end_line();
                }
                self.line.push(sign);
            }
        }
        if self.line.len() > LINE {
            let from = self.line.ceil_char_boundary(self.line.len() - AGAIN);
            let (rest, folded) = (self.line[from..].to_owned(), self.goes_on);
            self.end_line();
            (self.line, self.goes_on) = (rest, folded);
        }
        if self.lines.len() > HELD {
            self.flush(scanner);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.goes_on) {
            self.lines.push_str(&line);
            self.lines.push('\n');
        }
    }

    fn flush(&mut self, scanner: &mut Scanner) {
        if !self.lines.is_empty() {
            scanner.beside(|scanner| {
                scanner.begin(Mask::default(), Place::Path("unfolded".into()));
                scanner.text(&self.lines);
                scanner.separate();
            });
        }
        self.lines.clear();
    }
}

impl Checker for Folded {
    fn encodings(&self, allowed: Encodings) -> Encodings {
        self.text.encodings(allowed)
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        scanner.is_kin(Kin::Fields);
        self.text.push(text, scanner)?;
        text.chars().for_each(|sign| self.take(sign, scanner));
        Ok(())
    }

    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        self.end_line();
        self.flush(scanner);
        self.text.finish(scanner)
    }
}

#[cfg(test)]
mod tests {
    use ::base64::Engine;
    use ::base64::engine::general_purpose::STANDARD;

    use super::{HELD, LINE};
    use crate::{Limits, inspect};

    fn count(name: &str, text: &str) -> u64 {
        let answer = inspect(name, text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(answer.broken, None);
        answer.findings.first().map_or(0, |finding| finding.count)
    }

    #[test]
    fn lines_that_are_folded() {
        for (name, text) in [
            ("a.vcf", "NOTE:card 4000004\r\n 427083831\r\nEND:VCARD\r\n"),
            ("a.ICS", "DESCRIPTION:tide\\, IBAN DE89 3704 0044 05\r\n 32 0130 00\r\nEND:VEVENT\r\n"),
            ("a.ldif", "dn: cn=x\ndescription: my car\n d number is 4000 0044 2708\n  3831\n"),
            ("a.ldif", "description: card 4000 0044 2708 3831\n and no more of it\n"),
        ] {
            for before in [0, HELD - 20, HELD, 3 * LINE] {
                let long = format!("{}\n{text}{}", "tide ".repeat(before / 5), "x: y\n".repeat(9));
                assert_eq!(count(name, &long), 1, "{before}: {text}");
            }
        }
        assert_eq!(count("a.vcf", "NOTE:card 4000004\r\nX:427083831\r\n"), 0);
        let long = format!("NOTE:{}\n {}card 4000004\n 427083831\n", "x ".repeat(LINE / 2 - 30), "x ".repeat(20));
        assert_eq!(count("a.vcf", &long), 1);
    }

    /// A text with two colons is no base64, whatever it ends with.
    #[test]
    fn two_colons_before_any_character() {
        for name in ["a.vcf", "a.ics", "a.ldif"] {
            for value in ["Café", "aé", "\u{20ac}", "日本", "x\u{1f30a}", "é", ""] {
                for line in ["SUMMARY:Treffen :: ", "NOTE::", "description:: ", "::"] {
                    for fold in ["", "\n ", "\r\n\t"] {
                        assert_eq!(count(name, &format!("{line}{fold}{value}\nX:card 4000004427083831\n")), 1);
                    }
                }
            }
        }
    }

    #[test]
    fn base64_in_ldif() {
        let coded = STANDARD.encode("my card 4000 0044 2708 3831");
        let (first, rest) = coded.split_at(20);
        let (one, more) = coded.split_at(1);
        let number = STANDARD.encode("4000004427083831");
        for text in [
            format!("description:: {coded}\n"),
            format!("description;lang-de::{first}\n {rest}\nx: y\n"),
            format!("creditCardNumber:: {number}"),
            format!("creditCardNumber::\n {number}"),
            format!("credit\n Card:\n : \n {number}"),
            format!("my_attr:: {coded}"),
            format!("2.5.4.13;x-a:: {coded}\n\ndn: cn=y"),
            format!("description::\n {one}\n {more}\n"),
            format!("x: Content-Transfer-Encoding: base64\n\ndn: cn=y\ndescription:: {coded}\n"),
            format!("x: Content-Transfer-Encoding: quoted-printable\n\ndn: cn=y\ndescription:: {coded}\n"),
        ] {
            for text in [format!("dn: cn=x\n{text}"), format!("dn: cn=x\r\n{}", text.replace('\n', "\r\n"))] {
                assert_eq!(count("a.ldif", &text), 1, "{text}");
            }
        }
        assert_eq!(count("a.ldif", &format!("creditCard: x::y\njpegPhoto:: {}\n", STANDARD.encode([255, 0, 1]))), 0);
        assert_eq!(count("a.txt", &format!("dn: cn=x\ndescription:: {coded}\n")), 0);
    }

    /// What is in base64 is read like all that is: of any length, in any encoding, as what it is.
    #[test]
    fn values_in_ldif_are_texts_of_any_kind() {
        let wide =
            |bytes: fn(u16) -> [u8; 2]| "card 4000004427083831".encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let mail = format!("Content-Transfer-Encoding: base64\n\n{}\n", STANDARD.encode("card 4000004427083831"));
        for bytes in [
            format!("{}card 4000004427083831 {}", "tide ".repeat(12_000), "tide ".repeat(12_000)).into_bytes(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            b"<p>card <b>4000</b>004427083831</p>".to_vec(),
            mail.into_bytes(),
        ] {
            let coded = STANDARD.encode(&bytes);
            let folded: Vec<&str> = coded.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
            for value in [coded.clone(), folded.join("\n "), folded.join("\r\n ")] {
                assert_eq!(count("a.ldif", &format!("dn: cn=x\ndescription:: {value}\nx: y\n")), 1);
            }
        }
    }

    /// Documents and archives are refused there, and identifiers that only begin like them are not.
    #[test]
    fn files_in_ldif() {
        let broken = |bytes: &[u8]| {
            let text = format!("dn: cn=x\nobjectGUID:: {}\n", STANDARD.encode(bytes));
            inspect("a.ldif", text.as_bytes(), &Limits::default()).unwrap().broken
        };
        for file in [&b"PK\x03\x04\x14\0\0\0\x08\0"[..], b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"%PDF-1.7\n"] {
            assert!(broken(file).is_some_and(|why| why.text.contains("save it by itself")), "{file:?}");
        }
        for mark in [[0x78, 0x9C], [0x78, 0x01], [0x60, 0xEA], [0x1F, 0x9D], [0xC7, 0x71]] {
            let id = [&mark[..], b"\x90\xb1\x4e\xd2\x01\xaf\x44\x8e\xa3\x07\xc8\x55\x19\xf0"].concat();
            assert_eq!(broken(&id), None, "{id:?}");
        }
    }
}
