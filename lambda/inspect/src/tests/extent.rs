//! What is met inside is measured, for those who have other bounds.

use std::io::Write;

use crate::{Extent, Limits, inspect};

fn extent(name: &str, bytes: &[u8]) -> Extent {
    let inspection = inspect(name, bytes, &Limits::default()).unwrap();
    assert_eq!(inspection.broken, None);
    inspection.extent
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = vec![];
    for (name, data) in members {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().copied().map(u32::from).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        file.extend(header);
        file.extend(*data);
        file.resize(file.len().next_multiple_of(512), 0);
    }
    file.resize(file.len() + 1024, 0);
    file
}

#[test]
fn of_plain_files() {
    assert_eq!(extent("a.csv", b"a,b\n1,2\n"), Extent::default());
    assert_eq!(extent("a", b"a,b\n1,2\n"), Extent { unnamed: 1, ..Extent::default() });
    let deep = extent("a.ndjson", b"[[1]]\n{\"a\": [{\"b\": [1]}]}\n[]\n");
    assert_eq!(deep, Extent { depth: 4, ..Extent::default() });
}

#[test]
fn of_archives() {
    let inner = gzip(b"a,b\n1,2\n");
    let archive = tar(&[("a.csv", b"a,b\n11,22\n"), ("b.csv.gz", &inner), ("notes", b"high tide\n")]);
    let packed = gzip(&archive);
    let expected = Extent {
        levels: 3,
        // The archive in the outermost gzip, its three files, and what is in the second of them.
        members: 5,
        largest: archive.len() as u64,
        expanded: archive.len() as u64 + 8,
        unnamed: 1,
        depth: 0,
    };
    assert_eq!(extent("a.tar.gz", &packed), expected);
    let plain = extent("a.tar", &archive);
    assert_eq!((plain.levels, plain.members, plain.expanded), (2, 4, 8));
    assert_eq!(plain.largest, inner.len() as u64, "as it is stored");
}
