//! Blocks of Avro, pages of Parquet and rarer members of zip, decompressed whole and within bounds.

use std::io::{Cursor, ErrorKind, Read};

use bzip2::bufread::MultiBzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::StreamingDecoder;

use crate::codecs::inflate::{Inflated, Inflater};
use crate::pass::Budget;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// The largest window of zstd that is accepted, in bytes.
const ZSTD_WINDOW: u64 = 16 << 20;

/// What the window of xz and its decoder may take, in KiB: a window of 32 MiB, as `xz -8` has it.
const XZ_MEMORY: u32 = 33 << 10;

const BUFFER: usize = 8 << 10;

/// How a block is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Null,
    Deflate,
    Gzip,
    Snappy,
    /// Snappy with the checksum of what is inside behind it, as Avro writes it.
    SnappyChecked,
    Zstd,
    Lz4,
    /// Blocks of LZ4 behind their lengths, as Hadoop writes them, or one without.
    Lz4Hadoop,
    Brotli,
    Bzip2,
    Xz,
    /// LZMA as zip has it; whether a mark ends it.
    Lzma {
        marked: bool,
    },
}

impl Codec {
    /// Decompresses a block, to exactly this size where it is known.
    pub(crate) fn unpack(self, data: &[u8], size: Option<usize>, budget: &Budget) -> Result<Vec<u8>, Fault> {
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
            Self::Zstd => unzstd(data, size, most)?,
            Self::Brotli => unbrotli(data, most)?,
            Self::Bzip2 => read_all(MultiBzDecoder::new(data), size, most)?,
            Self::Xz => read_all(XzReader::new_mem_limit(data, true, XZ_MEMORY), size, most)?,
            Self::Lzma { marked } => unlzma(data, size, marked, most)?,
            Self::Lz4 => unlz4(data, size.ok_or_else(broken)?)?,
            Self::Lz4Hadoop => {
                let size = size.ok_or_else(broken)?;
                unlz4_blocks(data, size).map_or_else(|| unlz4(data, size), Ok)?
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
fn read_all(reader: impl Read, size: Option<usize>, most: usize) -> Result<Vec<u8>, Fault> {
    // What the size says is believed up to what may be held anyway, and then nothing grows by copying.
    let mut all = Vec::with_capacity(size.map_or(0, |size| size.min(most) + 1));
    let read = reader.take((most as u64).saturating_add(1)).read_to_end(&mut all);
    read.map_err(|error| match error.kind() {
        ErrorKind::OutOfMemory => Fault::new(Kind::Limit, "a block whose window is too large", 0),
        _ => broken(),
    })?;
    if all.len() > most { Err(too_large(most)) } else { Ok(all) }
}

/// A stream of DEFLATE. Avro of Python leaves a part of zlib's checksum behind it.
fn inflate(mut data: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let all = inflate_next(Inflater::raw(), &mut data, most)?;
    if data.is_empty() || adler2::adler32_slice(&all).to_be_bytes().starts_with(data) { Ok(all) } else { Err(broken()) }
}

/// Decompresses a stream, and goes behind it.
pub(crate) fn inflate_next(mut inflater: Inflater, data: &mut &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let (mut all, mut buffer) = (Vec::new(), [0; BUFFER]);
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

/// A block of LZ4, of no more than this size.
fn unlz4(data: &[u8], size: usize) -> Result<Vec<u8>, Fault> {
    let mut unpacked = vec![0; size];
    let length = lz4_flex::block::decompress_into(data, &mut unpacked).map_err(|_| broken())?;
    unpacked.truncate(length);
    Ok(unpacked)
}

/// Blocks of LZ4, each behind what it becomes and what it takes, of this size together.
fn unlz4_blocks(mut data: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    while let Some((lengths, rest)) = data.split_first_chunk::<8>() {
        let [length, packed] = [0, 4].map(|at| lengths[at..].first_chunk().map(|&length| u32::from_be_bytes(length)));
        let length = usize::try_from(length?).ok().filter(|length| *length <= size - all.len())?;
        let (block, rest) = rest.split_at_checked(usize::try_from(packed?).ok()?)?;
        let mut block = unlz4(block, length).ok().filter(|block| block.len() == length)?;
        all.append(&mut block);
        data = rest;
    }
    (data.is_empty() && all.len() == size).then_some(all)
}

fn unbrotli(mut data: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let all = read_all(brotli_decompressor::Decompressor::new(&mut data, BUFFER), None, most)?;
    if data.is_empty() { Ok(all) } else { Err(broken()) }
}

/// LZMA behind the version of its writer and the length of its properties.
fn unlzma(data: &[u8], size: Option<usize>, marked: bool, most: usize) -> Result<Vec<u8>, Fault> {
    let Some(([_, _, 5, 0, properties, a, b, c, d], mut data)) = data.split_first_chunk() else {
        return Err(broken());
    };
    // No distance is longer than what was unpacked before it.
    let longest = u32::try_from(most).unwrap_or(u32::MAX);
    let window = u32::from_le_bytes([*a, *b, *c, *d]).min(longest);
    let stated = size.filter(|_| !marked).map_or(u64::MAX, |size| size as u64);
    let reader = LzmaReader::new_with_props(&mut data, stated, *properties, window, None).map_err(|_| broken())?;
    let all = read_all(reader, size, most)?;
    if data.is_empty() { Ok(all) } else { Err(broken()) }
}

/// Frames of zstd in a row.
fn unzstd(data: &[u8], size: Option<usize>, most: usize) -> Result<Vec<u8>, Fault> {
    let mut source = Cursor::new(data);
    let mut all = Vec::new();
    while source.position() < data.len() as u64 {
        let frame = StreamingDecoder::new_with_max_window_size(&mut source, ZSTD_WINDOW);
        let mut frame = frame.map_err(|_| broken())?;
        let first = size.filter(|_| all.is_empty());
        let mut next = read_all(&mut frame, first, most - all.len())?;
        if all.is_empty() {
            all = next;
        } else {
            all.append(&mut next);
        }
        let decoder = frame.into_frame_decoder();
        let stated = decoder.get_checksum_from_data();
        if stated.is_some() && stated != decoder.get_calculated_checksum() {
            return Err(Fault::new(Kind::Checksum, "the checksum of a block differs", 0));
        }
    }
    Ok(all)
}
