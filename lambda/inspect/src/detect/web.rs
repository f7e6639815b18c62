//! What opens web services: JSON Web Tokens and headers with a name and a password.

use super::base64::{decode, is_plain, is_url, run};
use super::{ANY, Detector, Found, HIGH, Sign, runs};

pub(super) const JSON_WEB_TOKEN: Detector = Detector {
    identifiers: &["JSON_WEB_TOKEN"],
    keywords: &[],
    starts: |byte| matches!(byte, b'e' | b'C' | b'D' | b'I'),
    runs: ANY,
    signs: &OBJECTS,
    find: token,
    levels: HIGH,
};

/// The scheme and what follows; the name of the header is its keyword, so that the
/// header may be a field of JSON or a column as well.
pub(super) const HTTP_BASIC_AUTH_HEADER: Detector = Detector {
    identifiers: &["HTTP_BASIC_AUTH_HEADER"],
    keywords: &["authorization", "proxy-authorization"],
    starts: |byte| matches!(byte, b'B' | b'b'),
    runs: runs(&[5]),
    signs: &[],
    find: basic,
    levels: HIGH,
};

/// How base64 starts where an object does: with `{` and what may follow; before it a blank or more, a tab, or a line end.
const OBJECTS: [Sign; 9] = [
    Sign::Word("ey"),
    Sign::Word("ew"),
    Sign::Word("IHs"),
    Sign::Word("ICA"),
    Sign::Word("ICB"),
    Sign::Word("CXs"),
    Sign::Word("Cns"),
    Sign::Word("DQp"),
    Sign::Word("DXs"),
];

/// A signature of fewer characters is none.
const SIGNATURE: usize = 20;

/// What people write who mean no password.
const PLACEHOLDERS: &[&str] = &["username:password", "user:password"];

/// Three parts, apart by dots: two of them JSON, the third a signature or, if unsigned, nothing.
fn token(text: &str, at: usize) -> Option<Found> {
    if !is_object(&text[at..]) || matches!(text.as_bytes()[..at], [.., b'-' | b'.']) {
        return None;
    }
    let header = at + run(text, at, is_url);
    let claims = dot(text, header)?;
    let end = claims + run(text, claims, is_url);
    let decoded = decode(&text[at..header])?;
    let decoded = std::str::from_utf8(&decoded).ok()?;
    let is_header = decoded.trim_start().starts_with('{') && decoded.contains("\"alg\"");
    // Claims may be longer than what is in sight.
    let cut = end == text.len();
    let object = || decode(&text[claims..end]).is_some_and(|json| json.trim_ascii_end().ends_with(b"}"));
    if !is_header || !is_object(&text[claims..]) || !(cut || object()) {
        return None;
    }
    if cut {
        return (end - claims > 2048).then(|| Found::sure(end));
    }
    let signature = dot(text, end)?;
    let length = run(text, signature, is_url);
    let unsigned = decoded.contains("\"none\"");
    (length >= SIGNATURE || (unsigned && length == 0)).then(|| Found::sure(signature + length))
}

/// Whether base64 is that of an object, by its start: `{`, with up to 45 blanks and line ends before it.
fn is_object(text: &str) -> bool {
    let length = run(text, 0, is_url).min(64);
    // Three characters are two bytes, one alone is none.
    let head = &text[..length - usize::from(length % 4 == 1)];
    decode(head).is_some_and(|json| json.trim_ascii_start().starts_with(b"{"))
}

/// What is behind a dot here.
fn dot(text: &str, at: usize) -> Option<usize> {
    text[at..].starts_with('.').then_some(at + 1)
}

/// `Basic` and base64 of a name, a colon and a password.
fn basic(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let scheme = bytes.get(at..at + 5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic"));
    let blanks = if scheme { run(text, at + 5, |byte| byte == b' ') } else { 0 };
    if blanks == 0 {
        return None;
    }
    let start = at + 5 + blanks;
    let end = start + run(text, start, is_plain);
    let padding = run(text, end, |byte| byte == b'=');
    let decoded = decode(&text[start..end])?;
    let decoded = std::str::from_utf8(&decoded).ok()?;
    let written = !decoded.contains(char::is_control) && decoded.len() > 1;
    let continues = text[end + padding..].starts_with(char::is_alphanumeric);
    (written && decoded.contains(':') && !continues && !PLACEHOLDERS.contains(&decoded))
        .then(|| Found::keyed(end + padding))
}

#[cfg(test)]
mod tests {
    use crate::scan::count;

    /// Base64 for addresses.
    fn encode(text: &str) -> String {
        const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let bits = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect::<Vec<u8>>();
        let sign = |six: &[u8]| six.iter().chain([0; 6].iter()).take(6).fold(0, |sum, bit| sum << 1 | bit);
        bits.chunks(6).map(|six| char::from(SIGNS[usize::from(sign(six))])).collect()
    }

    #[test]
    fn json_in_any_layout() {
        let headers = [
            "{\"alg\":\"HS256\"}",
            "{ \"alg\": \"HS256\" }",
            "{\n  \"typ\": \"JWT\",\n  \"alg\": \"none\"\n}\n",
            " {\"alg\":\"HS256\"}",
            "  {\"alg\":\"HS256\"}",
            "    {\n\"alg\":\"HS256\"}",
            "\t{\"alg\":\"HS256\"}",
            "\n{\"alg\":\"HS256\"}",
            "\r\n{\r\n\"alg\":\"HS256\"}",
            "\r{\"alg\":\"HS256\"}",
        ];
        let claims = [
            "{\"sub\":1}",
            "{\r\n\t\"sub\": 1\r\n}\r\n",
            "{\t\"sub\": 1}",
            "{}",
            "{ }",
            "\n\n{\"sub\":1}",
            "\r\n \t{\"sub\":1}",
        ];
        for header in headers {
            for claims in claims {
                let token = format!("{}.{}.{}", encode(header), encode(claims), "azdRbVpzMGY5THcyWGJUNHZ");
                assert_eq!(count(&format!("token {token}"), "JSON_WEB_TOKEN"), 1, "{header} {claims}");
            }
        }
        let other = format!("{}.{}.{}", encode("{ \"typ\": 1 }"), encode("{ }"), "azdRbVpzMGY5THcyWGJUNHZ");
        assert_eq!(count(&other, "JSON_WEB_TOKEN"), 0, "no algorithm");
    }
}
