//! What an object says of its own bytes: `Content-Encoding: gzip` on `a.csv` makes it a CSV file in gzip.

use contract::text::is_hidden;

/// The beginning of gzip.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The name to judge an object by: with `.gz` where the object says that it is in gzip, its first bytes do too, and
/// its name does not say it already. Whatever else it says, the bytes are judged as the name has them.
pub(super) fn name(key: &str, encoding: &str, first: &[u8]) -> String {
    let is_gzip = |word: &str| ["gzip", "x-gzip"].iter().any(|gzip| word.trim().eq_ignore_ascii_case(gzip));
    if encoding.split(',').any(is_gzip) && first.starts_with(&MAGIC) && !says_gzip(key) {
        format!("{key}.gz")
    } else {
        key.to_owned()
    }
}

/// Encodings that are read by nobody here. What else a sender writes there is no text for people.
const UNREAD: [&str; 4] = ["br", "compress", "deflate", "zstd"];

/// Why bytes may not be what their name says.
pub(super) fn unread(encoding: &str) -> Option<String> {
    let is_said = |name: &&&str| encoding.split(',').any(|word| word.trim().eq_ignore_ascii_case(name));
    let name = UNREAD.iter().find(is_said)?;
    Some(format!("its Content-Encoding is {name}, which is not read: send it without one, or in gzip"))
}

/// Whether a name has an extension of gzip; numbers, which count the files of a name, may follow.
fn says_gzip(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    // As the name of a file is read: what Windows drops at its end is none of it.
    let name = name.trim_end_matches(|c: char| c == '.' || c.is_whitespace() || is_hidden(c));
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let extension = name.split('.').skip(1).filter(|word| !is_number(word)).last().unwrap_or_default();
    ["gz", "gzip", "tgz"].iter().any(|gzip| extension.eq_ignore_ascii_case(gzip))
}

#[cfg(test)]
mod tests {
    use super::*;
    use inspect::{Format, Kind, Limits, inspect};

    const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0];

    #[test]
    fn gzip_is_said_once() {
        for (key, encoding, expected) in [
            ("d/a.csv", "gzip", "d/a.csv.gz"),
            ("d/a.csv", "GZIP", "d/a.csv.gz"),
            ("d/a.csv", "aws-chunked, x-gzip", "d/a.csv.gz"),
            ("d/a", "gzip", "d/a.gz"),
            ("d.gz/a.csv", "gzip", "d.gz/a.csv.gz"),
            ("a.log.1", "gzip", "a.log.1.gz"),
            ("a.csv.gz .", "gzip", "a.csv.gz ."),
            ("a.csv .", "gzip", "a.csv ..gz"),
            ("a.csv.gz", "gzip", "a.csv.gz"),
            ("a.csv.GZ.1", "gzip", "a.csv.GZ.1"),
            ("a.tgz", "gzip", "a.tgz"),
            ("a.csv", "", "a.csv"),
            ("a.csv", "br", "a.csv"),
        ] {
            assert_eq!(name(key, encoding, GZIP), expected, "{key} {encoding}");
        }
        assert_eq!(name("a.csv", "gzip", b"a,b\n"), "a.csv", "it is not");
        assert_eq!(name("a.csv", "gzip", b""), "a.csv");
    }

    #[test]
    fn what_is_not_read_is_said() {
        let said = |encoding: &str| unread(encoding).map(|why| why.contains(" br,"));
        assert_eq!([said("BR"), said("gzip, br"), said("deflate")], [Some(true), Some(true), Some(false)]);
        assert_eq!([said(""), said("gzip"), said("identity"), said("broken"), said("run this, now")], [None; 5]);
    }

    /// As the inspection takes the name.
    #[test]
    fn what_is_inside_is_judged_by_the_name_s_own_format() {
        let file = include_bytes!("../../../inspect/tests/samples/integrity/tides_cut.csv.gz");
        let judge =
            |key: &str, encoding: &str| inspect(&name(key, encoding, file), &file[..], &Limits::default()).unwrap();
        let cut = judge("tides.csv", "gzip");
        assert_eq!((cut.format, cut.broken.unwrap().kind), (Some(Format::Gzip), Kind::Truncated));
        assert_eq!(judge("tides.csv", "").broken.unwrap().kind, Kind::Mismatch);
    }
}
