//! Which copy belongs to which version: the analytics key is computed from the source's version,
//! and every copy carries that computation's result with it, wherever it is copied to.
//!
//! So a duplicate event meets its own copy instead of making a second one, versions of one key
//! never meet, and an object that a person copies from analytics to the vault still says which
//! copy it was made from.

use sha2::{Digest, Sha256};
use std::cmp::Ordering;

/// The user metadata that says which copy an object is.
pub const COPY: &str = "cvault-copy";
/// The user metadata that says which version it was copied from, for people.
pub const SOURCE_VERSION: &str = "cvault-source-version";
/// The user metadata that says where its version stands among those of its key: S3's sequencer.
pub const ORDER: &str = "cvault-order";
/// The user metadata that says when its version was uploaded, in seconds since 1970: what orders versions where an event
/// had no sequencer.
pub const UPLOADED: &str = "cvault-uploaded";
/// The user metadata that says which versions of the same second were above it in ingress when it was stored, where an event
/// had no sequencer.
pub const BELOW: &str = "cvault-below";
/// The user metadata that says which digests its companions say: whoever judges it again compares them, too.
pub const DIGESTS: &str = "cvault-digests";
/// The user metadata that says which companions its version is judged by, by their own versions.
pub const COMPANIONS: &str = "cvault-companions";
/// The user metadata that says which execution has made the copy, and so judges it.
pub const JUDGE: &str = "cvault-judge";
/// The user metadata that says by which name Step Functions knows that execution: whoever comes later can ask
/// whether it still runs.
pub const EXECUTION: &str = "cvault-execution";
/// The user metadata that has the end of a key which is too long to stand whole behind the folder of its copy.
pub const KEY_END: &str = "cvault-key-end";
/// The user metadata that says which version of another bucket an object was made from.
pub const TAKEN: &str = "cvault-taken";
/// How all of these names begin.
const OURS: &str = "cvault-";
/// How many digits a [`copy_id`] has.
const COPY_ID: usize = 24;
/// S3's bound of a key, in bytes of UTF-8.
pub const LONGEST_KEY: usize = 1024;

/// What identifies a version of an object in ingress: 8 hex digits for its key, 16 for its version.
#[must_use]
pub fn copy_id(bucket: &str, key: &str, version_id: &str) -> String {
    key_part(bucket, key) + &hex(&[bucket, key, version_id], 8)
}

/// Where a key's copies are in analytics, as a pattern of IAM's: exactly as many characters as a [`copy_id`] has. A `*` would
/// cross slashes, so that any key that a sender ends alike would be one of them.
#[must_use]
pub fn pattern(key: &str) -> String {
    format!("{}/{key}", "?".repeat(COPY_ID))
}

/// Whether a copy takes over this metadata of an object that somebody else has sent. What has one of our names, ours alone say:
/// whoever judges a copy again would believe a sender's, and show them to people. [`TAKEN`] is believed of the same bytes only.
#[must_use]
pub fn is_theirs(name: &str, value: &str) -> bool {
    let is_ours = name.as_bytes().get(..OURS.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(OURS.as_bytes()));
    !is_ours || name == TAKEN && is_copy_id(value)
}

/// Whether it is written as a [`copy_id`] is.
#[must_use]
pub fn is_copy_id(id: &str) -> bool {
    id.len() == COPY_ID && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The two parts of a copy's key in analytics: its [`copy_id`], and the key in ingress; `None` of any other key.
#[must_use]
pub fn parts(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').filter(|(id, _)| is_copy_id(id))
}

/// The key in ingress of what may be a copy in analytics: without the folder of the copy's own.
#[must_use]
pub fn own_key(key: &str) -> &str {
    parts(key).map_or(key, |(_, own)| own)
}

/// The beginning of the [`copy_id`] of every version of a key.
#[must_use]
pub fn key_part(bucket: &str, key: &str) -> String {
    hex(&[bucket, key], 4)
}

/// What an execution is known by in [`JUDGE`]: metadata has little room, and an ARN is long.
#[must_use]
pub fn judge(execution: &str) -> String {
    hex(&[execution], 8)
}

/// The name of an execution, as [`EXECUTION`] has it; `None` where metadata cannot carry it.
#[must_use]
pub fn execution_name(execution: &str) -> Option<&str> {
    let name = execution.rsplit(':').next()?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())).then_some(name)
}

/// So many bytes of a digest of these parts, as hexadecimal digits.
pub(crate) fn hex(parts: &[&str], bytes: usize) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        // No key has this byte, so no two lists of parts are the same bytes.
        digest.update([0xff]);
    }
    let digest = digest.finalize();
    let digits = digest[..bytes].iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// Where a version's copy is in analytics: a folder of its own, then the key. A key that would be
/// too long loses the end of its name, never its extension: formats are told by it.
#[must_use]
pub fn analytics_key(copy_id: &str, key: &str) -> String {
    format!("{copy_id}/{}", shortened(key))
}

/// The longest key that stands whole behind the folder of its copy.
const LONGEST: usize = LONGEST_KEY - COPY_ID - 1;
/// The longest extension that a longer one keeps.
const LONGEST_EXTENSION: usize = 32;

/// A key as it stands behind the folder of its copy.
#[must_use]
pub fn shortened(key: &str) -> String {
    match kept(key) {
        None => key.into(),
        Some(kept) => format!("{kept}{}", extension(key)),
    }
}

