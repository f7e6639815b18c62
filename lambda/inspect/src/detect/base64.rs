//! Base64, plain and for addresses: what it is made of, and what it says.

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

/// Decodes base64 of either alphabet, without padding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count) = (0_u32, 0);
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            // The rest of a byte is kept, so that these are eight bits.
            bytes.push(u8::try_from(bits >> count).unwrap_or_default());
            bits &= (1 << count) - 1;
        }
    }
    // One character alone is no byte.
    (text.len() % 4 != 1).then_some(bytes)
}
