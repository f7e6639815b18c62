//! Blocks of Avro and pages of Parquet, decompressed whole and within bounds.

use std::io::{Cursor, Read};

use ruzstd::decoding::StreamingDecoder;

use super::budget::Budget;
use super::inflate::{Inflated, Inflater};
use super::source::Fault;
use super::verdict::Kind;

/// The largest window of zstd that is accepted, in bytes.
const ZSTD_WINDOW: u64 = 16 << 20;

/// How a block is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Null,
    Deflate,
    Gzip,
    Snappy,
    /// Snappy with the checksum of what is inside behind it, as Avro writes it.
    SnappyChecked,
    Zstd,
    Lz4,
}

impl Codec {
    /// Decompresses a block, to exactly this size where it is known.
    pub(super) fn unpack(self, data: &[u8], size: Option<usize>, budget: &Budget) -> Result<Vec<u8>, Fault> {
        let most = size.unwrap_or(usize::MAX).min(budget.block());
        if size.is_some_and(|size| size > most) {
            return Err(too_large(most));
        }
        let unpacked = match self {
            Self::Null => data.to_vec(),
            Self::Deflate => inflate(data, most)?,
            Self::Gzip => super::gzip::unpack(data, budget, most)?,
            Self::Snappy => unsnap(data, most)?,
            Self::SnappyChecked => {
                let (data, checksum) = data.split_last_chunk().ok_or_else(broken)?;
                let unpacked = unsnap(data, most)?;
                if crc32fast::hash(&unpacked) != u32::from_be_bytes(*checksum) {
                    return Err(Fault::new(Kind::Checksum, "the checksum of a block differs", 0));
                }
                unpacked
            }
            Self::Zstd => unzstd(data, most)?,
            Self::Lz4 => {
                let mut unpacked = vec![0; size.ok_or_else(broken)?];
                let length = lz4_flex::block::decompress_into(data, &mut unpacked).map_err(|_| broken())?;
                unpacked.truncate(length);
                unpacked
            }
        };
        if size.is_some_and(|size| size != unpacked.len()) {
            return Err(Fault::new(Kind::Checksum, "the length of a block differs", 0));
        }
        // gzip counts by itself.
        if self != Self::Gzip {
            budget.expand(unpacked.len(), data.len() as u64, unpacked.len() as u64)?;
        }
        Ok(unpacked)
    }
}

fn broken() -> Fault {
    Fault::syntax("a compressed block is broken", 0)
}

fn too_large(most: usize) -> Fault {
    Fault::new(Kind::Limit, format!("a block larger than {most} bytes"), 0)
}

/// Reads all, but not more than is allowed.
fn read_all(reader: impl Read, most: usize) -> Result<Vec<u8>, Fault> {
    let mut all = Vec::new();
    reader.take((most as u64).saturating_add(1)).read_to_end(&mut all).map_err(|_| broken())?;
    if all.len() > most { Err(too_large(most)) } else { Ok(all) }
}

/// A stream of DEFLATE. Avro of Python leaves a part of zlib's checksum behind it.
fn inflate(mut data: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let all = inflate_next(Inflater::raw(), &mut data, most)?;
    if data.is_empty() || adler(&all).starts_with(data) { Ok(all) } else { Err(broken()) }
}

/// zlib's checksum.
fn adler(data: &[u8]) -> [u8; 4] {
    let (mut low, mut high) = (1_u32, 0_u32);
    for &byte in data {
        low = (low + u32::from(byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    (high << 16 | low).to_be_bytes()
}

/// Decompresses a stream, and goes behind it.
pub(super) fn inflate_next(mut inflater: Inflater, data: &mut &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let (mut all, mut buffer) = (Vec::new(), [0; 8 << 10]);
    loop {
        match inflater.read(data, &mut buffer) {
            Ok(Inflated::Bytes(read)) if all.len() + read > most => return Err(too_large(most)),
            Ok(Inflated::Bytes(read)) => all.extend_from_slice(&buffer[..read]),
            Ok(Inflated::End) => return Ok(all),
            _ => return Err(broken()),
        }
    }
}

fn unsnap(data: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let length = snap::raw::decompress_len(data).map_err(|_| broken())?;
    if length > most {
        return Err(too_large(most));
    }
    // A byte of Snappy becomes 64 at most, whatever it says.
    if length / 64 > data.len() {
        return Err(broken());
    }
    snap::raw::Decoder::new().decompress_vec(data).map_err(|_| broken())
}

/// Frames of zstd in a row.
fn unzstd(data: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let mut source = Cursor::new(data);
    let mut all = Vec::new();
    while source.position() < data.len() as u64 {
        let frame = StreamingDecoder::new_with_max_window_size(&mut source, ZSTD_WINDOW);
        let mut frame = frame.map_err(|_| broken())?;
        all.append(&mut read_all(&mut frame, most - all.len())?);
        let decoder = frame.into_frame_decoder();
        let stated = decoder.get_checksum_from_data();
        if stated.is_some() && stated != decoder.get_calculated_checksum() {
            return Err(Fault::new(Kind::Checksum, "the checksum of a block differs", 0));
        }
    }
    Ok(all)
}
