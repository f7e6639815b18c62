//! The managed and the custom identifiers, ready for a scan.

use std::fmt;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::{Detector, MANAGED, Sign};
use crate::detect::keyword::Keywords;
use contract::custom::{self, CustomError, CustomIdentifier};
use contract::severity::{self, Severity, SeverityLevel};

/// The longest run of letters and digits that is told from longer ones.
const RUN: usize = 63;

/// The length of runs that go on behind a sign of base64.
const JOINED: usize = 0;

/// The length of runs of digits that go on with letters.
const MIXED: usize = 62;

/// A set of managed detectors, one bit for each.
pub(crate) type Set = u64;

const _: () = assert!(MANAGED.len() <= 64, "a set has no more bits");

/// What is looked for. Cheap to clone.
#[derive(Clone)]
pub struct Detectors(Arc<Table>);

struct Table {
    identities: Vec<Identity>,
    /// The first identity of each managed detector.
    firsts: Vec<usize>,
    customs: Vec<Custom>,
    keywords: Keywords,
    /// Those whose values may start with two letters and two digits, or with a plus, and need no keyword.
    accounts: Set,
    pluses: Set,
    /// The managed detectors by how values may start: with a byte, and with a run of a length.
    by_byte: [Set; 256],
    by_run: Vec<Set>,
}

/// An identifier, and what findings of it are worth.
pub(crate) struct Identity {
    pub(crate) name: String,
    levels: Vec<SeverityLevel>,
}

impl Identity {
    /// The severity of so many occurrences, if they are a finding.
    pub(crate) fn severity(&self, count: u64) -> Option<Severity> {
        severity::of(count, &self.levels)
    }
}

/// A custom identifier.
pub(crate) struct Custom {
    pub(crate) regex: Regex,
    /// Its number among all detectors, and its identity.
    pub(crate) detector: u16,
    pub(crate) identity: usize,
    pub(crate) distance: usize,
    keyed: bool,
    ignored: Vec<String>,
}

impl Custom {
    /// Whether a match is to be left alone.
    pub(crate) fn ignores(&self, text: &str) -> bool {
        self.ignored.iter().any(|word| text.contains(word))
    }

    pub(crate) fn needs_keyword(&self) -> bool {
        self.keyed
    }
}

impl Default for Detectors {
    fn default() -> Self {
        static MANAGED_ONLY: LazyLock<Detectors> = LazyLock::new(|| Detectors::build(Vec::new(), &[]));
        MANAGED_ONLY.clone()
    }
}

impl Detectors {
    /// The managed identifiers and custom ones.
    ///
    /// # Errors
    ///
    /// A custom identifier that breaks one of Macie's rules, or whose expression is not valid.
    pub fn new(customs: &[CustomIdentifier]) -> Result<Self, CustomError> {
        custom::check_names(customs)?;
        let regexes = customs.iter().map(CustomIdentifier::compile).collect::<Result<_, _>>()?;
        Ok(Self::build(regexes, customs))
    }

