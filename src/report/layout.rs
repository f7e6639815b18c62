//! How lines are to be laid out.

use super::text::Glyphs;

/// How lines are to be laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// The characters beyond ASCII.
    pub glyphs: &'static Glyphs,
    /// Nothing is cut or left out.
    pub verbose: bool,
}
