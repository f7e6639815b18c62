//! How lines are to be laid out.

use super::text::{FAINT, Glyphs, STRONG, painted, printable};
use crate::outcome::row::Place;
use anstyle::Style;
use console::{measure_text_width, strip_ansi_codes, truncate_str};

/// How lines are to be laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// The characters beyond ASCII.
    pub glyphs: &'static Glyphs,
    /// Words that are wider than a line are broken: on terminals, which would break them without an indent.
    pub breaks: bool,
    /// Nothing is broken or left out.
    pub verbose: bool,
}

/// How far what belongs to a row is behind its first line.
pub const INDENT: usize = 4;

/// Text behind an indent, wrapped between its words.
pub fn below(text: &str, layout: Layout) -> Vec<String> {
    let room = layout.width.saturating_sub(INDENT).max(1);
    let mut lines: Vec<String> = vec![];
    for word in printable(text).split_whitespace() {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.extend(fitting(word, layout)),
        }
    }
    lines.into_iter().map(|line| format!("{:INDENT$}{}", "", painted(FAINT, line))).collect()
}

/// A word that is wider than a line goes on in the next one on a terminal: keys, places and ARNs are there to be copied.
fn fitting(word: &str, layout: Layout) -> Vec<String> {
    let room = layout.width.saturating_sub(INDENT);
    let mut lines = vec![];
    let mut rest = word;
    while layout.breaks && measure_text_width(rest) > room {
        let part = truncate_str(rest, room, "").into_owned();
        // Whatever is wider than the terminal is on a line of its own.
        let end = if part.is_empty() { rest.ceil_char_boundary(1) } else { part.len() };
        lines.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

/// The first line: a word, and the key behind it or, where both are too wide, below it.
pub fn titled(style: Style, word: &str, key: &str, layout: Layout) -> Vec<String> {
    let (word, key) = (printable(word), printable(key));
    if measure_text_width(&word) + 2 + measure_text_width(&key) <= layout.width {
        return vec![format!("{}  {}", painted(style, word), painted(STRONG, key))];
    }
    let key = fitting(&key, layout).into_iter().map(|part| format!("{:INDENT$}{}", "", painted(STRONG, part)));
    [painted(style, word)].into_iter().chain(key).collect()
}

/// Where an object's version is.
pub fn at(Place { bucket, key, version }: &Place) -> String {
    format!("s3://{bucket}/{} version {version}", printable(key))
}

/// A line as so many as it takes not to break inside a word, where words fit; what follows stands behind its label, or
/// a little further in.
pub fn wrapped(line: &str, width: usize) -> Vec<String> {
    if measure_text_width(line) <= width {
        return vec![line.to_owned()];
    }
    let plain = strip_ansi_codes(line);
    let indent = plain.len() - plain.trim_start().len();
    let first = plain.split_whitespace().next().unwrap_or_default();
    let label = first.strip_suffix(':').filter(|label| label.len() <= "error".len());
    let hang = indent + label.map_or(2, |label| label.len() + 2);
    let mut lines: Vec<String> = vec![];
    for word in line[indent..].split(' ') {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("{:hang$}{word}", "")),
            None => lines.push(format!("{:indent$}{word}", "")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_between_words_and_goes_on_behind_its_label() {
        let line = format!("  {} the stack is not there, or is of an older cvault", painted(FAINT, "why:"));
        let lines = wrapped(&line, 30);
        let plain: Vec<_> = lines.iter().map(|line| strip_ansi_codes(line).into_owned()).collect();
        assert_eq!(plain, ["  why: the stack is not there,", "       or is of an older", "       cvault"]);
        assert_eq!(wrapped("short", 30), ["short"]);
        assert_eq!(wrapped("  a fact that is long", 12), ["  a fact", "    that is", "    long"]);
        let arn = "a".repeat(40);
        assert_eq!(wrapped(&format!("note: {arn}"), 30), ["note:".to_owned(), format!("      {arn}")]);
    }
}
