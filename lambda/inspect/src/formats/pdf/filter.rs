//! The filters of streams, as far as they lead to text.

use std::borrow::Cow;

use super::lexer::{digit, is_space};
use super::object::{Dict, Object, Resolve};
use crate::codecs::block::inflate_next;
use crate::codecs::inflate::{Inflated, Inflater};
use crate::pass::Budget;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// The largest stream that is decoded as a whole, in bytes: all that is held of a document beside itself.
pub(super) const MOST: usize = 32 << 20;

/// What is decompressed without knowing how long it becomes.
const SMALL: usize = 4 << 20;

/// What the filters of a stream leave.
pub(super) struct Decoded<'d> {
    pub(super) data: Cow<'d, [u8]>,
    /// It is a picture in a format of its own.
    pub(super) picture: bool,
    /// What lies behind the ends of what the filters read, and nobody decodes.
    pub(super) behind: Vec<u8>,
}

/// What a filter makes of bytes, and how many of them it took.
type Undone = Result<(Vec<u8>, usize), Fault>;

/// Undoes the filters of a stream, perhaps not for the first time.
pub(super) fn decode<'d>(
    resolver: &dyn Resolve,
    dict: &Dict,
    mut data: Cow<'d, [u8]>,
    budget: &Budget,
    again: bool,
) -> Result<Decoded<'d>, Fault> {
    let (filters, parameters) = said(resolver, dict);
    let mut behind = Vec::new();
    for (at, filter) in filters.items().iter().enumerate() {
        // Some readers take no notice of parameters that are no list beside a list of filters, or the other way round.
        let alike = matches!(*filters, Object::Array(_)) == matches!(*parameters, Object::Array(_));
        let parameters = parameters.items().get(at).map(|own| resolver.resolve(own));
        let parameters = parameters.as_ref().and_then(|own| own.dict());
        let most = budget.block().min(MOST);
        let filter = resolver.resolve(filter);
        let (output, taken) = match filter.name() {
            // Nothing is nothing by any of them.
            Some(
                "FlateDecode" | "Fl" | "ASCIIHexDecode" | "AHx" | "ASCII85Decode" | "A85" | "LZWDecode" | "LZW"
                | "RunLengthDecode" | "RL",
            ) if data.is_empty() => (Vec::new(), 0),
            Some("FlateDecode" | "Fl") => inflate(&data, most)?,
            Some("ASCIIHexDecode" | "AHx") => hexadecimal(&data)?,
            Some("ASCII85Decode" | "A85") => ascii85(&data, most / 2)?,
            Some("LZWDecode" | "LZW") => {
                let early = parameters.map(|own| resolver.entry(own, "EarlyChange"));
                let early = early.and_then(|early| early.count()) != Some(0);
                lzw(&data, early, most / 2)?
            }
            Some("RunLengthDecode" | "RL") => run_length(&data, most / 2)?,
            Some("DCTDecode" | "DCT" | "JPXDecode" | "CCITTFaxDecode" | "CCF" | "JBIG2Decode") => {
                return Ok(Decoded { data, picture: true, behind });
            }
            // Undone before, where the document is encrypted.
            Some("Crypt") => continue,
            None if *filter == Object::Null => continue,
            _ => return Err(Fault::new(Kind::Unsupported, "an unknown filter", 0)),
        };
        // What is decoded again is no more than was there before.
        if !again {
            budget.expand(output.len(), data.len() as u64, output.len() as u64)?;
        }
        let rest = unread(data.get(taken..).unwrap_or_default());
        if output.is_empty() && !rest.is_empty() {
            // Some readers take such a stream as it is.
            return Err(Fault::syntax("a compressed stream that ends before it begins", 0));
        }
        behind.extend_from_slice(rest);
        data = predict(resolver, output, parameters, alike)?.into();
    }
    Ok(Decoded { data, picture: false, behind })
}

/// What lies behind an end, unless it is white space.
pub(super) fn unread(rest: &[u8]) -> &[u8] {
    if rest.iter().all(|&byte| is_space(byte)) { &[] } else { rest }
}

