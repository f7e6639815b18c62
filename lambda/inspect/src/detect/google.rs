//! Keys of Google Cloud: `AIza` and 35 random characters.

use super::base64::{is_url, run};
use super::number::distinct;
use super::{Detector, Found, HIGH, runs_between};

const PREFIX: &str = "AIza";

/// How long a key is.
const LENGTH: usize = 39;

/// Fewer different characters are no random ones.
const DISTINCT: usize = 16;

pub(super) const GCP_API_KEY: Detector = Detector {
    identifiers: &["GCP_API_KEY"],
    keywords: &[
        "g_places_key",
        "gcp api key",
        "gcp key",
        "google cloud key",
        "google-api-key",
        "google-cloud-apikeys",
        "googlekey",
        "x-goog-api-key",
    ],
    starts: |byte| byte == b'A',
    runs: runs_between(4, 39),
    signs: &[],
    find,
    levels: HIGH,
};

fn find(text: &str, at: usize) -> Option<Found> {
    if !text[at..].starts_with(PREFIX) || run(text, at, is_url) != LENGTH {
        return None;
    }
    let end = at + LENGTH;
    let follows = matches!(text.as_bytes()[..at], [.., b'-']);
    let continues = text[end..].starts_with(char::is_alphanumeric);
    let random = distinct(&text.as_bytes()[at + PREFIX.len()..end]) >= DISTINCT;
    let placeholder = ["YOUR", "EXAMPLE", "API_KEY"].iter().any(|word| text[at..end].contains(word));
    (!follows && !continues && random && !placeholder).then(|| Found::keyed(end))
}
