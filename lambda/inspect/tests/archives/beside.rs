//! A zip that has something beside its content.

use crate::zip::{deflated, zip};

/// A zip of one member with extra fields in its header and in the directory, and a comment on it.
pub fn zip_with(name: &str, data: &[u8], front: &[u8], directory: &[u8], comment: &[u8]) -> Vec<u8> {
    let mut file = zip(&[(name, data)]);
    let start = 30 + name.len() + deflated(data).len();
    let length = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let end = file.len() - 22;
    file[start + 30..start + 32].copy_from_slice(&length(directory.len()));
    file[start + 32..start + 34].copy_from_slice(&length(comment.len()));
    file.splice(end..end, [directory, comment].concat());
    let end = file.len() - 22;
    let size = u32::try_from(end - start).unwrap();
    file[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    let offset = u32::try_from(start + front.len()).unwrap();
    file[end + 16..end + 20].copy_from_slice(&offset.to_le_bytes());
    file[28..30].copy_from_slice(&length(front.len()));
    let behind = 30 + name.len();
    file.splice(behind..behind, front.iter().copied());
    file
}
