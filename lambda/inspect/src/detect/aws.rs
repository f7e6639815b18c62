//! Secrets of Amazon Web Services.
//!
//! A secret access key is 40 characters of base64 and nothing else, so its
//! keyword and its randomness have to tell it from digests, paths and prose.

use super::number::distinct;
use super::{Detector, Found, HIGH, runs};

const LENGTH: usize = 40;

/// Of 40 random characters of base64 about 30 are different, and fewer than 20 never.
const DISTINCT: usize = 20;

/// The secrets that Amazon's documents print.
const EXAMPLES: &[&str] = &["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"];

pub(super) const AWS_CREDENTIALS: Detector = Detector {
    identifiers: &["AWS_CREDENTIALS"],
    keywords: &["aws_secret_access_key", "credentials", "secret access key", "secret key", "set-awscredential"],
    starts: is_base64,
    // A run may also end at a sign: that has no length.
    runs: runs(&[0, 40]),
    signs: &[],
    find,
    levels: HIGH,
};

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// A run of exactly 40 characters. Padding would make it another value.
fn find(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let end = at + LENGTH;
    // Most words are short.
    if !bytes.get(end - 1).is_some_and(|&byte| is_base64(byte)) || !is_base64(bytes[at + 8]) {
        return None;
    }
    let follows = at > 0 && is_base64(bytes[at - 1]);
    let whole = bytes.get(at..end).is_some_and(|run| run.iter().all(|&byte| is_base64(byte)));
    if follows || !whole {
        return None;
    }
    let next = text[end..].chars().next();
    let continues = next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '+' | '/' | '='));
    (!continues && check(&text[at..end])).then(|| Found::keyed(end))
}

/// Whether a run looks random: no hexadecimal digest, no path, no placeholder.
///
/// One key in two thousand lacks both digits and signs and is given up for that.
fn check(value: &str) -> bool {
    let count = |is: fn(&u8) -> bool| value.as_bytes().iter().filter(|byte| is(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let slashes = count(|byte| *byte == b'/');
    let mixed = count(u8::is_ascii_uppercase) > 0
        && count(u8::is_ascii_lowercase) > 0
        && digits + slashes + count(|byte| *byte == b'+') > 0;
    let path = slashes >= 3 && value.split('/').all(is_step);
    let digest = count(u8::is_ascii_hexdigit) == value.len();
    let random = distinct(value.as_bytes()) >= DISTINCT;
    mixed && !path && !digest && random && !EXAMPLES.contains(&value) && !value.contains("EXAMPLE")
}

/// Whether a part of a value is as those of paths: a word, a number (`2026`), or a few letters with one (`v2`).
///
/// Of random keys some six in 100,000 consist of at least four such parts, and five have no digit at all: they are
/// given up. To let a single part be anything would give up 240.
fn is_step(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = part.len() - letters.len();
    let few = letters.is_empty() || (letters.len() <= 4 && digits <= 4 && !letters.contains('+'));
    !letters.contains(|c: char| c.is_ascii_digit()) && (digits == 0 || few)
}

#[cfg(test)]
mod tests {
    use crate::scan::count;

    const KEY: &str = "g8OhHZlj9Nn7ep52YLX/UVZSidxZrMBMosgHAPSH";

    #[test]
    fn secrets() {
        let filler = "x".repeat(6) + &" word".repeat(6);
        let table = [
            (1, format!("aws_secret_access_key = {KEY}")),
            (1, format!("AWS_SECRET_ACCESS_KEY={KEY}\n")),
            (1, format!("SecretAccessKey: \"{KEY}\",")),
            (1, format!("secret-key {KEY}")),
            (1, format!("{KEY} are the credentials")),
            (1, format!("export secretKey='{KEY}'; run")),
            (1, format!("Set-AWSCredential -SecretKey {KEY}")),
            (2, format!("secret key {KEY}\nsecret key {}", KEY.replace('g', "h"))),
            (0, format!("my_secret_keyring {KEY}")),
            (0, format!("secretkeys {KEY}")),
            (0, format!("token {KEY}")),
            (0, format!("secret key {filler}{KEY}")),
            (0, format!("secret key a{KEY}")),
            (0, format!("secret key {KEY}a")),
            (0, format!("secret key {KEY}=")),
            (0, format!("secret key /{KEY}")),
            (0, format!("secret key {KEY}+")),
            (0, format!("secret key \u{e9}{KEY}")),
            (0, "secret key da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned()),
            (0, "secret key DA39A3EE5E6B4B0D3255BFEF95601890AFD80709".to_owned()),
            (0, "secret key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
            (0, "secret key je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY".to_owned()),
            (0, "secret key xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_owned()),
            (0, "secret key YOURSECRETACCESSKEYGOESHEREPLEASE1234567".to_owned()),
            (0, "secret key src/main/java/com/example/MyClassTestFoo".to_owned()),
            (0, "Credentials.java\ncom/sun/net/httpserver/bugs/6725892/Test.java".to_owned()),
            (0, "credentials: s3://b/releases/v2/2026/11/30/AppBundle/x64".to_owned()),
            (1, "secret key aB/cD3e/Fg/HiJkLmNoPqRsTuVwXyZ0987+Zyxwv".to_owned()),
            (1, "secret key aB/cD/Fg/HiJkLmNoPqRsTuVwXyZ+ZyxwvUtsr12".to_owned()),
            (0, "secret key 123e4567-e89b-12d3-a456-426614174000".to_owned()),
        ];
        for (expected, text) in table {
            assert_eq!(count(&text, "AWS_CREDENTIALS"), expected, "{text}");
        }
    }
}
