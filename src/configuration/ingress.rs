//! `[ingress]`: what a state machine, or nobody, can mean.

use super::mistake::Mistake;
use crate::vault::settings::{PrefixSettings, Settings};
use contract::ignored::Ignoring;
use contract::{Unchanged, ingress as digests};

/// Of what is no file: how many patterns, and how long one may be.
const MOST_PATTERNS: usize = 50;
const LONGEST_PATTERN: usize = 200;
/// How long an object may be left to its sender.
const MOST_SECONDS: u32 = 240;
/// Each is a look at S3 for each file.
const MOST_PAIRS: usize = 5;

/// What is wrong with it.
pub(super) fn mistakes(settings: &Settings) -> Vec<Mistake> {
    let ingress = &settings.ingress;
    let mut mistakes = vec![];
    if ingress.unchanged == Unchanged::Skip
        && (settings.vault.expire_days.is_some() || settings.vault.object_lock.is_some())
    {
        let why = "the version that is there keeps its date, so that it would expire, or its lock end, too early";
        let fix = "\"store\", or take vault.expire_days and vault.object_lock away";
        mistakes.push(Mistake::of("ingress.unchanged", "\"skip\"", why, fix));
    }
    let seconds = ingress.settle_seconds;
    if seconds > MOST_SECONDS {
        let why = "what waits longer is judged by the sweep";
        mistakes.push(Mistake::of("ingress.settle_seconds", seconds, why, format!("{MOST_SECONDS} or less")));
    }
    let count = ingress.ignore.len() + ingress.prefixes.iter().map(|own| own.ignore.len()).sum::<usize>();
    if count > MOST_PATTERNS {
        let (key, count) = ("ingress.ignore", format!("{count} patterns"));
        let why = "the state machine compares each key with all of them";
        mistakes.push(Mistake::of(
            key,
            count,
            why,
            format!("{MOST_PATTERNS} or fewer, those of all prefixes together"),
        ));
    }
    mistakes.extend(ingress.ignore.iter().filter_map(|pattern| ignored("ingress.ignore", pattern)));
    mistakes.extend(ingress.prefixes.iter().flat_map(prefix));
    mistakes.extend(pairs(&ingress.pairs, &ingress.ignoring()));
    mistakes
}

fn ignored(key: &str, pattern: &String) -> Option<Mistake> {
    let (why, fix) = match pattern {
        all if key == "ingress.ignore" && all.trim_start_matches('/').bytes().all(|byte| byte == b'*') => {
            ("nothing would be judged", "name an end, such as \"*.tmp\"")
        }
        empty if empty.is_empty() => ("it means nothing", "name an end, such as \"*.tmp\""),
        long if long.len() > LONGEST_PATTERN => ("it is longer than 200 bytes", "shorten it with a star"),
        odd => (odd_sign(odd)?, "a star instead"),
    };
    Some(Mistake::of(key, format!("{pattern:?}"), why, fix))
}

/// Why a state machine cannot compare a key with a text.
fn odd_sign(text: &str) -> Option<&'static str> {
    match text {
        odd if odd.contains('\\') => Some("a state machine takes a backslash for a sign of its own"),
        odd if odd.chars().any(char::is_control) => Some("it has a control character"),
        _ => None,
    }
}

fn prefix(own: &PrefixSettings) -> Vec<Mistake> {
    let (key, prefix) = ("ingress.prefix", &own.rules.prefix);
    let why = odd_sign(prefix).or_else(|| prefix.contains('*').then_some("it is what keys begin with, and no pattern"));
    let why = why.or_else(|| (prefix.len() > LONGEST_PATTERN).then_some("it is longer than 200 bytes"));
    let why = why.or_else(|| prefix.starts_with('/').then_some("keys that an address shows do not begin with a slash"));
    let wrong = why.map(|why| Mistake::of(key, format!("{prefix:?}"), why, "a folder, such as \"partners/acme/\""));
    wrong.into_iter().chain(own.ignore.iter().filter_map(|pattern| ignored("ingress.prefix.ignore", pattern))).collect()
}

fn pairs(pairs: &[String], ignoring: &Ignoring) -> Vec<Mistake> {
    let mut mistakes = vec![];
    if pairs.len() > MOST_PAIRS {
        let (key, count) = ("ingress.pairs", format!("{} ends", pairs.len()));
        mistakes.push(Mistake::of(key, count, "each is looked for behind each file", format!("{MOST_PAIRS} or fewer")));
    }
    for (number, end) in pairs.iter().enumerate() {
        let why = match end {
            end if end.is_empty() || end.len() > 20 => "a companion has 1 to 20 bytes more than its file",
            end if !end.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) => {
                "it is a mark of copies, which takes letters, digits and . _ - only"
            }
            end if digests::is_another_digest(end) => {
                "it looks like a digest, and cvault compares only .md5, .sha256 and .sha512 (in any case, and with sum behind them)"
            }
            end if pairs[..number].contains(end) => "it is there twice",
            _ => continue,
        };
        let fix = "an end, such as \".done\" or \".sha256\"";
        mistakes.push(Mistake::of("ingress.pairs", format!("{end:?}"), why, fix));
    }
    mistakes.extend(pairs.iter().filter_map(|end| unseen(end, ignoring)));
    mistakes
}

/// An end whose companions, or some of them, are ignored, though their files are not: those would wait for ever.
fn unseen(end: &str, ignoring: &Ignoring) -> Option<Mistake> {
    let below = &ignoring.rules.ignored_below;
    let usual = [""].into_iter().chain(below.iter().map(|own| own.prefix.as_str())).map(|folder| format!("{folder}x"));
    // What a pattern means that ends as it does.
    let like = ignoring.compared().into_iter().flat_map(|it| it.globs);
    let like = like.filter_map(|glob| glob.strip_suffix(end).map(|file| file.replace('*', "x")));
    let is_unseen = |file: &String| {
        !file.is_empty() && !file.ends_with('/') && !ignoring.means(file) && ignoring.means(&format!("{file}{end}"))
    };
    let file = usual.chain(like).find(is_unseen)?;
    let why =
        format!("ingress.ignore, or that of a prefix, means {file}{end}, so that {file} would wait for it in vain");
    let fix = "an end that no pattern means, or take the pattern away";
    Some(Mistake::of("ingress.pairs", format!("{end:?}"), why, fix))
}
