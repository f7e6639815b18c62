//! The files by which `cvault verify` proves that a vault works: what they are called, what is in them, and what has
//! to become of them.
//!
//! Versions under their folder may be deleted in the vault, as nothing else may. So the function stores nothing
//! there but these very bytes: whoever uploads something else under it has it held.

use crate::{Format, Status};

/// The folder that nobody else's files go to.
pub const FOLDER: &str = ".cvault/verify/";

/// A file with a known end.
#[derive(Debug, PartialEq, Eq)]
pub struct Canary {
    /// What it is to prove: `clean`, `sensitive`, `broken`.
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
        _ => Status::IntegrityFail,
    };
    Canary { outcome, format, status, body, key }
}

/// All of them: three outcomes in each of three formats, the most usual one first.
pub const ALL: [Canary; 9] = [
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
];

/// Those of the first format that is accepted; without one only that what is not accepted is held.
#[must_use]
pub fn fitting(accepted: Option<&[Format]>) -> Vec<&'static Canary> {
    let fits = |format: Format| accepted.is_none_or(|accepted| accepted.contains(&format));
    match ALL.iter().find(|canary| fits(canary.format)) {
        Some(first) => ALL.iter().filter(|canary| canary.format == first.format).collect(),
        None => ALL.iter().filter(|canary| canary.status == Status::IntegrityFail).take(1).collect(),
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
        let keys = |accepted: Option<&[Format]>| fitting(accepted).iter().map(|it| it.key).collect::<Vec<_>>();
        assert_eq!(keys(None).len(), 3);
        assert!(keys(None)[0].ends_with("clean.csv"));
        assert!(keys(Some(&[Format::Text, Format::Json]))[0].ends_with("clean.json"));
        assert_eq!(keys(Some(&[Format::Parquet])), [".cvault/verify/broken.csv"]);
    }
}