    /// The keywords of the managed identifiers; some have several identifiers.
    pub fn managed_keywords() -> impl Iterator<Item = &'static str> {
        MANAGED.iter().flat_map(|detector| detector.keywords).copied()
    }

    /// Whether it is the same table, not only an equal one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn build(regexes: Vec<Regex>, customs: &[CustomIdentifier]) -> Self {
        let mut identities = Vec::new();
        let mut firsts = Vec::new();
        for detector in MANAGED {
            firsts.push(identities.len());
            let identity = |&name: &&str| Identity { name: name.to_owned(), levels: detector.levels.to_vec() };
            identities.extend(detector.identifiers.iter().map(identity));
        }
        let first = identities.len();
        let custom = |(number, (regex, custom)): (usize, (Regex, &CustomIdentifier))| Custom {
            regex,
            detector: u16::try_from(MANAGED.len() + number).unwrap_or(u16::MAX),
            identity: first + number,
            distance: custom.maximum_match_distance,
            keyed: !custom.keywords.is_empty(),
            ignored: custom.ignore_words.clone(),
        };
        identities.extend(customs.iter().map(|custom| Identity { name: custom.name.clone(), levels: custom.levels() }));
        let keywords = MANAGED.iter().map(|detector| detector.keywords.to_vec());
        let keywords = keywords.chain(customs.iter().map(CustomIdentifier::keywords));
        let pairs = keywords.enumerate().flat_map(|(number, words)| words.into_iter().map(move |word| (number, word)));
        Self(Arc::new(Table {
            identities,
            firsts,
            keywords: Keywords::new(pairs, signs()),
            accounts: set(|detector| detector.signs.iter().any(|sign| matches!(sign, Sign::Account))),
            pluses: set(|detector| detector.signs.iter().any(|sign| matches!(sign, Sign::Plus))),
            by_byte: std::array::from_fn(|byte| set(|detector| u8::try_from(byte).is_ok_and(detector.starts))),
            by_run: (0..=RUN).map(|run| set(|detector| detector.runs >> run & 1 == 1)).collect(),
            customs: regexes.into_iter().zip(customs).enumerate().map(custom).collect(),
        }))
    }

    /// The managed detectors; their numbers are their places.
    pub(crate) fn managed() -> &'static [Detector] {
        MANAGED
    }

    pub(crate) fn customs(&self) -> &[Custom] {
        &self.0.customs
    }

    pub(crate) fn identities(&self) -> &[Identity] {
        &self.0.identities
    }

    pub(crate) fn keywords(&self) -> &Keywords {
        &self.0.keywords
    }

    /// Those whose values may start with two letters and two digits, and need no keyword.
    pub(crate) fn accounts(&self) -> Set {
        self.0.accounts
    }

    /// Those whose values may start with a plus, and need no keyword.
    pub(crate) fn pluses(&self) -> Set {
        self.0.pluses
    }

    /// The identity of a managed detector's value.
    pub(crate) fn identity(&self, detector: u16, variant: usize) -> usize {
        self.0.firsts[usize::from(detector)] + variant
    }

    /// The managed detectors whose values may start with a run of letters and digits before a sign.
    pub(crate) fn starting(&self, run: &[u8], sign: Option<u8>) -> Set {
        let Some(&first) = run.first() else {
            return 0;
        };
        let by_run = &self.0.by_run;
        let mut set = by_run[run.len().min(RUN)];
        if first.is_ascii_digit() {
            let digits = run.iter().take(RUN).take_while(|byte| byte.is_ascii_digit()).count();
            let followed = if digits < run.len() { by_run[MIXED] } else { Set::MAX };
            set |= by_run[digits] & followed;
        }
        if matches!(sign, Some(b'+' | b'/')) {
            set |= by_run[JOINED];
        }
        set & self.0.by_byte[usize::from(first)]
    }

    /// Where the first byte is that values of a set may start with.
    #[inline(never)]
    pub(crate) fn next_start(&self, bytes: &[u8], set: Set) -> Option<usize> {
        let by_byte = &self.0.by_byte;
        bytes.iter().position(|&byte| by_byte[usize::from(byte)] & set != 0)
    }

    /// The managed detectors whose values may start with a sign.
    pub(crate) fn starting_with(&self, sign: u8) -> Set {
        self.0.by_byte[usize::from(sign)]
    }
}

/// The texts that values start with which need no keyword, with the signs before them, and what they are.
fn signs() -> impl Iterator<Item = (&'static str, &'static str, Set)> {
    MANAGED.iter().enumerate().flat_map(|(number, detector)| {
        detector.signs.iter().filter_map(move |sign| match *sign {
            Sign::Word(text) => Some(("", text, 1 << number)),
            Sign::Behind(before, text) => Some((before, text, 1 << number)),
            Sign::Account | Sign::Plus => None,
        })
    })
}

/// The managed detectors that something holds for.
fn set(is: impl Fn(&Detector) -> bool) -> Set {
    MANAGED.iter().rev().fold(0, |set, detector| set << 1 | Set::from(is(detector)))
}

impl fmt::Debug for Detectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.identities.iter().map(|identity| &identity.name)).finish()
    }
}
