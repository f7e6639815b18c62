//! One look at the raw text, 64 bytes at a time: where words start.
//!
//! Most of a text is inside of words and numbers, and no byte of that is looked at a second time.

use std::ops::Range;

/// How many bytes are looked at together.
const BLOCK: usize = 64;

/// The same with the one before and three behind: a place is told by these.
const SIGHT: usize = 1 + BLOCK + 3;

/// One in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// A place where a word may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) at: usize,
    /// Two letters and two digits of ASCII stand here.
    pub(crate) account: bool,
}

/// Calls with the places of a part where a word may start, in order: at a letter of ASCII, but for a small one behind
/// another one, at a character that is not ASCII and, if `numbers` says so, at the first of some digits. Of these only
/// those with two letters and two digits, and those for which `may` is true of the four bytes from there on, the first
/// one lowest; behind the end are zeros.
///
/// `may` is asked for all places of a block before `found` is called for any, without a branch for each: no processor
/// can foresee where words start.
pub(crate) fn sift(
    bytes: &[u8],
    part: Range<usize>,
    (before, numbers): (Option<u8>, bool),
    may: impl Fn(u32) -> bool,
    mut found: impl FnMut(Start),
) {
    let mut at = part.start;
    let mut edge: [u8; SIGHT];
    while at < part.end {
        let before = if at == part.start { before } else { Some(bytes[at - 1]) };
        let sight = match bytes[at.saturating_sub(1)..].first_chunk() {
            Some(sight) if at > 0 && before.is_some() => sight,
            _ => {
                let ahead = &bytes[at..bytes.len().min(at + SIGHT - 1)];
                edge = [0; SIGHT];
                edge[0] = before.unwrap_or_default();
                edge[1..=ahead.len()].copy_from_slice(ahead);
                &edge
            }
        };
        let (mut all, accounts) = block(sight, numbers);
        // What is behind the part is not its own.
        if let Some(beyond) = BLOCK.checked_sub(part.end - at) {
            all &= u64::MAX >> beyond;
        }
        let accounts = all & accounts;
        let mut kept = accounts;
        while all != 0 {
            let place = all.trailing_zeros() as usize % BLOCK;
            all &= all - 1;
            let four = [sight[place + 1], sight[place + 2], sight[place + 3], sight[place + 4]];
            kept |= u64::from(may(u32::from_le_bytes(four))) << place;
        }
        while kept != 0 {
            let place = kept.trailing_zeros();
            kept &= kept - 1;
            found(Start { at: at + place as usize, account: accounts >> place & 1 == 1 });
        }
        at += BLOCK;
    }
}

/// Where words may start in a block, and where two letters and two digits are, one bit for each byte.
///
/// There is no branch in it, and what is asked of each byte is asked of all: compilers make instructions of it that
/// look at many bytes at once.
fn block(sight: &[u8; SIGHT], numbers: bool) -> (u64, u64) {
    let (mut letters, mut digits) = ([0_u8; SIGHT], [0_u8; SIGHT]);
    for ((letter, digit), byte) in letters.iter_mut().zip(&mut digits).zip(sight) {
        *letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        *digit = u8::from(byte.wrapping_sub(b'0') < 10);
    }
    let mut all = [0_u8; BLOCK];
    for (place, signs) in all.iter_mut().enumerate() {
        let [before, byte] = [sight[place], sight[place + 1]];
        // In lower case the third bit is set.
        let inside = letters[place] & letters[place + 1] & (before & byte) >> 5;
        let starts = letters[place + 1] & !inside
            | u8::from(byte >= 0xc0)
            | digits[place + 1] & !digits[place] & u8::from(numbers);
        let account = letters[place + 1] & letters[place + 2] & digits[place + 3] & digits[place + 4];
        *signs = starts | account << 1;
    }
    let (mut starts, mut accounts) = (0, 0);
    for (eight, place) in all.as_chunks::<8>().0.iter().zip((0..).step_by(8)) {
        let eight = u64::from_le_bytes(*eight);
        starts |= gather(eight & ONES) << place;
        accounts |= gather(eight >> 1 & ONES) << place;
    }
    (starts, accounts)
}

/// The lowest bits of eight bytes, side by side.
fn gather(bits: u64) -> u64 {
    bits.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition, byte for byte.
    fn slow(bytes: &[u8], part: Range<usize>, alone: bool, numbers: bool, may: fn(u32) -> bool) -> Vec<Start> {
        let before = |at: usize| at.checked_sub(1).filter(|_| !alone || at > part.start).map(|before| bytes[before]);
        let is_before = |at: usize, is: fn(&u8) -> bool| before(at).is_some_and(|before| is(&before));
        let ahead = |at: usize, places: usize| bytes.get(at + places).copied().unwrap_or_default();
        let starts = |&at: &usize| {
            let small = bytes[at].is_ascii_lowercase() && is_before(at, u8::is_ascii_lowercase);
            (bytes[at].is_ascii_alphabetic() && !small)
                || bytes[at] >= 0xc0
                || (numbers && bytes[at].is_ascii_digit() && !is_before(at, u8::is_ascii_digit))
        };
        let start = |at: usize| {
            let [one, two, three, four] = [0, 1, 2, 3].map(|places| ahead(at, places));
            let letters = one.is_ascii_alphabetic() && two.is_ascii_alphabetic();
            let account = letters && three.is_ascii_digit() && four.is_ascii_digit();
            (account || may(u32::from_le_bytes([one, two, three, four]))).then_some(Start { at, account })
        };
        part.clone().filter(starts).filter_map(start).collect()
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
        let any: [fn(u32) -> bool; 3] = [|_| true, |_| false, |start| start % 3 == 0];
        let parts = [0_usize..4000, 1..65, 3..67, 64..64, 5..6, 100..1000, 63..3999, 3900..4000, 3996..3999];
        for (part, may) in parts.iter().flat_map(|part| any.map(|may| (part.clone(), may))) {
            for (alone, numbers) in [(false, false), (false, true), (true, false), (true, true)] {
                let mut found = Vec::new();
                let before = part.start.checked_sub(1).filter(|_| !alone).map(|before| bytes[before]);
                sift(&bytes, part.clone(), (before, numbers), may, |start| found.push(start));
                assert_eq!(found, slow(&bytes, part.clone(), alone, numbers, may), "{part:?}");
            }
        }
    }
}
