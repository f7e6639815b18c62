//! How lines are to be laid out.

use super::text::{FAINT, Glyphs, painted, printable, shortened};
use console::measure_text_width;

/// How lines are to be laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// The characters beyond ASCII.
    pub glyphs: &'static Glyphs,
    /// Words that are wider than a line are cut: on terminals, which would break them.
    pub cuts: bool,
    /// Nothing is cut or left out.
    pub verbose: bool,
}

/// How far what belongs to a row is behind its first line.
pub const INDENT: usize = 4;

/// Text behind an indent, wrapped between its words.
pub fn below(text: &str, layout: Layout) -> Vec<String> {
    let room = layout.width.saturating_sub(INDENT).max(1);
    let mut lines: Vec<String> = vec![];
    for word in printable(text).split_whitespace() {
        let word = fitting(word, layout);
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(&word) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines.into_iter().map(|line| format!("{:INDENT$}{}", "", painted(FAINT, line))).collect()
}

/// A word that is wider than a line loses its middle on a terminal; `-v` and files have all of it.
pub fn fitting(word: &str, layout: Layout) -> String {
    let room = layout.width.saturating_sub(INDENT);
    if layout.cuts { shortened(word, room, layout.glyphs) } else { word.to_owned() }
}
