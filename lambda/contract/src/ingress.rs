//! When an object in ingress is complete, and what becomes of one that is there already: the part of `[ingress]` that the
//! function gets with each call.

use serde::{Deserialize, Serialize};

/// What the ends of a companion's key may be that has the digest of its file in it.
pub const DIGESTS: [&str; 3] = [".md5", ".sha256", ".sha512"];

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
    fn only_what_comes_soon_is_a_way_of_sending() {
        let of = |settle_seconds| IngressRules { settle_seconds, ..IngressRules::default() };
        assert!(of(2).settles(0) && of(2).settles(2) && !of(2).settles(3) && !of(0).settles(0));
    }
}
