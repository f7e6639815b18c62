//! One look at the raw text, 64 bytes at a time: where words start.
//!
//! Most of a text is inside of words and numbers, and no byte of that is looked at a second time. What the bytes are
//! is worked out for eight at once, as the high bits of one number.

use std::ops::Range;

/// How many bytes are looked at together.
const BLOCK: usize = 64;

/// One in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// The high bit of each byte.
const HIGH: u64 = 0x80 * ONES;

/// Calls with each place of a part where a word may start, in order: at a letter of ASCII, but for a small one behind
/// another one, at a character that is not ASCII and, if `numbers` says so, at the first of some digits.
pub(crate) fn sift(bytes: &[u8], part: Range<usize>, before: Option<u8>, numbers: bool, mut word: impl FnMut(usize)) {
    let mut last = Last::default();
    if let Some(before) = before {
        starts(u64::from(before) << 56, numbers, &mut last);
    }
    let (mut at, mut rest) = (part.start, [0; BLOCK]);
    while at < part.end {
        let ahead = &bytes[at..part.end];
        let block = ahead.first_chunk().unwrap_or_else(|| {
            rest[..ahead.len()].copy_from_slice(ahead);
            &rest
        });
        let mut all = 0;
        for (eight, place) in block.as_chunks::<8>().0.iter().zip((0..).step_by(8)) {
            all |= gather(starts(u64::from_le_bytes(*eight), numbers, &mut last)) << place;
        }
        // Behind the end are zeros.
        while all != 0 {
            word(at + all.trailing_zeros() as usize);
            all &= all - 1;
        }
        at += BLOCK;
    }
}

/// What the byte before is, as the lowest of the high bits.
#[derive(Default)]
struct Last {
    lower: u64,
    digit: u64,
}

/// Which of eight bytes words may start at, as high bits.
fn starts(bytes: u64, numbers: bool, last: &mut Last) -> u64 {
    let (low, other) = (bytes & !HIGH, bytes & HIGH);
    // Whether each byte is at least so much: no sum reaches the next byte.
    let from = |bytes: u64, least: u8| bytes + u64::from(0x80 - least) * ONES;
    let folded = low | (0x20 * ONES);
    let letter = from(folded, b'a') & !from(folded, b'z' + 1) & !other & HIGH;
    // In lower case the third bit is set.
    let lower = letter & bytes << 2;
    let inside = lower & (lower << 8 | last.lower);
    last.lower = lower >> 56;
    // Of the bytes of a character only the first has a second bit.
    let mut all = (letter & !inside) | (other & bytes << 1);
    if numbers {
        let digit = from(low, b'0') & !from(low, b'9' + 1) & !other & HIGH;
        all |= digit & !(digit << 8 | last.digit);
        last.digit = digit >> 56;
    }
    all
}

/// The high bits of eight bytes, side by side.
fn gather(bits: u64) -> u64 {
    (bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition, byte for byte.
    fn slow(bytes: &[u8], part: Range<usize>, numbers: bool) -> Vec<usize> {
        let before = |at: usize, is: fn(&u8) -> bool| at > 0 && is(&bytes[at - 1]);
        let word = |&at: &usize| {
            let small = bytes[at].is_ascii_lowercase() && before(at, u8::is_ascii_lowercase);
            (bytes[at].is_ascii_alphabetic() && !small)
                || bytes[at] >= 0xc0
                || (numbers && bytes[at].is_ascii_digit() && !before(at, u8::is_ascii_digit))
        };
        part.filter(word).collect()
    }

    #[test]
    fn as_byte_for_byte() {
        let signs = b"aZ0@[`{/:9zA \xc3\x80\xff_m5\n";
        let mut number = 7_u32;
        let bytes: Vec<u8> = (0..4000)
            .map(|_| {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                signs[(number >> 24) as usize % signs.len()]
            })
            .collect();
        for (start, end) in [(0_usize, 4000), (1, 65), (3, 67), (64, 64), (5, 6), (100, 1000), (63, 3999)] {
            for numbers in [false, true] {
                let mut words = Vec::new();
                let before = start.checked_sub(1).map(|before| bytes[before]);
                sift(&bytes, start..end, before, numbers, |at| words.push(at));
                assert_eq!(words, slow(&bytes, start..end, numbers), "{start}..{end}");
            }
        }
    }
}