/// The filters of a stream and their parameters, which some readers know by the short names of pictures, too.
fn said<'o>(resolver: &dyn Resolve, dict: &'o Dict) -> (Cow<'o, Object>, Cow<'o, Object>) {
    let filters = resolver.entry(dict, "Filter");
    if *filters != Object::Null {
        return (filters, resolver.entry(dict, "DecodeParms"));
    }
    // In a stream that lies in another file this is the name of the file.
    let short = resolver.entry(dict, "F");
    let is_filter = short.items().iter().all(|filter| matches!(filter, Object::Name(_) | Object::Reference(_)));
    if is_filter { (short, resolver.entry(dict, "DP")) } else { (Cow::Owned(Object::Null), Cow::Owned(Object::Null)) }
}

/// Reads a stream of DEFLATE piece by piece, where that is its only filter; gives what lies behind its end.
pub(super) fn inflate_through<'d>(
    resolver: &dyn Resolve,
    dict: &Dict,
    data: &'d [u8],
    budget: &Budget,
    mut each: impl FnMut(&[u8]),
) -> Result<Option<&'d [u8]>, Fault> {
    let (filters, _) = said(resolver, dict);
    let [filter] = filters.items() else { return Ok(None) };
    if data.is_empty() || !matches!(resolver.resolve(filter).name(), Some("FlateDecode" | "Fl")) {
        return Ok(None);
    }
    let rest = through(data, |piece, input, output| {
        each(piece);
        budget.expand(piece.len(), input, output)
    })?;
    Ok(Some(unread(rest)))
}

/// Decompresses a stream. Where it is large its length is found out first, so that no more is held than it takes.
fn inflate(data: &[u8], most: usize) -> Undone {
    let mut rest = data;
    if let Ok(small) = inflate_next(Inflater::zlib(), &mut rest, most.min(SMALL)) {
        return Ok((small, data.len() - rest.len()));
    }
    let large = || Fault::new(Kind::Limit, format!("a stream larger than {most} bytes"), 0);
    let mut length = 0;
    through(data, |piece, _, _| {
        length += piece.len();
        if length > most { Err(large()) } else { Ok(()) }
    })?;
    let mut all = Vec::with_capacity(length);
    let rest = through(data, |piece, _, _| {
        all.extend_from_slice(piece);
        Ok(())
    })?;
    Ok((all, data.len() - rest.len()))
}

/// Passes on what a stream of DEFLATE yields, with how much was read and how much came out; gives what lies behind it.
fn through(mut data: &[u8], mut each: impl FnMut(&[u8], u64, u64) -> Result<(), Fault>) -> Result<&[u8], Fault> {
    let (mut inflater, mut buffer) = (Inflater::zlib(), vec![0; 16 << 10]);
    loop {
        match inflater.read(&mut data, &mut buffer) {
            Ok(Inflated::Bytes(read)) => {
                each(buffer.get(..read).unwrap_or_default(), inflater.input(), inflater.output())?;
            }
            Ok(Inflated::End) => return Ok(data),
            _ => return Err(Fault::syntax("a compressed stream is broken", 0)),
        }
    }
}

/// Undoes the prediction of PNG, which cross-references are written with, and that of TIFF.
fn predict(
    resolver: &dyn Resolve,
    mut data: Vec<u8>,
    parameters: Option<&Dict>,
    alike: bool,
) -> Result<Vec<u8>, Fault> {
    let number = |name| parameters.map(|own| resolver.entry(own, name)).and_then(|number| number.count());
    let predictor = number("Predictor").unwrap_or(1);
    if predictor < 2 || data.is_empty() {
        return Ok(data);
    }
    if !alike {
        return Err(Fault::syntax("filters and parameters of which one is a list and the other is none", 0));
    }
    let component = number("BitsPerComponent").unwrap_or(8);
    let bits = number("Colors").unwrap_or(1).saturating_mul(component);
    let width = number("Columns").unwrap_or(1).saturating_mul(bits).div_ceil(8);
    if width == 0 || width > data.len() {
        return Err(Fault::syntax("a wrong predictor", 0));
    }
    let pixel = bits.div_ceil(8).max(1);
    if predictor >= 10 {
        let length = png(&mut data, width, pixel);
        data.truncate(length);
    } else if predictor == 2 && component == 8 {
        for line in data.chunks_mut(width) {
            for at in pixel..line.len() {
                line[at] = line[at].wrapping_add(line[at - pixel]);
            }
        }
    } else {
        return Err(Fault::new(Kind::Unsupported, "an unknown predictor", 0));
    }
    Ok(data)
}

