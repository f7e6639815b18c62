//! What an inspection may hold in memory.

use inspect::Format;

/// What any file may take beside its input window, in bytes.
pub const BEYOND: usize = 64 << 20;

/// How a file is had.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// From its start to its end, as a member of an archive.
    Stream,
    /// As an object in S3, whose end can be asked for first.
    Ranges,
}

/// The input window: how many bytes of a file have to be held. A PDF points across itself, others have
/// their index at their end, and all the rest is read as it comes.
pub fn window(format: Option<Format>, length: usize, by: By) -> usize {
    match (format, by) {
        (Some(Format::Pdf), _) | (Some(Format::Zip | Format::Xlsx | Format::Docx | Format::Parquet), By::Stream) => {
            length
        }
        _ => 0,
    }
}
