//! Where the parts of a PNG end: a checksum stands right behind each, whose bytes can look like letters.

const MARK: &[u8; 8] = b"\x89PNG\r\n\x1A\n";

/// What the next bytes are.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Next {
    #[default]
    Mark,
    /// The length of a part and its kind.
    Head,
    Data(u32),
    Checksum(u32),
    /// It is none.
    Other,
}

/// Follows the parts.
#[derive(Default)]
pub(crate) struct Parts {
    next: Next,
    head: Vec<u8>,
    /// What the last part is.
    kind: [u8; 4],
}

impl Parts {
    /// Whether the bytes that follow are those of a text that may be packed.
    pub(crate) fn is_packed_text(&self) -> bool {
        matches!(self.next, Next::Data(_)) && matches!(&self.kind, b"zTXt" | b"iTXt")
    }

    /// Whether a text, of which this has come so far, is one that is not packed: `iTXt` says it behind its keyword.
    pub(crate) fn is_plain(&self, text: &[u8]) -> bool {
        let keyword = text.iter().position(|byte| *byte == 0);
        &self.kind == b"iTXt" && keyword.and_then(|at| text.get(at + 1)) == Some(&0)
    }

    /// Cuts off what belongs together, and says whether a checksum follows.
    pub(crate) fn cut<'b>(&mut self, bytes: &'b [u8]) -> (&'b [u8], &'b [u8], bool) {
        let most = match self.next {
            Next::Mark | Next::Head => MARK.len() - self.head.len(),
            Next::Data(left) | Next::Checksum(left) => usize::try_from(left).unwrap_or(usize::MAX),
            Next::Other => bytes.len(),
        };
        let (part, rest) = bytes.split_at(bytes.len().min(most));
        let taken = u32::try_from(part.len()).unwrap_or(u32::MAX);
        self.next = match self.next {
            Next::Data(left) if left == taken => Next::Checksum(4),
            Next::Data(left) => Next::Data(left - taken),
            Next::Checksum(left) if left == taken => Next::Head,
            Next::Checksum(left) => Next::Checksum(left - taken),
            Next::Other => Next::Other,
            Next::Mark | Next::Head => self.head(part),
        };
        let ends = matches!(self.next, Next::Checksum(4)) && most == part.len();
        (part, rest, ends)
    }

    fn head(&mut self, part: &[u8]) -> Next {
        self.head.extend_from_slice(part);
        if self.head.len() < MARK.len() {
            return self.next;
        }
        let head = std::mem::take(&mut self.head);
        match (self.next, head.first_chunk()) {
            (Next::Mark, _) if head != MARK => Next::Other,
            (Next::Mark, _) => Next::Head,
            (_, length) => {
                self.kind.copy_from_slice(&head[4..]);
                Next::Data(u32::from_be_bytes(length.copied().unwrap_or_default()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(bytes: &[u8], piece: usize) -> Vec<Vec<u8>> {
        let (mut parts, mut all) = (Parts::default(), vec![Vec::new()]);
        for mut piece in bytes.chunks(piece) {
            while !piece.is_empty() {
                let (part, rest, ends) = parts.cut(piece);
                all.last_mut().unwrap().extend_from_slice(part);
                all.extend(ends.then(Vec::new));
                piece = rest;
            }
        }
        all.retain(|part| !part.is_empty());
        all
    }

    #[test]
    fn of_a_png() {
        let file = [&MARK[..], b"\0\0\0\x03tEXtabcWXYZ", b"\0\0\0\0IENDWXYZ"].concat();
        let expected: [&[u8]; 3] = [b"\x89PNG\r\n\x1A\n\0\0\0\x03tEXtabc", b"WXYZ\0\0\0\0IEND", b"WXYZ"];
        for piece in [1, 3, 100] {
            assert_eq!(parts(&file, piece), expected);
            assert_eq!(parts(b"GIF89a and more", piece), [b"GIF89a and more"]);
        }
    }
}
