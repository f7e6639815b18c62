//! Avro object container files: the header with its schema, blocks, sync markers.
//!
//! Each block is held and decompressed within a limit, and all of its records are
//! decoded by the schema: values go to the scanner under the names of their fields,
//! and a block whose records do not fill it is broken.

mod bytes;
mod record;
mod schema;

use crate::codecs::block::Codec;
use crate::input::tape::Tape;
use crate::pass::{Input, Named, Pass};
use crate::scan::path::Path;
use crate::scan::{Mask, Place};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use bytes::Bytes;
use contract::Format;
use record::Records;
use schema::Schema;

const SYNC: usize = 16;

/// The longest schema, in bytes: as a tree it takes many times as much.
const SCHEMA: usize = 4 << 20;

/// Judges an Avro file.
pub(crate) fn check(_file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let mut tape = Tape::new(Format::Avro, input.stream);
    let header = Header::read(&mut tape, pass)?;
    let records = Records::new(&header.schema, pass.limits.depth.min(schema::DEEPEST));
    let (mut path, mut number) = (Path::new(), 0);
    while !tape.at_end()? {
        let offset = tape.offset();
        let count =
            u64::try_from(long(&mut tape)?).map_err(|_| tape.stop(Kind::Syntax, "a block of negative length"))?;
        let data = block(&mut tape, pass)?;
        let unpacked = header.codec.unpack(&data, None, &pass.budget);
        let unpacked = unpacked.map_err(|fault| fault.stop(Format::Avro, offset))?;
        let mut bytes = Bytes::new(&unpacked);
        for _ in 0..count {
            number += 1;
            let read = records.read(&mut bytes, number, &mut path, &mut pass.scanner);
            read.map_err(|fault| fault.named(&format!("record {number}: ")).stop(Format::Avro, offset))?;
        }
        if !bytes.is_empty() {
            let fault = Fault::syntax("a block with more than its records", 0);
            return Err(fault.stop(Format::Avro, offset));
        }
        if tape.exact::<SYNC>()? != header.sync {
            return Err(tape.stop(Kind::Syntax, "a wrong sync marker"));
        }
    }
    Ok(())
}

/// What precedes the blocks.
struct Header {
    schema: Schema,
    codec: Codec,
    sync: [u8; SYNC],
}

impl Header {
    fn read(tape: &mut Tape, pass: &mut Pass) -> Result<Self, Stop> {
        if tape.exact()? != *b"Obj\x01" {
            return Err(tape.stop(Kind::Syntax, "no Avro file"));
        }
        let (mut schema, mut codec) = (None, Codec::Null);
        loop {
            let count = long(tape)?;
            if count == 0 {
                break;
            }
            if count < 0 {
                long(tape)?;
            }
            for _ in 0..count.unsigned_abs() {
                let key = block(tape, pass)?;
                let value = block(tape, pass)?;
                // What anyone may have written into the header.
                pass.scanner.begin(Mask::default(), Place::Path("/header".into()));
                pass.scanner.text(&String::from_utf8_lossy(&value));
                pass.scanner.separate();
                match &key[..] {
                    b"avro.schema" if value.len() > SCHEMA => {
                        return Err(tape.stop(Kind::Limit, format!("a schema longer than {SCHEMA} bytes")));
                    }
                    b"avro.schema" => {
                        let parsed = Schema::parse(&value).map_err(|what| tape.stop(Kind::Syntax, what))?;
                        schema = Some(parsed);
                    }
                    b"avro.codec" => {
                        codec = match &value[..] {
                            b"null" | b"" => Codec::Null,
                            b"deflate" => Codec::Deflate,
                            b"snappy" => Codec::SnappyChecked,
                            b"bzip2" => Codec::Bzip2,
                            b"xz" => Codec::Xz,
                            b"zstandard" => Codec::Zstd,
                            _ => return Err(tape.stop(Kind::Unsupported, "an unknown codec")),
                        };
                    }
                    _ => {}
                }
            }
        }
        let schema = schema.ok_or_else(|| tape.stop(Kind::Syntax, "there is no schema"))?;
        Ok(Self { schema, codec, sync: tape.exact()? })
    }
}

/// A number of variable length, whose last bit is its sign.
fn long(tape: &mut Tape) -> Result<i64, Stop> {
    let (mut value, mut shift) = (0_u64, 0);
    loop {
        let [byte] = tape.exact()?;
        value |= u64::from(byte & 0x7F) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
        if shift > 63 {
            return Err(tape.stop(Kind::Syntax, "a number that is too long"));
        }
    }
}

/// Bytes behind their length.
fn block(tape: &mut Tape, pass: &Pass) -> Result<Vec<u8>, Stop> {
    let length = usize::try_from(long(tape)?).map_err(|_| tape.stop(Kind::Syntax, "a negative length"))?;
    if length > pass.budget.block() {
        return Err(tape.stop(Kind::Limit, format!("a block larger than {} bytes", pass.budget.block())));
    }
    tape.take_bytes(length)
}
