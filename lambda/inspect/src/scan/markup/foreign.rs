//! Drawings and formulas in HTML: the elements in them are those of `SVG` and `MathML`, where no text is without tags.

/// The elements that hold them.
const ROOTS: &[&str] = &["svg", "math"];

/// Elements of them in which HTML goes on.
const INSIDE: &[&str] = &["foreignobject", "desc", "title", "annotation-xml", "mi", "mo", "mn", "ms", "mtext"];

/// Elements of HTML that end them.
#[rustfmt::skip]
const BREAKING: &[&str] = &[
    "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2", "h3",
    "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s",
    "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var",
];

/// How deep they are followed into each other.
const DEEPEST: usize = 64;

/// Those that are open, the innermost last.
#[derive(Default)]
pub(super) struct Foreign(Vec<&'static str>);

impl Foreign {
    /// Whether an element is one of theirs, and none of HTML.
    pub(super) fn is_open(&self) -> bool {
        self.0.last().is_some_and(|last| ROOTS.contains(last))
    }

    /// Takes a tag by its name, whether it closes an element, and whether it ends at once.
    pub(super) fn tag(&mut self, name: &str, closes: bool, ends: bool) {
        if closes {
            if let Some(open) = self.0.iter().rposition(|open| *open == name) {
                self.0.truncate(open);
            }
            return;
        }
        if self.is_open() && BREAKING.contains(&name) {
            let inside = self.0.iter().rposition(|open| INSIDE.contains(open));
            self.0.truncate(inside.map_or(0, |inside| inside + 1));
        }
        let find = |names: &'static [&'static str]| names.iter().copied().find(|known| *known == name);
        let opened = find(ROOTS).or_else(|| find(INSIDE).filter(|_| self.is_open()));
        if let Some(element) = opened.filter(|_| !ends && self.0.len() < DEEPEST) {
            self.0.push(element);
        }
    }
}
