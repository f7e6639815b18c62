//! The files by which `cvault verify` proves that a vault works: what they are called, what is in them, and what has
//! to become of them.
//!
//! Versions under their folder may be deleted in the vault, as nothing else may. So the function stores nothing
//! there but these very bytes: whoever uploads something else under it has it held.
//!
//! `NOT_ANALYSED`, that nothing proves a file to be analysed as a whole, has one only where Macie is asked: Macie reads no
//! JSON that is nested so deep. Without Macie it is the verdict on what is larger than the rules allow, on what takes longer
//! than the function has, and on what a reader fails on: no small file is any of these. `JOB_CANCELLED` has none, since
//! nothing in a file has Macie cancel its job.

use crate::{Format, Status};

/// The folder that nobody else's files go to.
pub const FOLDER: &str = ".cvault/verify/";

/// A file with a known end.
#[derive(Debug, PartialEq, Eq)]
pub struct Canary {
    /// What it is to prove: `clean`, `sensitive`, `broken`, `unproven`.
    pub outcome: &'static str,
    /// What it is judged as.
    pub format: Format,
    /// The verdict that it has to get.
    pub status: Status,
    /// Its bytes.
    pub body: &'static [u8],
    key: &'static str,
}

const fn canary(outcome: &'static str, format: Format, key: &'static str, body: &'static [u8]) -> Canary {
    let status = match outcome.as_bytes()[0] {
        b'c' => Status::VaultCopy,
        b's' => Status::HasFindings,
        b'u' => Status::NotAnalysed,
        _ => Status::IntegrityFail,
    };
    Canary { outcome, format, status, body, key }
}

/// How deep the file is nested that Macie does not read: one level more than it does.
const DEPTH: usize = 257;

/// A JSON text that is nested so deep, and has nothing in it.
const DEEP: [u8; 2 * DEPTH] = {
    let mut text = [b'['; 2 * DEPTH];
    let mut at = DEPTH;
    while at < text.len() {
        text[at] = b']';
        at += 1;
    }
    text
};

/// All of them: three outcomes in each of three formats, the most usual one first, and one that needs Macie.
pub const ALL: [Canary; 10] = [
    canary("clean", Format::Csv, ".cvault/verify/clean.csv", b"seq,harbour\n1,Kingsford\n2,Saltmere\n"),
    // A number that nobody has: the area 899 is none of those in the advertisements either.
    canary("sensitive", Format::Csv, ".cvault/verify/sensitive.csv", b"seq,ssn\n1,899-45-6789\n"),
    canary("broken", Format::Csv, ".cvault/verify/broken.csv", b"seq,harbour\n1,Kingsford,too many\n"),
    canary("clean", Format::Json, ".cvault/verify/clean.json", b"{\"harbours\": [\"Kingsford\", \"Saltmere\"]}\n"),
    canary("sensitive", Format::Json, ".cvault/verify/sensitive.json", b"{\"ssn\": \"899-45-6789\"}\n"),
    canary("broken", Format::Json, ".cvault/verify/broken.json", b"{\"harbours\": [\"Kingsford\"\n"),
    canary("clean", Format::Text, ".cvault/verify/clean.txt", b"Kingsford and Saltmere are harbours.\n"),
    canary("sensitive", Format::Text, ".cvault/verify/sensitive.txt", b"The ssn is 899-45-6789.\n"),
    canary("broken", Format::Text, ".cvault/verify/broken.txt", b"Kingsford \xff\xfe\x00 Saltmere\n"),
    canary("unproven", Format::Json, ".cvault/verify/unproven.json", &DEEP),
];

/// Those of the first format that is accepted, and the one that needs Macie where Macie is asked; without such a format only
/// that what is not accepted is held.
#[must_use]
pub fn fitting(accepted: Option<&[Format]>, with_macie: bool) -> Vec<&'static Canary> {
    let fits = |format: Format| accepted.is_none_or(|accepted| accepted.contains(&format));
    let (of_macie, of_all): (Vec<_>, Vec<_>) = ALL.iter().partition(|canary| canary.status == Status::NotAnalysed);
    let of_macie = of_macie.into_iter().filter(|canary| with_macie && fits(canary.format));
    match of_all.iter().find(|canary| fits(canary.format)).map(|first| first.format) {
        Some(first) => of_all.into_iter().filter(|canary| canary.format == first).chain(of_macie).collect(),
        None => of_all.into_iter().filter(|canary| canary.status == Status::IntegrityFail).take(1).collect(),
    }
}

/// The one of this key.
#[must_use]
pub fn of(key: &str) -> Option<&'static Canary> {
    ALL.iter().find(|canary| canary.key == key)
}

/// The one of this key in analytics, where each copy has a folder of its own.
#[must_use]
pub fn of_copy(key: &str) -> Option<&'static Canary> {
    key.split_once('/').and_then(|(_, key)| of(key))
}

/// Whether a key is in the folder.
#[must_use]
pub fn is_reserved(key: &str) -> bool {
    key.starts_with(FOLDER)
}

impl Canary {
    /// Its key in ingress, and in the vault.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_key_in_the_folder() {
        for canary in &ALL {
            assert!(is_reserved(canary.key) && canary.key[FOLDER.len()..].starts_with(canary.outcome));
            assert_eq!(of(canary.key), Some(canary));
        }
        assert_eq!(of(".cvault/verify/other.csv"), None);
        assert!(!is_reserved("cvault/verify/clean.csv") && !is_reserved(".cvault/verify"));
    }

    #[test]
    fn the_first_format_that_is_accepted_is_sent() {
        let keys = |accepted: Option<&[Format]>| fitting(accepted, false).iter().map(|it| it.key).collect::<Vec<_>>();
        assert_eq!(keys(None).len(), 3);
        assert!(keys(None)[0].ends_with("clean.csv"));
        assert!(keys(Some(&[Format::Text, Format::Json]))[0].ends_with("clean.json"));
        assert_eq!(keys(Some(&[Format::Parquet])), [".cvault/verify/broken.csv"]);
        let with =
            |accepted: Option<&[Format]>| fitting(accepted, true).iter().map(|it| it.outcome).collect::<Vec<_>>();
        let all = ["clean", "sensitive", "broken", "unproven"];
        assert_eq!(
            (with(None), with(Some(&[Format::Json])), with(Some(&[Format::Csv])).len()),
            (all.into(), all.into(), 3)
        );
    }
}
