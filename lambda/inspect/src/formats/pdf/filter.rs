//! The filters of streams, as far as they lead to text.

use super::document::Document;
use super::lexer::{digit, is_space};
use super::object::{Dict, Object};
use crate::codecs::block::inflate_next;
use crate::codecs::inflate::Inflater;
use crate::pass::Budget;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// What the filters of a stream leave.
pub(super) enum Decoded {
    Data(Vec<u8>),
    /// A picture in a format of its own.
    Picture,
}

/// Undoes the filters of a stream.
pub(super) fn decode(document: &Document, dict: &Dict, data: &[u8], budget: &Budget) -> Result<Decoded, Fault> {
    let filters = dict.get("Filter").map(|filters| document.resolve(filters));
    let parameters = dict.get("DecodeParms").map(|all| document.resolve(all));
    let mut data = data.to_vec();
    for (at, filter) in filters.iter().flat_map(Object::items).enumerate() {
        let parameters = parameters.as_ref().and_then(|all| all.items().get(at)).map(|own| document.resolve(own));
        let parameters = parameters.as_ref().and_then(Object::dict);
        let most = budget.block();
        let filter = document.resolve(filter);
        let output = match filter.name().unwrap_or_default() {
            "FlateDecode" | "Fl" => inflate_next(Inflater::zlib(), &mut &data[..], most)?,
            "ASCIIHexDecode" | "AHx" => hexadecimal(&data),
            "ASCII85Decode" | "A85" => ascii85(&data),
            "LZWDecode" | "LZW" => {
                let early = parameters.and_then(|own| own.get("EarlyChange")).and_then(Object::count) != Some(0);
                lzw(&data, early, most)?
            }
            "RunLengthDecode" | "RL" => run_length(&data, most)?,
            "DCTDecode" | "DCT" | "JPXDecode" | "CCITTFaxDecode" | "CCF" | "JBIG2Decode" => {
                return Ok(Decoded::Picture);
            }
            "Crypt" => return Err(Fault::new(Kind::Encrypted, "an encrypted stream", 0)),
            _ => return Err(Fault::new(Kind::Unsupported, "an unknown filter", 0)),
        };
        budget.expand(output.len(), data.len() as u64, output.len() as u64)?;
        data = predict(output, parameters)?;
    }
    Ok(Decoded::Data(data))
}

/// Undoes the prediction of PNG, which cross-references are written with.
fn predict(data: Vec<u8>, parameters: Option<&Dict>) -> Result<Vec<u8>, Fault> {
    let number = |name| parameters.and_then(|own| own.get(name)).and_then(Object::count);
    if number("Predictor").unwrap_or(1) < 10 {
        return Ok(data);
    }
    let bits = number("Colors").unwrap_or(1).saturating_mul(number("BitsPerComponent").unwrap_or(8));
    let width = number("Columns").unwrap_or(1).saturating_mul(bits).div_ceil(8);
    if width == 0 || width > data.len() {
        return if data.is_empty() { Ok(data) } else { Err(Fault::syntax("a wrong predictor", 0)) };
    }
    let pixel = bits.div_ceil(8).max(1);
    let mut before = vec![0; width];
    let mut all = Vec::new();
    for line in data.chunks(width + 1) {
        let (kind, line) = line.split_first().unwrap_or((&0, &[]));
        let mut current = line.to_vec();
        current.resize(width, 0);
        for at in 0..width {
            let left = at.checked_sub(pixel).map_or(0, |left| current[left]);
            let corner = at.checked_sub(pixel).map_or(0, |left| before[left]);
            let up = before[at];
            let guess = match kind {
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            current[at] = current[at].wrapping_add(guess);
        }
        all.extend_from_slice(&current[..line.len().min(width)]);
        before = current;
    }
    Ok(all)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (guess - i16::from(value)).abs();
    let nearest = if distance(left) <= distance(up) { left } else { up };
    if distance(nearest) <= distance(corner) { nearest } else { corner }
}

fn hexadecimal(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> =
        data.iter().take_while(|&&byte| byte != b'>').filter(|byte| !is_space(**byte)).copied().collect();
    digits.chunks(2).map(|pair| digit(pair[0]) << 4 | pair.get(1).map_or(0, |&low| digit(low))).collect()
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let (mut all, mut group) = (Vec::new(), Vec::new());
    for &byte in data.iter().take_while(|&&byte| byte != b'~') {
        match byte {
            b'z' if group.is_empty() => all.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(byte - b'!')),
            _ => {}
        }
        if group.len() == 5 {
            all.extend(number85(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        let length = group.len() - 1;
        group.resize(5, 84);
        all.extend(&number85(&group)[..length]);
    }
    all
}

fn number85(group: &[u32]) -> [u8; 4] {
    group.iter().fold(0_u32, |value, &digit| value.wrapping_mul(85).wrapping_add(digit)).to_be_bytes()
}

fn run_length(mut data: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let mut all = Vec::new();
    while let [length, rest @ ..] = data {
        let length = usize::from(*length);
        data = match (length, rest) {
            (128, _) => break,
            (129.., [byte, rest @ ..]) => {
                all.resize(all.len() + 257 - length, *byte);
                rest
            }
            _ => {
                let (run, rest) = rest.split_at(rest.len().min(length + 1));
                all.extend_from_slice(run);
                rest
            }
        };
        if all.len() > most {
            return Err(Fault::new(Kind::Limit, format!("a stream larger than {most} bytes"), 0));
        }
    }
    Ok(all)
}

/// The codes of LZW have 9 bits at first, and one more whenever they run out.
fn lzw(data: &[u8], early: bool, most: usize) -> Result<Vec<u8>, Fault> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let (mut all, mut table, mut last) = (Vec::<u8>::new(), Vec::<std::ops::Range<usize>>::new(), None);
    let (mut bits, mut held, mut width) = (0_u32, 0_u32, 9_u32);
    for &byte in data {
        (bits, held) = (bits << 8 | u32::from(byte), held + 8);
        if held < width {
            continue;
        }
        held -= width;
        let code = (bits >> held) as usize & ((1 << width) - 1);
        bits &= (1 << held) - 1;
        let start = all.len();
        match code {
            CLEAR => {
                table.clear();
                (last, width) = (None, 9);
                continue;
            }
            END => break,
            0..CLEAR => all.push(u8::try_from(code).unwrap_or_default()),
            _ => {
                let known = table.get(code - 258).cloned().or_else(|| {
                    last.clone().filter(|_| code - 258 == table.len()).map(
                        // The code that is being made: the last text and its first byte.
                        |last: std::ops::Range<usize>| last.start..last.end + 1,
                    )
                });
                let known = known.ok_or_else(|| Fault::syntax("a compressed stream is broken", 0))?;
                for at in known {
                    let byte = all.get(at).copied().unwrap_or_default();
                    all.push(byte);
                }
            }
        }
        if let Some(last) = last
            && table.len() < 4096 - 258
        {
            table.push(last.start..last.end + 1);
        }
        last = Some(start..all.len());
        let next = table.len() + 258 + usize::from(early) + 1;
        width = if next > 2048 {
            12
        } else if next > 1024 {
            11
        } else if next > 512 {
            10
        } else {
            9
        };
        if all.len() > most {
            return Err(Fault::new(Kind::Limit, format!("a stream larger than {most} bytes"), 0));
        }
    }
    Ok(all)
}
