//! A zip of deflated members.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Packs members: their names and their data.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut all, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in members {
        let packed = deflated(data);
        let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        let mut common = b"\x14\0\0\0\x08\0\0\0\0\0".to_vec();
        common.extend(crc32fast::hash(data).to_le_bytes());
        common.extend([number(packed.len()), number(data.len())].concat());
        common.extend(&number(name.len())[..2]);
        common.extend([0, 0]);
        directory
            .extend([b"PK\x01\x02\x14\0".as_slice(), &common, &[0; 10], &number(all.len()), name.as_bytes()].concat());
        all.extend([b"PK\x03\x04".as_slice(), &common, name.as_bytes(), &packed].concat());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let place =
        [u32::try_from(directory.len()).unwrap().to_le_bytes(), u32::try_from(all.len()).unwrap().to_le_bytes()];
    all.extend(&directory);
    all.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &place.concat(), &[0; 2]].concat());
    all
}

/// Compresses data.
pub fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}
