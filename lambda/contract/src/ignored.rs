//! Which objects of ingress are no files: not judged, not moved, and told of by their number only.
//!
//! A pattern means a name, of a file or of a folder: it holds where a key, or what stands behind one of its slashes, is as
//! the pattern says, in which `*` is anything. With a slash in front it means whole keys, as in a `.gitignore`: `/a/*.tmp`. EventBridge says a part of the patterns ([`suffixes`]), so that those cost
//! nothing; both state machines say all of them ([`globs`]); the sweep and `cvault status` ask [`is_ignored`].

use crate::canary;
use crate::ingress::IngressRules;

/// What is no file unless somebody says otherwise: markers of folders, hidden and temporary names, marks of jobs. Hadoop,
/// Spark and Flink copy from these names to the final ones, each of which is an event of its own. Case matters.
pub const USUAL: [&str; 18] = [
    "*/",
    ".*",
    "~$*",
    "*.filepart",
    "*.part",
    "*.partial",
    "*.tmp",
    "*.crdownload",
    "*.crc",
    "_SUCCESS",
    "_started_*",
    "_committed_*",
    "_temporary/*",
    "*_$folder$",
    "*._COPYING_",
    "*.inprogress*",
    "*.TMP",
    "*.PART",
];

/// What of a listing of ingress nobody judges.
#[derive(Clone, Debug, Default)]
pub struct Ignoring {
    /// The patterns of what is no file.
    pub patterns: Vec<String>,
    /// What a sender has taken back within that time was never to be judged.
    pub rules: IngressRules,
}

impl Ignoring {
    /// Whether a version is nobody's to judge: its key, when it was stored, and when a delete marker was put upon it, if
    /// that is current; in seconds since 1970.
    #[must_use]
    pub fn ignores(&self, key: &str, stored_at: i64, removed_at: Option<i64>) -> bool {
        is_ignored(&self.patterns, key)
            || !canary::is_reserved(key) && removed_at.is_some_and(|removed| self.rules.settles(removed - stored_at))
    }
}

/// Whether the key is one that a pattern means. The files of `cvault verify` are none: their way is what it proves.
#[must_use]
pub fn is_ignored(patterns: &[String], key: &str) -> bool {
    if canary::is_reserved(key) {
        return false;
    }
    let names = || key.match_indices('/').map(|(at, _)| &key[at + 1..]).chain([key]).filter(|name| !name.is_empty());
    patterns.iter().any(|pattern| {
        let means = |name: &str| fits(pattern.as_bytes(), name.as_bytes());
        if let Some(whole) = pattern.strip_prefix('/') {
            return fits(whole.as_bytes(), key.as_bytes());
        }
        // A star takes folders too: what ends so does so as a whole, and thousands of slashes cost nothing.
        if pattern.starts_with('*') { means(key) } else { names().any(means) }
    })
}

