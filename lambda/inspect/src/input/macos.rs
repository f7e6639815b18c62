//! What macOS puts into archives beside the files: the second half of a file (`AppleDouble`), with its
//! attributes and resources, and the Finder's view of a folder.

/// How many bytes tell them.
pub(crate) const MARK: usize = 8;

/// Whether a member is such metadata, by its name and by its first bytes.
pub(crate) fn is_metadata(name: &str, head: &[u8]) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    (file.starts_with("._") && head.starts_with(b"\0\x05\x16\x07"))
        || (file == ".DS_Store" && head.starts_with(b"\0\0\0\x01Bud1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_and_mark() {
        let double = b"\0\x05\x16\x07\0\x02\0\0";
        assert!(is_metadata("__MACOSX/a/._tides.csv", double) && is_metadata("./._tides.csv", double));
        assert!(is_metadata("a/.DS_Store", b"\0\0\0\x01Bud1"));
        assert!(!is_metadata("__MACOSX/a/tides.csv", double));
        assert!(!is_metadata("a/._tides.csv", b"day,height\n"));
        assert!(!is_metadata(".DS_Store", double));
    }
}
