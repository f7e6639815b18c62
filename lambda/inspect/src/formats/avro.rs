//! Avro object container files: the header with its schema, blocks, sync markers.
//!
//! An own reader. apache-avro (0.22, read) builds a tree for each record, allocates up to 512 MiB at a word of the
//! file, and needs C for zstandard and xz. Each block is held and decompressed within a limit, and all of its
//! records are decoded by the schema: values go to the scanner under the names of their fields,
//! and a block whose records do not fill it is broken.
//!
//! | what | is looked at |
//! |---|---|
//! | values, symbols of enumerations, keys of maps | under the names and aliases of their fields |
//! | keys and values of the header | as text, or as runs of characters where they are none |
//! | the schema: names, documentation, aliases, defaults, anything | as text, with its escapes as what they mean, and defaults under the names of their fields |
//! | truths, lengths of blocks, sync markers | not: the latter have to be the same everywhere |

mod bytes;
mod record;
mod schema;

use crate::codecs::block::Codec;
use crate::formats::json::{Json, Values};
use crate::input::checker::Checker;
use crate::input::tape::Tape;
use crate::pass::{Input, Named, Pass};
use crate::scan::path::Path;
use crate::scan::{Mask, Place, Strings};
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
pub(crate) fn check(_file: Named, Input { stream, .. }: Input, pass: &mut Pass) -> Result<(), Stop> {
    let mut tape = Tape::new(Format::Avro, stream);
    let header = Header::read(&mut tape, pass)?;
    let records = Records::new(&header.schema, pass.limits.depth.min(schema::DEEPEST), &pass.budget);
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
                if str::from_utf8(&key).is_err() {
                    return Err(tape.stop(Kind::Encoding, "a key of the header that is no UTF-8"));
                }
                note(&key, &value, pass);
                match &key[..] {
                    b"avro.schema" if value.len() > SCHEMA => {
                        return Err(tape.stop(Kind::Limit, format!("a schema longer than {SCHEMA} bytes")));
                    }
                    b"avro.schema" => {
                        schema = Some(read_schema(&value, pass).map_err(|what| tape.stop(Kind::Syntax, what))?);
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

/// Passes on what anyone may have written into the header.
fn note(key: &[u8], value: &[u8], pass: &mut Pass) {
    let names = str::from_utf8(key).map_or_else(|_| Mask::default(), |key| pass.scanner.names(key));
    pass.scanner.begin(names, Place::Path("/header".into()));
    for bytes in [key, b": ", value] {
        if let Ok(text) = str::from_utf8(bytes) {
            pass.scanner.text(text);
        } else {
            let mut strings = Strings::default();
            strings.push(bytes, &mut pass.scanner);
            strings.finish(&mut pass.scanner);
        }
    }
    pass.scanner.separate();
}

/// Reads the schema, and passes on again what it says, as it is meant.
fn read_schema(json: &[u8], pass: &mut Pass) -> Result<Schema, &'static str> {
    let schema = Schema::parse(json)?;
    let text = str::from_utf8(json).map_err(|_| "the schema is no UTF-8")?;
    pass.scanner.echo(true);
    let mut checker = Json::new(Values::OneOrLines, pass.limits.depth, pass.budget.clone());
    // It is JSON: serde read it.
    let _ = checker.push(text.trim_start_matches('\u{feff}'), &mut pass.scanner);
    for (name, default) in &schema.defaults {
        let names = pass.scanner.names(name);
        pass.scanner.begin(names, Place::Path("/header/default".into()));
        pass.scanner.text(default);
        pass.scanner.separate();
    }
    pass.scanner.echo(false);
    pass.scanner.begin(Mask::default(), Place::Path("/header".into()));
    Ok(schema)
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
