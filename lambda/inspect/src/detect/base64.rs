//! Base64, plain and for addresses: what it is made of, and what it says.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// How many bytes from a place on are of an alphabet.
pub(super) fn run(text: &str, at: usize, is: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()[at..].iter().take_while(|&&byte| is(byte)).count()
}

/// A character of base64.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// A character of base64 for addresses.
pub(super) fn is_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Either alphabet, without padding and without a word on the bits that are left.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes base64 of either alphabet, without padding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let plain = |byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    };
    ENGINE.decode(text.bytes().map(plain).collect::<Vec<u8>>()).ok()
}
