//! Plain text: any text that is not blank.
//!
//! Lines may be of any length, so nothing is held but the start of the first
//! line, which may be the header of a fixed-width table. All characters are looked at as they stand:
//! markup, escapes and comments of the many languages in [`EXTENSIONS`] are text like any other. HTML is looked
//! at once more as browsers show it, and in SQL the values of rows have the names of their columns.

mod folded;
mod html;
mod sql;

use crate::input::checker::{Checker, check_text};
use crate::input::text::Encodings;
use crate::pass::{Content, Input, Named, Pass};
use crate::recognise::extension;
use crate::scan::{HeaderLine, Scanner};
use crate::verdict::{Fault, Stop};
use folded::Folded;
use html::Html;
use sql::Sql;

/// Extensions of plain text, for people and for programs.
pub(crate) const EXTENSIONS: &[&str] = &[
    "txt",
    "text",
    "prn",
    "dat",
    "fwf",
    "asc",
    "log",
    "out",
    "err",
    "md",
    "markdown",
    "rst",
    "adoc",
    "tex",
    "srt",
    "vtt",
    "sql",
    "ddl",
    "yaml",
    "yml",
    "toml",
    "ini",
    "conf",
    "config",
    "cfg",
    "cnf",
    "properties",
    "env",
    "html",
    "htm",
    "css",
    "js",
    "ts",
    "py",
    "rb",
    "pl",
    "php",
    "java",
    "kt",
    "go",
    "rs",
    "c",
    "h",
    "cpp",
    "hpp",
    "cs",
    "swift",
    "r",
    "sh",
    "bash",
    "ps1",
    "bat",
    "tf",
    "eml",
    "ics",
    "vcf",
    "ldif",
    "diff",
    "patch",
    "pem",
    "key",
    "crt",
    "asn",
    "edi",
];

/// Judges plain text.
pub(crate) fn check(file: Named, Input { stream, .. }: Input, pass: &mut Pass) -> Result<(), Stop> {
    // What claims is not always what stands last: `a.html.1` is a page.
    let extension = extension(file.name).unwrap_or_default();
    let is = |extensions: &[&str]| extensions.contains(&extension.as_str());
    if file.content == Content::Page || is(html::EXTENSIONS) {
        return check_text(file.format, stream, Html::of(&extension), pass);
    }
    if is(folded::EXTENSIONS) {
        return check_text(file.format, stream, Folded::default(), pass);
    }
    if is(sql::EXTENSIONS) {
        return check_text(file.format, stream, Sql::default(), pass);
    }
    check_text(file.format, stream, Text::default(), pass)
}

/// The checker of plain text.
#[derive(Default)]
pub(crate) struct Text {
    header: HeaderLine,
}

impl Checker for Text {
    fn encodings(&self, allowed: Encodings) -> Encodings {
        allowed
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.header.take(text, scanner);
        scanner.text(text);
        Ok(())
    }

    fn finish(&mut self, _: &mut Scanner) -> Result<(), Fault> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Limits, inspect};

    #[test]
    fn a_header_names_the_columns_under_it() {
        let rows = "       1 basin                       4000004427083831        7820.37\r\n".repeat(3);
        let count = |header: &str| {
            let text = format!("\r\n{header}\r\n{}\r\n{rows}", "-".repeat(90));
            let answer = inspect("a.txt", text.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(answer.broken, None);
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        assert_eq!(count("     SEQ STATION                     CREDIT CARD NUMBER      READING"), 3);
        assert_eq!(count("     SEQ STATION                                 CARD        READING"), 3);
        assert_eq!(count("     SEQ STATION                     CARD_NO                 READING"), 3);
        assert_eq!(count("     SEQ STATION                     LABEL                   READING"), 0);
        assert_eq!(count("    CARD STATION                     LABEL                   READING"), 0);
        assert_eq!(count("     SEQ STATION                     LABEL                   CARD"), 0);
        assert_eq!(count("     SEQ STATION              CARD                           READING"), 3);
    }

    #[test]
    fn a_header_names_the_fields_under_it() {
        let count = |text: &str| {
            let answer = inspect("a.txt", text.as_bytes(), &Limits::default()).unwrap();
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        let rows = "a long word that keeps all others away,4000004427083831,1\n".repeat(3);
        assert_eq!(count(&format!("label,credit_card,c\n{rows}")), 3);
        assert_eq!(count(&format!("label,credit_card,c\r\n{}", rows.replace('\n', "\r\n"))), 3);
        assert_eq!(count(&format!("label|credit_card|c\n{}", rows.replace(',', "|"))), 3);
        assert_eq!(count(&format!("credit_card,label,c\n{rows}")), 0);
        assert_eq!(count(&format!("REPORT OF THE CARDS\r\n\r\nlabel,credit_card,c\r\n{rows}")), 3, "below a title");
        assert_eq!(count(&format!("HDR20261130\nlabel|card|c\n{}", rows.replace(',', "|"))), 3);
        assert_eq!(count(&format!("# Tides\n| label | card | c |\n|--|--|--|\n{}", rows.replace(',', " | "))), 0);
        let below = |titles: &str| count(&format!("{titles}\nlabel,number,phone\n{rows}"));
        assert_eq!([below("CARD"), below("CARD\nPASSPORT"), below("PASSPORT")], [3, 3, 0], "what a title says stays");
        assert_eq!(below("CARD that was used"), 0, "no word of the title over it");
        let two = "a long word that keeps all others away,4000004427083831\nmy phone; of mine\n".repeat(3);
        assert_eq!(count(&format!("label,card\n{two}")), 3, "no line below the header says otherwise");
        assert_eq!(count(&format!("label,x,c\nmy card; another;\n{rows}")), 0, "not as many fields");
        assert_eq!(count(&format!("a,b,c\n{}label,card,c\n{rows}", "1,2,3\n".repeat(99))), 0, "too far down");
        assert_eq!(count(&format!("label,credit_card\n{rows}")), 0);
        let long = format!("label,credit_card,c\n{}{},1\n", rows.repeat(1000), "x".repeat(4000));
        assert_eq!(count(&long), 3000);
        let long = format!("label,card,c\n{}", rows.replace(",1", &format!(",{}", "x".repeat(600))).repeat(100));
        assert_eq!(count(&long), 0, "no line is searched that far");
    }
}
