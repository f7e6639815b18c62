//! When an object in ingress is complete, and what becomes of one that is there already: the part of `[ingress]` that the
//! function gets with each call.

use serde::{Deserialize, Serialize};

/// What a companion's key ends in that has the digest of its file, and how many hexadecimal digits that has.
const DIGESTS: [(&str, usize); 3] = [(".md5", 32), (".sha256", 64), (".sha512", 128)];

/// How many hexadecimal digits the digest has that a companion of this end says; `None` where it says none.
#[must_use]
pub fn digits(end: &str) -> Option<usize> {
    DIGESTS.iter().find(|(of, _)| end.ends_with(of)).map(|(_, digits)| *digits)
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
        assert_eq!([".done", "md5", ".md5.old"].map(digits), [None; 3]);
    }

    #[test]
    fn only_what_comes_soon_is_a_way_of_sending() {
        let of = |settle_seconds| IngressRules { settle_seconds, ..IngressRules::default() };
        assert!(of(2).settles(0) && of(2).settles(2) && !of(2).settles(3) && !of(0).settles(0));
    }
}
