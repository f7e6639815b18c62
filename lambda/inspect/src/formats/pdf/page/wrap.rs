//! What goes on in the next line of a paragraph: a number, or the words of a keyword.

use super::super::placement::Spot;

/// As much of each of two lines as is said of them together, in bytes.
const AROUND: usize = 96;

/// How many digits are there at least.
const DIGITS: usize = 4;

/// How far below each other lines of a paragraph are, in parts of the size.
const PITCH: std::ops::Range<f64> = 0.7..2.2;

/// How far the start of a line may be from that of the next one: the first of a paragraph starts further inside.
const INSIDE: std::ops::Range<f64> = -0.5..4.0;

/// How much of the width of the next line a line has, if no more of the next one fitted into it.
const WIDE: f64 = 0.75;

/// Where a line is.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    first: Spot,
    end: f64,
}

impl Extent {
    pub(super) fn new(first: Spot, end: f64) -> Self {
        Self { first, end }
    }

    /// Whether a line goes on in another one, by where they are; of words neither has to be full.
    fn goes_on(&self, next: &Self, words: bool) -> bool {
        let size = self.first.size.max(next.first.size);
        let down = (self.first.across - next.first.across) / size;
        let inside = (self.first.start - next.first.start) / size;
        let width = |extent: &Self| extent.end - extent.first.start;
        self.first.turn == next.first.turn
            && PITCH.contains(&down)
            && INSIDE.contains(&inside)
            && (words || width(self) >= WIDE * width(next))
    }
}

/// Follows the lines.
#[derive(Default)]
pub(super) struct Wrap {
    /// The end of the last line.
    before: String,
    /// It has words, or nothing but numbers.
    worded: bool,
    extent: Option<Extent>,
}

impl Wrap {
    /// Takes a line, and adds what may go on in it from the one before, a line for each way to read it.
    pub(super) fn take(&mut self, line: &str, extent: Option<Extent>, joined: &mut String) {
        let line = line.trim();
        let worded = line.contains(char::is_alphabetic);
        if let (Some(last), Some(next)) = (self.extent, extent)
            && last.goes_on(&next, self.before.ends_with(char::is_alphabetic) && line.starts_with(char::is_alphabetic))
            // Numbers below each other are a column.
            && (self.worded || worded)
            && !line.contains('\t')
        {
            self.join(&line[..line.floor_char_boundary(AROUND)], joined);
        }
        self.before.clear();
        // The line of a table is none of a paragraph.
        self.extent = extent.filter(|_| !line.is_empty() && !line.contains('\t'));
        self.worded = worded;
        self.before.push_str(&line[line.ceil_char_boundary(line.len().saturating_sub(AROUND))..]);
    }

    fn join(&self, behind: &str, joined: &mut String) {
        let (word, dash) = match self.before.strip_suffix(['-', '\u{2010}', '\u{ad}']) {
            Some(word) => (word, true),
            None => (&*self.before, false),
        };
        let digits = [word, behind].map(|text| text.chars().filter(|sign| sign.is_numeric()).count());
        let goes_on = word.ends_with(char::is_alphanumeric) && behind.starts_with(char::is_alphanumeric);
        if !goes_on || digits[0] + digits[1] < DIGITS {
            return;
        }
        let between: &[&str] = if dash { &["-", ""] } else { &[" "] };
        for between in between {
            joined.extend([word, between, behind, "\n"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(lines: &[(f64, f64, &str)]) -> String {
        let (mut wrap, mut joined) = (Wrap::default(), String::new());
        for &(start, across, text) in lines {
            let end = text.chars().map(|_| 5.0).sum::<f64>() + start;
            let first = Spot { start, end, across, size: 10.0, doubt: 0.0, turn: 0 };
            wrap.take(text, Some(Extent::new(first, end)), &mut joined);
        }
        joined
    }

    #[test]
    fn lines_of_a_paragraph_go_on() {
        assert_eq!(joined(&[(0.0, 50.0, "card 4539 1488"), (0.0, 38.0, "0343 6467")]), "card 4539 1488 0343 6467\n");
        assert_eq!(joined(&[(30.0, 50.0, "social"), (0.0, 38.0, "security 219-1")]), "social security 219-1\n");
        let dash = joined(&[(0.0, 50.0, "card 4539-"), (0.0, 38.0, "1488")]);
        assert_eq!(dash, "card 4539-1488\ncard 45391488\n");
    }

    #[test]
    fn other_lines_do_not() {
        for lines in [
            [(0.0, 50.0, "4539 1488"), (0.0, 38.0, "0343 6467")],
            [(0.0, 50.0, "card 4539\t1488"), (0.0, 38.0, "0343 6467")],
            [(0.0, 50.0, "card 4539 1488"), (20.0, 38.0, "0343 6467")],
            [(0.0, 50.0, "card 4539 1488"), (0.0, 20.0, "0343 6467")],
            [(0.0, 38.0, "card 4539 1488"), (0.0, 50.0, "0343 6467")],
            [(0.0, 50.0, "card 4539."), (0.0, 38.0, "0343 6467")],
            [(0.0, 50.0, "card 4539"), (0.0, 38.0, "0343 6467 and others")],
            [(0.0, 50.0, "a social"), (0.0, 38.0, "security")],
        ] {
            assert_eq!(joined(&lines), "", "{lines:?}");
        }
    }
}
