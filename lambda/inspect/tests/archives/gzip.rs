//! A gzip file of one member.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Packs data.
pub fn gzip(data: &[u8]) -> Vec<u8> {
    // The length is stated modulo 2^32.
    let length = u32::try_from(data.len() as u64 & 0xffff_ffff).unwrap();
    let mut all = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    all.extend(deflated(data));
    all.extend(crc32fast::hash(data).to_le_bytes());
    all.extend(length.to_le_bytes());
    all
}

/// Compresses data.
fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}
