//! What single codes stand for, of one byte each.

/// Texts by their codes: few fonts name more than a handful, and each character that is shown asks for its own.
#[derive(Default)]
pub(super) struct Signs {
    /// Which codes have a text, one bit for each.
    known: [u64; 4],
    /// Their texts, in the order of the codes.
    texts: Vec<Box<str>>,
}

impl Signs {
    /// Takes the text of a code, instead of the one before; there are 256 codes.
    pub(super) fn insert(&mut self, code: u32, text: Box<str>) {
        let Some((word, bit)) = place(code) else { return };
        let rank = self.rank(word, bit);
        if self.known[word] >> bit & 1 == 1 {
            self.texts[rank] = text;
        } else {
            self.known[word] |= 1 << bit;
            self.texts.insert(rank, text);
        }
    }

    /// The text of a code.
    pub(super) fn get(&self, code: u32) -> Option<&str> {
        let (word, bit) = place(code)?;
        (self.known[word] >> bit & 1 == 1).then(|| &*self.texts[self.rank(word, bit)])
    }

    /// Whether no character of ASCII that is shown has a text of its own.
    pub(super) fn leave_ascii(&self) -> bool {
        self.known[0] >> 32 == 0 && self.known[1] << 1 == 0
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// How many texts are before that of a code.
    fn rank(&self, word: usize, bit: u32) -> usize {
        let before: u32 = self.known[..word].iter().map(|word| word.count_ones()).sum();
        (before + (self.known[word] & ((1 << bit) - 1)).count_ones()) as usize
    }
}

/// The word and the bit of a code.
fn place(code: u32) -> Option<(usize, u32)> {
    let code = u8::try_from(code).ok()?;
    Some((usize::from(code / 64), u32::from(code % 64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_any_order() {
        let mut signs = Signs::default();
        for code in [200, 3, 64, 255, 0, 3, 256] {
            signs.insert(code, code.to_string().into());
        }
        signs.insert(64, "other".into());
        assert_eq!(signs.len(), 5);
        assert!(!signs.leave_ascii());
        let (mut others, mut blank, mut tilde) = (Signs::default(), Signs::default(), Signs::default());
        for code in [0, 31, 127, 128] {
            others.insert(code, "•".into());
        }
        blank.insert(32, "•".into());
        tilde.insert(126, "•".into());
        assert_eq!([others, blank, tilde].map(|signs| signs.leave_ascii()), [true, false, false]);
        let texts = [0, 3, 64, 200, 255, 1, 256].map(|code| signs.get(code));
        assert_eq!(texts, [Some("0"), Some("3"), Some("other"), Some("200"), Some("255"), None, None]);
    }
}
