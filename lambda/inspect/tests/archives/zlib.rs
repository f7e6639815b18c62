//! A zlib stream.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Packs data.
pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(data).unwrap();
    packed.finish().unwrap()
}
