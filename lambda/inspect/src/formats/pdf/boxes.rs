//! Numbers whose digits stand apart: in the boxes of a form, in groups as far from each other as columns, or one below
//! the other.

/// How many digits are a number at least.
const LEAST: usize = 9;

/// As much of the lines around a column of digits as is said with it, in bytes.
const AROUND: usize = 64;

/// How many digits are in the groups that numbers of cards are written in.
const GROUPS: [&[usize]; 2] = [&[4, 4, 4, 4], &[4, 6, 5]];

/// Adds a line in which groups of digits stand apart as columns do, with blanks between them.
pub(super) fn group(line: &str, combed: &mut String) {
    if !line.contains('\t') {
        return;
    }
    let is_digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = line.trim_end_matches('\n').split([' ', '\t']).collect();
    let (mut grouped, mut at) = (false, 0);
    let start = combed.len();
    for run in words.chunk_by(|one, other| is_digits(one) && is_digits(other)) {
        let end = at + run.iter().map(|word| word.len() + 1).sum::<usize>();
        let text = line.get(at..end - 1).unwrap_or_default();
        if text.contains('\t') && GROUPS.iter().any(|group| group.iter().copied().eq(run.iter().map(|word| word.len())))
        {
            combed.push_str(&text.replace('\t', " "));
            grouped = true;
        } else {
            combed.push_str(text);
        }
        combed.push_str(line.get(end - 1..end).unwrap_or("\n"));
        at = end;
    }
    if !grouped {
        combed.truncate(start);
    }
}

/// Adds a line in which digits stand one by one, as in the boxes of a form, with these side by side.
pub(super) fn comb(line: &str, combed: &mut String) {
    let bytes = line.as_bytes();
    let alone = |at: usize| {
        let apart = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_none_or(|&byte| matches!(byte, b' ' | b'\t' | b'\n'))
        };
        bytes[at].is_ascii_digit() && apart(at.checked_sub(1)) && apart(at.checked_add(1))
    };
    let next = |at: usize| at + 2 < bytes.len() && bytes[at + 1] != b'\n' && alone(at + 2);
    let (start, mut at, mut from) = (combed.len(), 0, 0);
    while at < bytes.len() {
        let first = at;
        if alone(at) {
            let mut digits = String::new();
            digits.push(char::from(bytes[at]));
            while next(at) {
                at += 2;
                digits.push(char::from(bytes[at]));
            }
            if digits.len() >= LEAST {
                combed.push_str(&line[from..first]);
                combed.push_str(&digits);
                from = at + 1;
            }
        }
        at += 1;
    }
    if combed.len() > start {
        combed.push_str(&line[from..]);
        combed.push('\n');
    }
}

/// Digits that stand one below the other, each in a line of its own.
#[derive(Default)]
pub(super) struct Column {
    /// The end of the line before the first one.
    before: String,
    digits: String,
}

impl Column {
    /// Takes a line, and adds the number that ends before it, with what stands around it. The end is a line without text.
    pub(super) fn take(&mut self, line: &str, combed: &mut String) {
        let text = line.trim();
        if text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More are no number, whatever else they are.
            if self.digits.len() < AROUND {
                self.digits.push_str(text);
            }
            return;
        }
        if self.digits.len() >= LEAST {
            let behind = &text[..text.floor_char_boundary(AROUND)];
            combed.extend([&*self.before, " ", &*self.digits, " ", behind, "\n"]);
        }
        self.digits.clear();
        self.before.clear();
        self.before.push_str(&text[text.ceil_char_boundary(text.len().saturating_sub(AROUND))..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_boxes() {
        for (line, expected) in [
            ("card 4 5 3 9 1 4 8 8 0 end\n", "card 453914880 end\n\n"),
            ("4\t5 3 9 1 4 8 8 0", "453914880\n"),
            ("4 5 3 9 1 4 8 8", ""),
            ("14 5 3 9 1 4 8 8 0", ""),
            ("4  5 3 9 1 4 8 8 0", ""),
            ("", ""),
        ] {
            let mut combed = String::new();
            comb(line, &mut combed);
            assert_eq!(combed, expected, "{line:?}");
        }
    }

    #[test]
    fn digits_in_groups() {
        for (line, expected) in [
            ("card 4539\t1488\t0343\t6467 end\tx\n", "card 4539 1488 0343 6467 end\tx\n"),
            ("4539 1488\t0343 6467", "4539 1488 0343 6467\n"),
            ("a\t3782\t822463\t10005\n", "a\t3782 822463 10005\n"),
            ("4539\t1488\t0343\t6467\t2024\n", ""),
            ("4539\t1488\t0343\n", ""),
            ("4539 1488 0343 6467\n", ""),
            ("4539\t1488\t\t0343\t6467\n", ""),
            ("\t\n", ""),
            ("", ""),
        ] {
            let mut combed = String::new();
            group(line, &mut combed);
            assert_eq!(combed, expected, "{line:?}");
        }
    }

    #[test]
    fn digits_below_each_other() {
        let column = |above: &str, digits: &str, below: &str| {
            let (mut column, mut combed) = (Column::default(), String::new());
            column.take(above, &mut combed);
            digits.chars().for_each(|digit| column.take(&format!(" {digit}\n"), &mut combed));
            column.take(below, &mut combed);
            combed
        };
        assert_eq!(column("my card\n", "453914880", ""), "my card 453914880 \n");
        assert_eq!(column("", "453914880", "is the card\n"), " 453914880 is the card\n");
        assert_eq!(column("card\n", "45391488", ""), "");
        assert!(column("card\n", &"4".repeat(10_000), "").len() < 100);
    }
}
