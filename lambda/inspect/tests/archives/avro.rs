//! An Avro file of one record without compression.

/// A file with a schema, other pairs in its header, and the bytes of its record.
pub fn avro(schema: &str, pairs: &[(&[u8], &[u8])], record: &[u8]) -> Vec<u8> {
    let mut all = b"Obj\x01".to_vec();
    all.extend(number(pairs.len() + 1));
    all.extend([sized(b"avro.schema"), sized(schema.as_bytes())].concat());
    for (key, value) in pairs {
        all.extend([sized(key), sized(value)].concat());
    }
    all.push(0);
    all.extend([7; 16]);
    all.extend([number(1), number(record.len()), record.to_vec()].concat());
    all.extend([7; 16]);
    all
}

/// Bytes behind their length.
pub fn sized(data: &[u8]) -> Vec<u8> {
    [&number(data.len()), data].concat()
}

/// A number that is not negative, in as few bytes as it takes.
pub fn number(number: usize) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), (number as u64) << 1);
    while rest >= 0x80 {
        bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).unwrap());
    bytes
}