/// Undoes the prediction of PNG in place: each line has a byte in front that says how, and gets shorter by it.
fn png(data: &mut [u8], width: usize, pixel: usize) -> usize {
    let (mut from, mut to) = (0, 0);
    while from < data.len() {
        let (kind, length) = (data[from], width.min(data.len() - from - 1));
        for at in 0..length {
            let left = if at < pixel { 0 } else { data[to + at - pixel] };
            let up = if to < width { 0 } else { data[to + at - width] };
            let corner = if at < pixel || to < width { 0 } else { data[to + at - width - pixel] };
            let guess = match kind {
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            data[to + at] = data[from + 1 + at].wrapping_add(guess);
        }
        from += 1 + length;
        to += length;
    }
    to
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (guess - i16::from(value)).abs();
    let nearest = if distance(left) <= distance(up) { left } else { up };
    if distance(nearest) <= distance(corner) { nearest } else { corner }
}

/// Readers differ in what they make of a sign that does not belong into such a text.
fn stray() -> Fault {
    Fault::syntax("a stream with signs in it that do not belong there", 0)
}

fn hexadecimal(data: &[u8]) -> Undone {
    let length = data.iter().position(|&byte| byte == b'>').unwrap_or(data.len());
    let text = data.get(..length).unwrap_or_default();
    if text.iter().any(|&byte| !is_space(byte) && !byte.is_ascii_hexdigit()) {
        return Err(stray());
    }
    let mut digits = text.iter().filter(|byte| !is_space(**byte));
    let mut all = Vec::with_capacity(length / 2 + 1);
    while let Some(&high) = digits.next() {
        all.push(digit(high) << 4 | digits.next().map_or(0, |&low| digit(low)));
    }
    Ok((all, length + 1))
}

fn ascii85(data: &[u8], most: usize) -> Undone {
    let (mut all, mut group) = (Vec::new(), Vec::new());
    // Elsewhere such a text is marked at its start as well.
    let start = data.len() - data.trim_ascii_start().strip_prefix(b"<~").unwrap_or(data).len();
    let text = data.get(start..).unwrap_or_default();
    let length = text.iter().position(|&byte| byte == b'~').unwrap_or(text.len());
    for &byte in text.get(..length).unwrap_or_default() {
        match byte {
            b'z' if group.is_empty() => all.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(byte - b'!')),
            _ if is_space(byte) => {}
            _ => return Err(stray()),
        }
        if group.len() == 5 {
            all.extend(number85(&group));
            group.clear();
        }
        if all.len() > most {
            return Err(Fault::new(Kind::Limit, format!("a stream larger than {most} bytes"), 0));
        }
    }
    if group.len() > 1 {
        let length = group.len() - 1;
        group.resize(5, 84);
        all.extend(&number85(&group)[..length]);
    }
    // The end is `~>`, with or without a blank between.
    let behind = text.get(length + 1..).unwrap_or_default();
    let end = behind.trim_ascii_start();
    let end = end.strip_prefix(b">").unwrap_or(end);
    Ok((all, data.len() - end.len()))
}

fn number85(group: &[u32]) -> [u8; 4] {
    group.iter().fold(0_u32, |value, &digit| value.wrapping_mul(85).wrapping_add(digit)).to_be_bytes()
}

fn run_length(mut data: &[u8], most: usize) -> Undone {
    let whole = data.len();
    let mut all = Vec::new();
    while let [length, rest @ ..] = data {
        let length = usize::from(*length);
        data = match (length, rest) {
            (128, _) => {
                data = rest;
                break;
            }
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
    Ok((all, whole - data.len()))
}

/// The codes of LZW have 9 bits at first, and one more whenever they run out.
fn lzw(data: &[u8], early: bool, most: usize) -> Undone {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let (mut all, mut table, mut last) = (Vec::<u8>::new(), Vec::<std::ops::Range<usize>>::new(), None);
    let (mut bits, mut held, mut width) = (0_u32, 0_u32, 9_u32);
    let mut taken = data.len();
    for (at, &byte) in data.iter().enumerate() {
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
            END => {
                taken = at + 1;
                break;
            }
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
    Ok((all, taken))
}