/// What a key loses so, for [`KEY_END`]: percent-encoded, as metadata take it; `None` where it stands there whole.
#[must_use]
pub fn end(key: &str) -> Option<String> {
    let end = &key[kept(key)?.len()..];
    Some(percent_encoding::utf8_percent_encode(end, percent_encoding::NON_ALPHANUMERIC).to_string())
}

/// The key that stands so behind the folder of its copy, with the end that the copy says, if it says one.
#[must_use]
pub fn whole(shortened: &str, end: Option<&str>) -> String {
    let end = end.and_then(|end| percent_encoding::percent_decode_str(end).decode_utf8().ok());
    let kept = end.as_deref().and_then(|end| shortened.strip_suffix(extension(end)));
    kept.zip(end.as_deref()).map_or(shortened.to_owned(), |(kept, end)| format!("{kept}{end}"))
}

/// How a key begins that loses its end; `None` where it does not.
fn kept(key: &str) -> Option<&str> {
    (key.len() > LONGEST).then(|| up_to(key, LONGEST - extension(key).len()))
}

/// By which formats are told, if it is not too long to be kept.
fn extension(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    name.rfind('.').map(|dot| &name[dot..]).filter(|it| it.len() <= LONGEST_EXTENSION).unwrap_or_default()
}

/// Whether a key behind the folder of a copy may have lost the end of its name: one that ended in the middle of a character
/// lost up to three bytes more.
#[must_use]
pub fn may_be_shortened(key: &str) -> bool {
    key.len() + 3 >= LONGEST
}

/// How every key begins that stands so behind the folder of its copy.
#[must_use]
pub fn beginning(shortened: &str) -> &str {
    up_to(shortened, shortened.len().saturating_sub(LONGEST_EXTENSION))
}

/// As much of a text as has so many bytes, and no half of a character.
fn up_to(text: &str, mut bytes: usize) -> &str {
    while !text.is_char_boundary(bytes) {
        bytes -= 1;
    }
    &text[..bytes]
}

/// Which of two versions of a key is the newer one, by S3's sequencers: hexadecimal texts, of which
/// the shorter is filled with zeros on the right (truths D8).
#[must_use]
pub fn compare(one: &str, other: &str) -> Ordering {
    let digits = |text: &str| text.trim_end_matches('0').to_ascii_uppercase();
    digits(one).cmp(&digits(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequencers_are_compared_as_fractions() {
        for (one, other, expected) in [
            ("0055AED6DCD90281E5", "0055AED6DCD90281E6", Ordering::Less),
            ("00B", "00A1", Ordering::Greater),
            ("00A", "00A0", Ordering::Equal),
            ("00A", "00A01", Ordering::Less),
            ("00ab", "00AC", Ordering::Less),
        ] {
            assert_eq!(compare(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn only_what_looks_like_one_is_a_copy_id() {
        assert!(is_copy_id(&copy_id("b", "k", "v")));
        for id in ["", "0", "../", &"g".repeat(24), &"0".repeat(25), &"A".repeat(24)] {
            assert!(!is_copy_id(id), "{id}");
        }
    }

    #[test]
    fn the_key_of_a_copy_has_two_parts() {
        let id = copy_id("b", "a/b.csv", "v");
        assert_eq!(parts(&format!("{id}/a/b.csv")), Some((&*id, "a/b.csv")));
        for other in ["stray", "a/b.csv", id.as_str()] {
            assert_eq!((parts(other), own_key(other)), (None, other));
        }
    }

    #[test]
    fn each_version_has_a_copy_of_its_own() {
        let id = copy_id("b", "k", "v1");
        assert_eq!(id.len(), COPY_ID);
        assert_eq!(id, copy_id("b", "k", "v1"), "a duplicate meets itself");
        assert!(id.starts_with(&key_part("b", "k")));
        for other in [copy_id("b", "k", "v2"), copy_id("b", "kv", "1"), copy_id("bk", "", "v1")] {
            assert_ne!(id, other);
        }
    }

    #[test]
    fn the_longest_key_fits_and_keeps_its_extension() {
        let id = copy_id("b", "k", "v");
        for key in [
            "x".repeat(1020) + ".csv",
            "é".repeat(510) + ".csv",
            "/é".repeat(341),
            format!("{}.{}", "a".repeat(100), "e".repeat(923)),
            format!("{}/b", "a.c".repeat(340)),
        ] {
            assert!(key.len() <= 1024);
            let copy = analytics_key(&id, &key);
            assert!(copy.len() <= 1024, "{}", copy.len());
            let csv = |key: &str| key.rsplit_once('.').is_some_and(|(_, extension)| extension == "csv");
            assert_eq!(csv(&copy), csv(&key));
            let short = shortened(&key);
            assert!(may_be_shortened(&short) && key.starts_with(beginning(&short)), "{short}");
            let end = end(&key).unwrap();
            assert_eq!((whole(&short, Some(&end)), end.is_ascii() && end.len() < 256), (key.clone(), true));
            assert_eq!(whole(&short, None), short);
        }
        assert_eq!((end("a b/c+d.csv"), whole("a b/c+d.csv", None)), (None, "a b/c+d.csv".into()));
        assert!(!may_be_shortened("a b/c+d.csv"));
        assert_eq!(analytics_key(&id, "a b/c+d.csv"), format!("{id}/a b/c+d.csv"));
    }
}
