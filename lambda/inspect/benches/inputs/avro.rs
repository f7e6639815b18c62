//! An Avro file without compression.

const SCHEMA: &str = r#"{"type":"record","name":"Reading","fields":[{"name":"id","type":"long"},
{"name":"time","type":"string"},{"name":"station","type":"string"},{"name":"level","type":"double"},
{"name":"order","type":"string"},{"name":"note","type":["null","string"]}]}"#;

const MARKER: [u8; 16] = *b"sync marker here";

/// How many rows there are in a block.
const BLOCK: usize = 500;

pub fn make() -> Vec<u8> {
    let mut all = b"Obj\x01".to_vec();
    number(&mut all, 1);
    string(&mut all, "avro.schema");
    string(&mut all, SCHEMA);
    number(&mut all, 0);
    all.extend(MARKER);
    let rows: Vec<super::Row> = super::rows().collect();
    for block in rows.chunks(BLOCK) {
        let mut data = Vec::new();
        for row in block {
            number(&mut data, row.id);
            string(&mut data, &row.time);
            string(&mut data, row.station);
            data.extend(row.level.to_le_bytes());
            string(&mut data, &row.order);
            number(&mut data, 1);
            string(&mut data, row.note);
        }
        number(&mut all, block.len() as u64);
        number(&mut all, data.len() as u64);
        all.extend(data);
        all.extend(MARKER);
    }
    all
}

/// A number that is not negative, in as few bytes as it takes.
fn number(all: &mut Vec<u8>, number: u64) {
    let mut rest = number << 1;
    while rest >= 0x80 {
        all.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    all.push(u8::try_from(rest).unwrap());
}

fn string(all: &mut Vec<u8>, text: &str) {
    number(all, text.len() as u64);
    all.extend(text.as_bytes());
}
