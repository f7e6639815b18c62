//! When an object in ingress is complete, and what becomes of one that is there already: the part of `[ingress]` that the
//! function gets with each call.

use crate::ignored::PrefixIgnored;
use serde::{Deserialize, Serialize};

/// What the end of a companion calls the digest of its file that is compared, and how many hexadecimal digits that has.
const DIGESTS: [(&str, usize); 3] = [("md5", 32), ("sha256", 64), ("sha512", 128)];
/// What it may call another one, or does not say which; numbers may follow.
const OTHERS: [&str; 21] = [
    "sha",
    "shake",
    "crc",
    "crc32c",
    "md2",
    "md4",
    "blake",
    "blake2b",
    "blake2s",
    "b2",
    "b3",
    "ripemd",
    "rmd",
    "whirlpool",
    "xxh",
    "adler",
    "sfv",
    "cksum",
    "checksum",
    "digest",
    "hash",
];

/// How many hexadecimal digits the digest has that a companion of this end says (`.md5`, `.sha256`, `.sha512`, `.md5sum` and so
/// on, in any case); `None` where it says none.
#[must_use]
pub fn digits(end: &str) -> Option<usize> {
    kinds(end).find_map(|kind| DIGESTS.iter().find(|(of, _)| without_sum(&kind) == *of).map(|(_, digits)| *digits))
}

/// Whether a companion of this end seems to have a digest that nobody compares, such as `.sha1`.
#[must_use]
pub fn is_another_digest(end: &str) -> bool {
    let is_other = |kind: String| {
        let kind = kind.trim_end_matches('s');
        let name = without_sum(kind);
        [kind, name, name.trim_end_matches(|c: char| c.is_ascii_digit())].iter().any(|it| OTHERS.contains(it))
    };
    digits(end).is_none() && kinds(end).any(is_other)
}

/// What an end may call a digest: what stands behind its last sign, and behind its last dot.
fn kinds(end: &str) -> impl Iterator<Item = String> {
    let signs = ['.', '_', '-'];
    let words = [end.rsplit_once(signs), end.rsplit_once('.')].into_iter().flatten();
    words.map(move |(_, word)| word.replace(signs, "").to_ascii_lowercase())
}

/// The name of a digest of a file's, or of a tool's: `md5` of `md5sum` and of `md5sums`.
fn without_sum(kind: &str) -> &str {
    kind.trim_end_matches('s').strip_suffix("sum").unwrap_or(kind)
}

/// The rules of ingress.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IngressRules {
    /// How long an object is left to its sender before it is judged, in seconds.
    pub settle_seconds: u32,
    /// What the key of a companion has behind that of its file: a file is judged once one of them is there.
    pub pairs: Vec<String>,
    /// What becomes of the bytes that the vault has already.
    pub unchanged: Unchanged,
    /// What is no file below prefixes, where one has patterns of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored_below: Vec<PrefixIgnored>,
}

/// What becomes of a clean file with the bytes of the version that is current in the vault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unchanged {
    /// It is stored as a version of its own.
    #[default]
    Store,
    /// The version that is there stands for it.
    Skip,
}

impl IngressRules {
    /// Whether what happened to a version within so many seconds was its sender's way of sending.
    #[must_use]
    pub fn settles(&self, seconds: i64) -> bool {
        self.settle_seconds > 0 && seconds <= i64::from(self.settle_seconds)
    }

    /// The key of the file whose companion this is.
    #[must_use]
    pub fn file_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        let files = self.pairs.iter().filter_map(|end| key.strip_suffix(end.as_str()));
        files.filter(|file| !file.is_empty() && !file.ends_with('/')).min_by_key(|file| file.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companion_has_its_file() {
        let pairs = [".done", ".sha256", ".x.done"].map(str::to_owned).into();
        let rules = IngressRules { pairs, ..IngressRules::default() };
        for (key, file) in [
            ("a.csv.done", Some("a.csv")),
            ("in/a.csv.sha256", Some("in/a.csv")),
            ("a.x.done", Some("a")),
            ("a.csv", None),
            (".done", None),
            ("in/.done", None),
            ("a.done.csv", None),
        ] {
            assert_eq!(rules.file_of(key), file, "{key}");
        }
    }

    #[test]
    fn a_digest_is_known_by_the_end() {
        assert_eq!([".md5", ".csv.sha256", ".sha512"].map(digits), [Some(32), Some(64), Some(128)]);
        assert_eq!([".MD5", ".Sha256", ".SHA-512"].map(digits), [Some(32), Some(64), Some(128)]);
        assert_eq!([".md5sum", ".SHA256SUMS", "_sha512sum"].map(digits), [Some(32), Some(64), Some(128)]);
        assert_eq!([".done", "md5", ".md5.old"].map(digits), [None; 3]);
        for end in
            [".sha1", ".SHA", ".sha1sum", ".sha384", ".sha3-256", ".crc", ".crc32", ".crc32c", ".b2sum", ".blake3"]
        {
            assert!(is_another_digest(end) && digits(end).is_none(), "{end}");
        }
        for end in [".cksum", ".checksum", ".sfv", ".hash", ".digest", ".sha512-256", ".md4", ".xxh64"] {
            assert!(is_another_digest(end) && digits(end).is_none(), "{end}");
        }
        for end in
            [".done", ".ctl", ".ok", ".md5", ".sha256sum", ".trigger", ".sum.done", ".md", ".check", ".shape", ".fin"]
        {
            assert!(!is_another_digest(end), "{end}");
        }
    }

    #[test]
    fn only_what_comes_soon_is_a_way_of_sending() {
        let of = |settle_seconds| IngressRules { settle_seconds, ..IngressRules::default() };
        assert!(of(2).settles(0) && of(2).settles(2) && !of(2).settles(3) && !of(0).settles(0));
    }
}
