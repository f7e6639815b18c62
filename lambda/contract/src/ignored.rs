//! Which objects of ingress are no files: not judged, not moved, and told of by their number only.
//!
//! A pattern means a name, of a file or of a folder: it holds where a key, or what stands behind one of its slashes, is as
//! the pattern says, in which `*` is anything. With a slash in front it means whole keys, as in a `.gitignore`: `/a/*.tmp`.
//! What a prefix has of its own holds where no longer one does. A companion of what is no file is none either.
//! EventBridge says a part of the patterns ([`suffixes`]), so that those cost nothing; both state machines say all of them
//! ([`Ignoring::compared`]); the sweep and `cvault status` ask [`Ignoring::means`].
//!
//! `.` and `..` are the folder itself and the one above, and S3 takes them for names: a pattern that means hidden names does
//! not mean a key with one of them. Step Functions cannot tell which part of such a key a star stands for, so that a hidden
//! name in it is judged, too.

use crate::canary;
use crate::ingress::IngressRules;
use crate::prefix;
use serde::{Deserialize, Serialize};

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

/// The keys that have a name which is `.` or `..`.
const DOTS: [&str; 8] = [".", "..", "./*", "../*", "*/.", "*/..", "*/./*", "*/../*"];

/// What nobody judges.
#[derive(Clone, Debug, Default)]
pub struct Ignoring {
    /// The patterns of what is no file.
    pub patterns: Vec<String>,
    /// What a sender has taken back within that time was never to be judged, nor is the companion of what is no file; and what
    /// is none below a prefix.
    pub rules: IngressRules,
}

/// A key is no file where it is as one of some texts says, and as none of others, in which `*` is anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// One of these.
    pub globs: Vec<String>,
    /// None of these.
    pub but_not: Vec<String>,
}

impl Ignoring {
    /// Whether a version is nobody's to judge: its key, when it was stored, and when a delete marker was put upon it, if
    /// that is current; in seconds since 1970.
    #[must_use]
    pub fn ignores(&self, key: &str, stored_at: i64, removed_at: Option<i64>) -> bool {
        self.means(key)
            || !canary::is_reserved(key) && removed_at.is_some_and(|removed| self.rules.settles(removed - stored_at))
    }

    /// Whether the key is that of no file, or of the companion of none.
    #[must_use]
    pub fn means(&self, key: &str) -> bool {
        let own = prefix::longest(&self.rules.ignored_below, |own| &own.prefix, key);
        let has_dots = key.split('/').any(|name| matches!(name, "." | ".."));
        let fits = |patterns: &[String], key: &str| fits_any(patterns, key, has_dots);
        let is_none = |key: &str| {
            let below = |own: &PrefixIgnored| key.strip_prefix(&own.prefix).is_some_and(|rest| fits(&own.ignore, rest));
            fits(&self.patterns, key) || own.is_some_and(below)
        };
        let files = self.rules.pairs.iter().filter_map(|end| key.strip_suffix(end.as_str()));
        let mut files = files.filter(|file| !file.is_empty() && !file.ends_with('/'));
        !canary::is_reserved(key) && (is_none(key) || files.any(is_none))
    }

    /// The same for a state machine.
    #[must_use]
    pub fn compared(&self) -> Vec<Compared> {
        let below = &self.rules.ignored_below;
        let longer = |than: &str| {
            let longer = below.iter().filter(|own| own.prefix.len() > than.len() && own.prefix.starts_with(than));
            longer.map(|own| format!("{}*", own.prefix)).collect::<Vec<_>>()
        };
        let own = below.iter().map(|own| (own.prefix.as_str(), &own.ignore, longer(&own.prefix)));
        let all = [("", &self.patterns, vec![])].into_iter().chain(own);
        let compared = all.flat_map(|(prefix, patterns, but_not)| {
            let (hidden, others): (Vec<_>, Vec<_>) = patterns.iter().partition(|pattern| is_of_hidden(pattern));
            let dots = DOTS.iter().map(|dots| (*dots).to_owned());
            let of_hidden = but_not.iter().cloned().chain(dots).collect();
            [(others, but_not), (hidden, of_hidden)].map(|(patterns, but_not)| {
                let globs = patterns.into_iter().flat_map(|pattern| globs(prefix, pattern));
                Compared { globs: globs.flat_map(|glob| self.with_companions(glob)).collect(), but_not }
            })
        });
        compared.filter(|compared| !compared.globs.is_empty()).collect()
    }

