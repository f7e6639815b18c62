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

/// How often bytes are counted that are held, and whose number is not known before their end: the block that they
/// are in grows, and the allocator that counts copies it then. That of the function moves its pages instead.
pub const GROWING: usize = 2;

/// The input window: how many bytes of a file have to be held. A PDF points across itself, others have
/// their index at their end, and all the rest is read as it comes.
pub fn window(format: Option<Format>, length: usize, by: By) -> usize {
    match (format, by) {
        (Some(Format::Pdf), By::Ranges) => length,
        (Some(Format::Pdf | Format::Zip | Format::Xlsx | Format::Docx | Format::Parquet), By::Stream) => {
            GROWING * length
        }
        _ => 0,
    }
}
