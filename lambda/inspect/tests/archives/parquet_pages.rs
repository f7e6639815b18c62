//! A Parquet file of one column, whose pages are whatever bytes one likes.

/// A field of a structure in Thrift's compact protocol that is a number: a head, and the value.
fn int(head: u8, value: usize) -> Vec<u8> {
    let mut rest = value << 1;
    let mut bytes = vec![head];
    while rest >= 0x80 {
        bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).unwrap());
    bytes
}

/// A header of a dictionary of strings that has `count` of them, and its page.
pub fn dictionary(count: usize, size: usize, packed: &[u8]) -> Vec<u8> {
    let own = [int(0x15, count), int(0x15, 0), vec![0]].concat();
    [int(0x15, 2), int(0x15, size), int(0x15, packed.len()), vec![0x4C], own, vec![0], packed.to_vec()].concat()
}

/// A page that shows the first string of the dictionary so often, in one run: how long it is, and it packed.
pub fn shown(count: usize, pack: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    // The length of a number in bits, and a run of it.
    let data = [vec![1], int(0, count)[1..].to_vec(), vec![0]].concat();
    let packed = pack(&data);
    let own = [int(0x15, count), int(0x15, 8), int(0x15, 3), int(0x15, 3), vec![0]].concat();
    [int(0x15, 0), int(0x15, data.len()), int(0x15, packed.len()), vec![0x2C], own, vec![0], packed].concat()
}

/// A file of so many strings in one column, its pages packed with gzip, and what else the footer has at its end.
pub fn parquet(rows: usize, pages: &[u8], footer: &[u8]) -> Vec<u8> {
    let root = [b"\x48\x06schema".to_vec(), int(0x15, 1), vec![0]].concat();
    let leaf = [int(0x15, 6), int(0x25, 0), b"\x18\x01a\0".to_vec()].concat();
    let encodings_and_path = b"\x19\x15\0\x19\x18\x01a".to_vec();
    let lengths = [int(0x15, 2), int(0x16, rows), int(0x16, 0), int(0x16, pages.len())].concat();
    let chunk = [int(0x15, 6), encodings_and_path, lengths, int(0x26, 4), vec![0]].concat();
    let column = [int(0x26, 4), vec![0x1C], chunk, vec![0]].concat();
    let group = [b"\x19\x1C".to_vec(), column, int(0x16, 0), int(0x16, rows), vec![0]].concat();
    let schema = [int(0x15, 1), b"\x19\x2C".to_vec(), root, leaf].concat();
    let metadata = [schema, int(0x16, rows), b"\x19\x1C".to_vec(), group, footer.to_vec(), vec![0]].concat();
    let length = u32::try_from(metadata.len()).unwrap().to_le_bytes();
    [b"PAR1", pages, &metadata, &length, b"PAR1"].concat()
}