    /// A text that keys are compared with, and those for the companions of what it means. A folder has none, and a star at the
    /// end means them as well.
    fn with_companions(&self, glob: String) -> Vec<String> {
        let ends = if glob.ends_with(['/', '*']) { &[] } else { &self.rules.pairs[..] };
        let companions: Vec<_> = ends.iter().map(|end| format!("{glob}{end}")).collect();
        [vec![glob], companions].concat()
    }
}

/// What is no file below a prefix, beside what is none anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PrefixIgnored {
    /// What the keys begin with.
    pub prefix: String,
    /// The patterns, of what stands behind it.
    pub ignore: Vec<String>,
}

/// Whether the key, or what stands behind a prefix of it, is one that a pattern means: not a pattern of hidden names where the
/// key has a name of dots.
fn fits_any(patterns: &[String], key: &str, has_dots: bool) -> bool {
    let names = || key.match_indices('/').map(|(at, _)| &key[at + 1..]).chain([key]).filter(|name| !name.is_empty());
    patterns.iter().filter(|pattern| !has_dots || !is_of_hidden(pattern)).any(|pattern| {
        let means = |name: &str| fits(pattern.as_bytes(), name.as_bytes());
        if let Some(whole) = pattern.strip_prefix('/') {
            return fits(whole.as_bytes(), key.as_bytes());
        }
        // A star takes folders too: what ends so does so as a whole, and thousands of slashes cost nothing.
        if pattern.starts_with('*') { means(key) } else { names().any(means) }
    })
}

