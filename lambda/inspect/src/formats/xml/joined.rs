//! Texts with elements inside of them: a reader joins what it shows in a line, where only tags are between.
//!
//! A field of data is an element, and what stands in the next one is another value. But where an element has text
//! beside its children, or where these are such as only emphasise, all is one text.

/// How much is held, of a text before an element and of all, in bytes.
const BEFORE: usize = 256;
const MOST: usize = 4 << 10;

/// The longest white space within a line.
const BLANKS: usize = 2;

/// Whether elements stand in a line with others of their kind: of pages, drawings, books and Office.
fn is_inline(name: &str) -> bool {
    matches!(
        super::local(name),
        "a" | "b"
            | "big"
            | "bdi"
            | "bdo"
            | "code"
            | "del"
            | "em"
            | "emphasis"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "phrase"
            | "q"
            | "r"
            | "s"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "subscript"
            | "sup"
            | "superscript"
            | "t"
            | "tspan"
            | "tt"
            | "u"
            | "var"
    )
}

/// What lies between two texts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Between {
    #[default]
    Nothing,
    Tags,
    /// An element ended, which stands in a line, or another one.
    Ended(bool),
}

/// Joins texts over tags.
#[derive(Default)]
pub(super) struct Joined {
    text: String,
    between: Between,
    /// Whether texts were joined that are apart elsewhere.
    joins: bool,
}

impl Joined {
    /// Takes a text; says whether it is the first that goes on behind a tag.
    pub(super) fn push(&mut self, text: &str) -> bool {
        let line = |text: &str| text.len() <= BLANKS && !text.contains(['\n', '\r', '\t']);
        let (start, end) = (text.len() - text.trim_start().len(), text.trim_end().len());
        if start == text.len() && !line(text) {
            // White space that lays out elements; what is joined is passed on with the next tag.
            self.between = if self.text.is_empty() { Between::Nothing } else { Between::Ended(false) };
            return false;
        }
        let apart = !line(&text[..start]);
        let joins = self.between != Between::Nothing && !apart && !self.text.is_empty();
        if apart && !self.joins {
            self.text.clear();
        }
        let first = joins && !self.joins;
        self.joins |= joins;
        self.between = Between::Nothing;
        let most = if self.joins { MOST } else { BEFORE };
        let from = text.ceil_char_boundary(text.len().saturating_sub(most));
        self.text.push_str(&text[from..]);
        if !line(&text[end..]) && !self.joins {
            self.text.clear();
        } else if !self.joins && self.text.len() > MOST {
            let from = self.text.ceil_char_boundary(self.text.len() - BEFORE);
            self.text.drain(..from);
        }
        first
    }

    /// Takes a tag; gives what was joined, where it goes on no further.
    pub(super) fn tag(&mut self, name: &str, ends: bool) -> Option<String> {
        if self.text.is_empty() && !self.joins {
            return None;
        }
        let stops = match self.between {
            Between::Ended(line) => !(ends || line && is_inline(name)),
            _ => false,
        };
        self.between = match self.between {
            _ if ends => Between::Ended(is_inline(name)),
            Between::Nothing => Between::Tags,
            other => other,
        };
        if stops || self.text.len() > MOST { self.take() } else { None }
    }

    /// Gives what was joined, and starts anew.
    pub(super) fn take(&mut self) -> Option<String> {
        self.between = Between::Nothing;
        let text = std::mem::take(&mut self.text);
        std::mem::take(&mut self.joins).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is joined in a document of tags and texts.
    fn joined(document: &str) -> Vec<String> {
        let (mut joined, mut all) = (Joined::default(), Vec::new());
        for part in document.split_inclusive('>') {
            let (text, tag) = part.rsplit_once('<').unwrap_or((part, ""));
            if !text.is_empty() {
                joined.push(text);
            }
            let name = tag.trim_end_matches(['>', '/']).trim_start_matches('/');
            let mut ends = vec![tag.starts_with('/')];
            if tag.ends_with("/>") {
                ends.push(true);
            }
            all.extend(ends.into_iter().filter_map(|ends| joined.tag(name, ends)));
        }
        all.extend(joined.take());
        all
    }

    #[test]
    fn what_stands_in_a_line() {
        let table: [(&str, &[&str]); 8] = [
            ("<p>4539<b/>1488</p>", &["45391488"]),
            ("<p>4539<b>1488</b>0343<i><u>64</u></i>67</p>", &["4539148803436467"]),
            ("<p>4539 <b>1488</b> 0343</p>", &["4539 1488 0343"]),
            ("<t><tspan>4539</tspan><tspan>1488</tspan></t>", &["45391488"]),
            ("<r><x>4539</x><y>1488</y></r><r><x>0343</x></r>", &[]),
            ("<r>\n  <x>4539</x>\n  <y>1488</y>\n</r>", &[]),
            ("<p>one\n<b>two</b>\nthree</p>", &[]),
            ("<p>a <b>b</b></p><p>c <b>d</b></p>", &["a b", "c d"]),
        ];
        for (document, expected) in table {
            assert_eq!(joined(document), expected, "{document}");
        }
    }

    #[test]
    fn little_is_held() {
        let mut joined = Joined::default();
        joined.push(&"x".repeat(1 << 20));
        for _ in 0..1 << 12 {
            joined.tag("b", false);
            joined.tag("b", true);
            joined.push("four");
            assert!(joined.text.len() <= 2 * MOST);
        }
    }
}
