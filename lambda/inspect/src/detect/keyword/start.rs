//! How keywords start, eight letters at once.

use super::Word;

/// What tells small letters from capital ones, and what is not in ASCII, in each of eight bytes.
const CASES: u64 = 0x2020_2020_2020_2020;
const OTHERS: u64 = 0x8080_8080_8080_8080;

/// A keyword in a bucket, and the letters that it starts with, up to eight: nearly all others are told by them at once.
pub(super) struct Opening {
    pub(super) word: u16,
    letters: u64,
    mask: u64,
    length: usize,
}

impl Opening {
    pub(super) fn new(number: u16, word: &Word) -> Self {
        let text = if word.sign.is_some() { word.exact.chars().collect() } else { word.text.clone() };
        let length = text.iter().take(8).take_while(|sign| sign.is_ascii_alphabetic()).count();
        let start: String = text[..length].iter().collect();
        let mask = u64::MAX.checked_shr(64 - 8 * u32::try_from(length).unwrap_or_default()).unwrap_or_default();
        Self { word: number, letters: (eight(start.as_bytes()) | CASES) & mask, mask, length }
    }

    /// How many letters of the keyword a text begins with, in any case, unless it begins with others. Where it has
    /// letters that are not in ASCII, that is not known.
    pub(super) fn begins(&self, eight: u64) -> Option<usize> {
        if eight & OTHERS & self.mask != 0 {
            return Some(0);
        }
        ((eight | CASES) & self.mask == self.letters).then_some(self.length)
    }
}

/// The first eight bytes of a text, the first one lowest; behind its end are zeros.
pub(super) fn eight(bytes: &[u8]) -> u64 {
    let eight = bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        eight
    });
    u64::from_le_bytes(eight)
}