/// Whether a pattern means names that are hidden, whatever stands behind their dot.
fn is_of_hidden(pattern: &str) -> bool {
    pattern.split('/').any(|name| name.starts_with(".*") || name.starts_with("..*"))
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

/// The texts of whole keys that say a pattern below a prefix, in which `*` is anything.
fn globs(prefix: &str, pattern: &str) -> Vec<String> {
    match pattern.strip_prefix('/') {
        Some(whole) => vec![format!("{prefix}{whole}")],
        None if pattern.starts_with('*') => vec![format!("{prefix}{pattern}")],
        None => vec![format!("{prefix}{pattern}"), format!("{prefix}*/{pattern}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Vec<String> {
        USUAL.map(str::to_owned).into()
    }

    fn is_ignored(patterns: &[String], key: &str) -> bool {
        Ignoring { patterns: patterns.into(), ..Ignoring::default() }.means(key)
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
    }

    /// Patterns, ends of companions, and prefixes with patterns of their own.
    fn ignoring(patterns: &[&str], pairs: &[&str], below: &[(&str, &[&str])]) -> Ignoring {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let below =
            below.iter().map(|(prefix, ignore)| PrefixIgnored { prefix: (*prefix).into(), ignore: owned(ignore) });
        let rules = IngressRules { pairs: owned(pairs), ignored_below: below.collect(), ..IngressRules::default() };
        Ignoring { patterns: owned(patterns), rules }
    }

    /// Whether a key is no file, as all who ask have it.
    fn is_none(ignoring: &Ignoring, key: &str) -> bool {
        let fits = |glob: &String| fits(glob.as_bytes(), key.as_bytes());
        let is_compared = |it: &Compared| it.globs.iter().any(fits) && !it.but_not.iter().any(fits);
        let compared = ignoring.compared().iter().any(is_compared);
        assert_eq!(ignoring.means(key), compared, "{key}");
        compared
    }

    #[test]
    fn a_prefix_has_patterns_of_its_own() {
        let ignoring = ignoring(&[], &[], &[("in/", &["*.bak", "_DONE", "/x", ".*"])]);
        for key in ["in/a.bak", "in/_DONE", "in/b/c/_DONE", "in/x", "in/.a", "in/b/.a"] {
            assert!(is_none(&ignoring, key), "{key}");
        }
        for key in ["a.bak", "_DONE", "on/_DONE", "in/b/x", "in/a_DONE", ".in/a", "in/../a"] {
            assert!(!is_none(&ignoring, key), "{key}");
        }
    }

    /// As with each other rule of a prefix: of several that fit, the longest holds.
    #[test]
    fn the_patterns_of_the_longest_prefix_hold() {
        let own: &[_] = &[("p/", &["*.bak", ".*"][..]), ("p/q/", &[]), ("p/r/", &["*.old"]), ("p/q/s/", &["/x*"])];
        let ignoring = ignoring(&["*.tmp"], &[".done"], own);
        for key in ["p/a.bak", "p/.a", "p/q.bak", "p/q/a.tmp", "p/r/a.old", "p/q/s/x", "p/a.bak.done", "p/qq/a.bak"] {
            assert!(is_none(&ignoring, key), "{key}");
        }
        for key in ["p/q/a.bak", "p/q/.a", "p/r/a.bak", "p/q/s/a.bak", "p/a.old", "p/q/x", "p/q/a.bak.done", "q/a.bak"]
        {
            assert!(!is_none(&ignoring, key), "{key}");
        }
    }

    /// Otherwise its event would have the file judged that is none.
    #[test]
    fn the_companion_of_what_is_no_file_is_none() {
        let ignoring = ignoring(&["*.tmp", "_SUCCESS", "/whole", "*/", ".*"], &[".done", ".sha256"], &[]);
        for key in
            ["a.tmp.done", "in/a.tmp.sha256", "_SUCCESS.done", "in/_SUCCESS.sha256", "whole.done", ".a.done", "a/"]
        {
            assert!(is_none(&ignoring, key), "{key}");
        }
        for key in ["a.csv.done", "in/whole.done", "a.tmp.md5", "a.tmp.done.csv", "x_SUCCESS.done", "a/..done"] {
            assert_eq!(is_none(&ignoring, key), key == "a/..done", "{key}");
        }
        // In a folder it is the companion of nothing.
        let folders = super::tests::ignoring(&["*/"], &[".done"], &[]);
        assert!(is_none(&folders, "a/") && !is_none(&folders, "a/.done"));
    }

    #[test]
    fn the_folder_itself_is_no_hidden_name() {
        let ignoring = ignoring(&USUAL, &[], &[]);
        for key in [".", "..", "./data/x.csv", "../x.csv", "in/../y.csv", "a/..", "a/.", "a/./b.csv", "./a/.b"] {
            assert!(!is_none(&ignoring, key), "{key}");
        }
        for key in [".a", "..csv", "...", "a/..csv", "a/.b/c", "./a.tmp", "a/../"] {
            assert!(is_none(&ignoring, key), "{key}");
        }
    }

    /// What the rule does not even pass on is what the others mean, and the state machine means all of it.
    #[test]
    fn all_who_ask_mean_the_same() {
        assert_eq!(suffixes(&usual(), 12), ["/", "/_SUCCESS"][..1]);
        let ends = suffixes(&usual(), 1000);
        assert!(ends.contains(&".tmp".into()) && ends.contains(&"/_SUCCESS".into()) && ends.len() == 12);
        let patterns = [&usual()[..], &["/in/*.bak".to_owned()]].concat();
        let ends = [ends, suffixes(&patterns[USUAL.len()..], 1000)].concat();
        let ignoring = Ignoring { patterns, ..Ignoring::default() };
        let keys = ["in/", ".a", "x/.a", "a.tmp", "x/a.tmp", "_SUCCESS", "x/_SUCCESS", "a.csv", "x/a.csv", "x.tmp/a"];
        let own = ["in/a.bak", "x/in/a.bak", "a.bak"];
        let jobs =
            ["_temporary/a", "x/_temporary/a", "x_temporary/a", "a_$folder$", "x/_committed_1", "a.inprogress.1"];
        for key in keys.into_iter().chain(own).chain(jobs) {
            let ignored = is_none(&ignoring, key);
            assert!(ignored || !ends.iter().any(|end| key.ends_with(end.as_str())), "{key}");
        }
    }
}
