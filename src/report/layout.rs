//! How lines are to be laid out.

use super::text::Glyphs;

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
