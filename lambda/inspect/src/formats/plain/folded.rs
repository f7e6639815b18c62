//! Contacts, calendars and LDIF: long lines are folded, and go on behind a blank in the next line.
//!
//! ```text
//! NOTE:my card is 4539 1488
//!   0343 6467
//! description:: bXkgY2FyZCBpcyA0NTM5MTQ4ODAzNDM2NDY3
//! ```
//!
//! The text is looked at as it stands, and each line that is folded once more as it was. What LDIF has in base64 is
//! decoded.

use super::Text;
use crate::detect::base64;
use crate::input::checker::Checker;
use crate::input::text::Encodings;
use crate::scan::{Mask, Place, Scanner};
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
    /// A part of the line was passed on already.
    parted: bool,
    /// The lines that were folded, and what was in base64.
    lines: String,
    decoded: String,
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
            (self.line, self.goes_on, self.parted) = (rest, folded, true);
        }
        if self.lines.len() + self.decoded.len() > HELD {
            self.flush(scanner);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if let Some((name, value)) = line.split_once("::").filter(|_| !self.parted) {
            let is_name =
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b";-.".contains(&byte));
            let value = value.trim().trim_end_matches('=');
            // One sign more than whole bytes says nothing; what is no base64 may be any character.
            let value = value.get(..value.len() - usize::from(value.len() % 4 == 1)).unwrap_or_default();
            if let Some(bytes) = base64::decode(value).filter(|bytes| is_name && !bytes.is_empty()) {
                self.decoded.extend([name, ": ", &String::from_utf8_lossy(&bytes), "\n"]);
            }
        }
        if std::mem::take(&mut self.goes_on) {
            self.lines.push_str(&line);
            self.lines.push('\n');
        }
        self.parted = false;
    }

    fn flush(&mut self, scanner: &mut Scanner) {
        scanner.beside(|scanner| {
            for (echo, place, text) in [(true, "unfolded", &self.lines), (false, "base64", &self.decoded)] {
                if !text.is_empty() {
                    scanner.echo(echo);
                    scanner.begin(Mask::default(), Place::Path(place.into()));
                    scanner.text(text);
                    scanner.separate();
                }
            }
        });
        self.lines.clear();
        self.decoded.clear();
    }
}

impl Checker for Folded {
    fn encodings(&self, allowed: Encodings) -> Encodings {
        self.text.encodings(allowed)
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
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
        for text in [
            format!("description:: {coded}\n"),
            format!("description;lang-de::{first}\n {rest}\nx: y\n"),
            format!("creditCardNumber:: {}", STANDARD.encode("4000004427083831")),
        ] {
            assert_eq!(count("a.ldif", &format!("dn: cn=x\n{text}")), 1, "{text}");
        }
        assert_eq!(count("a.ldif", &format!("creditCard: x::y\njpegPhoto:: {}\n", STANDARD.encode([255, 0, 1]))), 0);
    }
}
