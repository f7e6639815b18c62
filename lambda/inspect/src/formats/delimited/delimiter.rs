//! Which sign separates the fields of a row.

/// In the order in which they are preferred.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The longest first row that is looked at, in bytes.
const LONGEST: usize = 64 << 10;

/// Counts the candidates outside of quotes, and holds the row meanwhile.
pub(super) struct Detection {
    /// The delimiter, if the format says which.
    fixed: Option<u8>,
    held: String,
    /// The row has begun: there was more than line ends.
    begun: bool,
    counts: [u64; CANDIDATES.len()],
    quoted: bool,
}

impl Detection {
    pub(super) fn new(fixed: Option<u8>) -> Self {
        Self { fixed, held: String::new(), begun: false, counts: [0; CANDIDATES.len()], quoted: false }
    }

    /// Takes text; says where the first row ends in it, if it does.
    pub(super) fn add(&mut self, text: &str) -> Option<usize> {
        for (at, character) in text.char_indices() {
            let ends = matches!(character, '\n' | '\r') && !self.quoted;
            if (ends && self.begun) || self.held.len() >= LONGEST {
                return Some(at);
            }
            self.held.push(character);
            self.begun = self.begun || !character.is_whitespace();
            self.quoted ^= character == '"';
            if let Some(index) = CANDIDATES.iter().position(|&sign| char::from(sign) == character) {
                self.counts[index] += u64::from(!self.quoted);
            }
        }
        None
    }

    /// The most frequent candidate, and the row.
    pub(super) fn decide(self) -> (u8, String) {
        let mut best = 0;
        for (index, count) in self.counts.iter().enumerate() {
            if *count > self.counts[best] {
                best = index;
            }
        }
        (self.fixed.unwrap_or(CANDIDATES[best]), self.held)
    }
}
