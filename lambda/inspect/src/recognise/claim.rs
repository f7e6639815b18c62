//! What the name of a file claims of its content.
//!
//! The extension is a claim, in any case. A number is none (`app.log.1` is a log),
//! nor is anything that is not a short word. Texts are known by a list of usual
//! extensions; any other extension is refused even if the content is text, since
//! the policy accepts known formats only.
//! Without an extension the content decides. What Windows drops at the end of a name, dots and blanks, and what shows nothing
//! hide none.

use contract::Format;
use contract::text::is_hidden;

use crate::pass::Known;

/// What a name claims of the content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Known(Format),
    Unknown(String),
    Nothing,
}

impl Claim {
    /// Reads the claim off a name or a key.
    pub(crate) fn of(known: &[Known], name: &str) -> Self {
        let Some(extension) = extension(name) else { return Self::Nothing };
        let row = known.iter().find(|row| row.extensions.contains(&extension.as_str()));
        row.map_or(Self::Unknown(extension), |row| Self::Known(row.format))
    }
}

/// The extension of a name or a key that claims something, in lower case.
pub(crate) fn extension(name: &str) -> Option<String> {
    let mut rest = name.rsplit('/').next().unwrap_or(name);
    while let Some((stem, extension)) = trimmed(rest).rsplit_once('.') {
        let word = extension.len() <= 12 && extension.bytes().all(|b| b.is_ascii_alphanumeric());
        if stem.is_empty() || extension.is_empty() || !word {
            return None;
        }
        if !extension.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(extension.to_ascii_lowercase());
        }
        rest = stem;
    }
    None
}

/// A name without what Windows drops at its end, and without what shows nothing there.
pub(super) fn trimmed(name: &str) -> &str {
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace() || is_hidden(c))
}

/// The name of what is in a gzip file: `a.csv` in `a.csv.gz`, `a.tar` in `a.tgz`.
pub(crate) fn inside(name: &str) -> String {
    let mut rest = name;
    while let Some((stem, extension)) = trimmed(rest).rsplit_once('.') {
        match extension.to_ascii_lowercase().as_str() {
            "gz" | "gzip" => return stem.to_owned(),
            "tgz" => return format!("{stem}.tar"),
            // As for the claim, a number counts the files of a name.
            number if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => rest = stem,
            _ => break,
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::FORMATS;

    #[test]
    fn claims() {
        let known = |format| Claim::Known(format);
        let table = [
            ("a/b.c/tides.CSV", known(Format::Csv)),
            ("tides.csv.gz", known(Format::Gzip)),
            ("app.log.1", known(Format::Text)),
            ("app.log.20261124.3", known(Format::Text)),
            ("profile.ini.txt", known(Format::Text)),
            ("credentials", Claim::Nothing),
            (".env", Claim::Nothing),
            ("a.csv/part-0", Claim::Nothing),
            ("dot.", Claim::Nothing),
            ("tides.csv.", known(Format::Csv)),
            ("tides.csv ", known(Format::Csv)),
            ("tides.csv. . ..", known(Format::Csv)),
            ("tides.csv\u{a0}", known(Format::Csv)),
            ("tides.csv\t\u{3000}\u{200b}.\n", known(Format::Csv)),
            ("tides.csv .1", known(Format::Csv)),
            ("tides.csv.gz..", known(Format::Gzip)),
            ("photo.PNG .", Claim::Unknown("png".to_owned())),
            (". .", Claim::Nothing),
            ("1. first draft", Claim::Nothing),
            ("v.2", Claim::Nothing),
            ("photo.PNG", Claim::Unknown("png".to_owned())),
            ("", Claim::Nothing),
        ];
        for (name, claim) in table {
            assert_eq!(Claim::of(FORMATS, name), claim, "{name}");
        }
        assert_eq!(extension("a.csv/b.HTML.20261130. "), Some("html".to_owned()));
    }

    #[test]
    fn names_inside() {
        for (name, expected) in [
            ("b/a.csv.GZ", "b/a.csv"),
            ("a.tgz", "a.tar"),
            ("a.csv.gz.1", "a.csv"),
            ("a", "a"),
            ("a.csv.gz. ", "a.csv"),
            ("a.tgz .1.", "a.tar"),
            ("a.csv .gz", "a.csv "),
        ] {
            assert_eq!(inside(name), expected);
        }
    }
}