/// Whether a text is as a pattern says: the last star takes more as long as the rest does not fit.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(byte) if *byte == text[from] => (at, from) = (at + 1, from + 1),
            _ => {
                let Some((behind, taken)) = star else { return false };
                star = Some((behind, taken + 1));
                (at, from) = (behind, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// The ends of keys that the patterns mean which mean nothing else, up to so many bytes.
#[must_use]
pub fn suffixes(patterns: &[String], most: usize) -> Vec<String> {
    let suffix = |pattern: &String| match pattern.strip_prefix('*') {
        Some(end) if !end.is_empty() && !end.contains('*') => Some(end.to_owned()),
        // A name without a star; at the beginning of a key only the state machine sees it.
        None if !pattern.contains('*') && !pattern.starts_with('/') => Some(format!("/{pattern}")),
        _ => None,
    };
    let mut left = most;
    patterns
        .iter()
        .filter_map(suffix)
        .take_while(|suffix| {
            let fits = suffix.len() + 4 <= left;
            left = left.saturating_sub(suffix.len() + 4);
            fits
        })
        .collect()
}

/// The patterns of whole keys that a state machine compares with, in which `*` is anything.
#[must_use]
pub fn globs(patterns: &[String]) -> Vec<String> {
    let globs = |pattern: &String| match pattern.strip_prefix('/') {
        Some(whole) => vec![whole.to_owned()],
        None if pattern.starts_with('*') => vec![pattern.clone()],
        None => vec![pattern.clone(), format!("*/{pattern}")],
    };
    patterns.iter().flat_map(globs).collect()
}

/// The patterns that mean below a prefix what these mean everywhere.
#[must_use]
pub fn below(prefix: &str, patterns: &[String]) -> Vec<String> {
    let below = |pattern: &String| match pattern.strip_prefix('/') {
        Some(whole) => vec![format!("/{prefix}{whole}")],
        None if pattern.starts_with('*') => vec![format!("/{prefix}{pattern}")],
        None => vec![format!("/{prefix}{pattern}"), format!("/{prefix}*/{pattern}")],
    };
    patterns.iter().flat_map(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Vec<String> {
        USUAL.map(str::to_owned).into()
    }

    #[test]
    fn markers_and_temporary_names_are_no_files() {
        for key in [
            "in/",
            "in/2026/",
            ".hidden",
            "in/.a.csv.swp",
            ".git/config",
            "in/~$stock.xlsx",
            "a.csv.filepart",
            "in/a.csv.part",
            "a.partial",
            "in/a.tmp",
            "a.crdownload",
            "in/.part-0000.csv.crc",
            "_SUCCESS",
            "in/_SUCCESS",
            "in/_started_4711",
            "_started_4711/a.csv",
            "out/_committed_4711",
            "_temporary/0/part-00000.csv",
            "out/_temporary/0/_temporary/attempt_0/part-00000.csv",
            "out/_temporary/",
            "out_$folder$",
            "in/out_$folder$",
            "in/a.csv._COPYING_",
            "out/part-0-0.inprogress.4711",
            "in/A.TMP",
            "a.csv.PART",
        ] {
            assert!(is_ignored(&usual(), key), "{key}");
        }
        for key in [
            "a.csv",
            "in/a.csv",
            "my_SUCCESS",
            "_SUCCESS.csv",
            "in/_SUCCESS/a.csv",
            "a.tmp.csv",
            "in.part/a.csv",
            "a.Tmp",
            "_temporary",
            "my_temporary/a.csv",
            "_temporary.csv",
            "_COPYING_",
            "a_$folder$.csv",
            "inprogress.csv",
            "a~$b.csv",
            "",
            "part",
            "a..csv",
            ".cvault/verify/clean.csv",
        ] {
            assert!(!is_ignored(&usual(), key), "{key}");
        }
        assert!(!is_ignored(&[], "in/"));
    }

    #[test]
    fn stars_take_anything() {
        let is = |pattern: &str, key: &str| is_ignored(&[pattern.to_owned()], key);
        assert!(is("a*b*c", "abc") && is("a*b*c", "in/a1b2b3c") && is("*ab", "aab") && is("a*", "a"));
        assert!(!is("a*b*c", "acb") && !is("ab*ab", "ab") && !is("a", "ab") && !is("*.a", "a"));
        assert!(is("old/*", "old/x/y.csv") && is("old/*", "in/old/y.csv") && !is("old/*", "older/y.csv"));
    }

    #[test]
    fn a_slash_in_front_means_whole_keys() {
        let is = |patterns: &[&str], key: &str| {
            is_ignored(&patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>(), key)
        };
        assert!(is(&["/in/*.bak"], "in/a.bak") && is(&["/in/*.bak"], "in/b/a.bak") && is(&["/a"], "a"));
        assert!(!is(&["/in/*.bak"], "x/in/a.bak") && !is(&["/a"], "b/a") && !is(&["/"], "a/"));
        let of = ["*.bak", "_DONE", "/x"].map(str::to_owned);
        let below = below("in/", &of);
        assert_eq!(below, ["/in/*.bak", "/in/_DONE", "/in/*/_DONE", "/in/x"]);
        for key in ["in/a.bak", "in/_DONE", "in/b/c/_DONE", "in/x"] {
            assert!(is_ignored(&below, key), "{key}");
        }
        for key in ["a.bak", "_DONE", "on/_DONE", "in/b/x", "in/a_DONE"] {
            assert!(!is_ignored(&below, key), "{key}");
        }
    }

    /// What the rule does not even pass on is what the others mean, and the state machine means all of it.
    #[test]
    fn all_who_ask_mean_the_same() {
        assert_eq!(suffixes(&usual(), 12), ["/", "/_SUCCESS"][..1]);
        let (ends, globs) = (suffixes(&usual(), 1000), globs(&usual()));
        assert!(ends.contains(&".tmp".into()) && ends.contains(&"/_SUCCESS".into()) && ends.len() == 12);
        let own = ["/in/*.bak".to_owned()];
        let patterns = [&usual()[..], &own].concat();
        let (ends, globs) = ([ends, suffixes(&own, 1000)].concat(), [globs, super::globs(&own)].concat());
        let keys = ["in/", ".a", "x/.a", "a.tmp", "x/a.tmp", "_SUCCESS", "x/_SUCCESS", "a.csv", "x/a.csv", "x.tmp/a"];
        let own = ["in/a.bak", "x/in/a.bak", "a.bak"];
        let jobs =
            ["_temporary/a", "x/_temporary/a", "x_temporary/a", "a_$folder$", "x/_committed_1", "a.inprogress.1"];
        for key in keys.into_iter().chain(own).chain(jobs) {
            let ignored = is_ignored(&patterns, key);
            let compared = globs.iter().any(|glob| fits(glob.as_bytes(), key.as_bytes()));
            assert_eq!(ignored, compared, "{key}");
            assert!(ignored || !ends.iter().any(|end| key.ends_with(end.as_str())), "{key}");
        }
    }
}
