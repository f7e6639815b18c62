//! How an object stands in the file: its number, what it is, its stream, its end.

use std::ops::Range;

use super::lexer::Lexer;
use super::object::{Object, Resolve};
use crate::verdict::Fault;

/// The entries that say what the bytes of a stream are.
const SAID_ONCE: [&str; 3] = ["Length", "Filter", "DecodeParms"];

/// An object with its stream, if it has one.
pub(super) struct Indirect<'a> {
    pub(super) number: u32,
    pub(super) generation: u16,
    pub(super) object: Object,
    pub(super) stream: Option<&'a [u8]>,
    /// Where it is written, the stream left out.
    pub(super) head: Range<usize>,
    pub(super) tail: Range<usize>,
}

/// Parses the object at a place.
pub(super) fn parse<'a>(data: &'a [u8], offset: usize, resolver: &dyn Resolve) -> Result<Indirect<'a>, Fault> {
    let mut lexer = Lexer::new(data, offset);
    let number = lexer.integer().and_then(|number| u32::try_from(number).ok());
    let generation = number.and_then(|_| lexer.integer());
    let (Some(number), Some(generation), true) = (number, generation, lexer.skip("obj")) else {
        return Err(Fault::syntax("there is no object where the cross-reference says", offset));
    };
    let generation = u16::try_from(generation).unwrap_or(u16::MAX);
    let fault = |what: &str| Fault::syntax(format!("object {number}: {what}"), offset);
    let object = lexer.object().map_err(|fault| fault.named(&format!("object {number}: ")))?;
    let object = match object {
        Some(Object::Operator(word)) if word == "endobj" => {
            let (head, tail) = (offset..lexer.at, lexer.at..lexer.at);
            return Ok(Indirect { number, generation, object: Object::Null, stream: None, head, tail });
        }
        Some(Object::Operator(_)) | None => return Err(fault("it is broken")),
        Some(object) => object,
    };
    let (mut stream, mut tail) = (None, lexer.at);
    let mut head = offset..lexer.at;
    if let Some(dict) = object.dict()
        && lexer.skip("stream")
    {
        if let Some(name) = SAID_ONCE.iter().find(|name| dict.repeats(name)) {
            return Err(fault(&format!("its stream says {name} twice")));
        }
        let start = lexer.at
            + match lexer.data.get(lexer.at..).unwrap_or_default() {
                [b'\r', b'\n', ..] => 2,
                // The standard wants a line feed; some old programs write a carriage return alone.
                [b'\n' | b'\r', ..] => 1,
                _ => return Err(fault("its stream does not start on a line of its own")),
            };
        head.end = start;
        let length = resolver.entry(dict, "Length").count();
        let data = length.and_then(|length| lexer.data.get(start..start.checked_add(length)?));
        let data = data.ok_or_else(|| fault("its stream is not as long as it says"))?;
        lexer.at = start + data.len();
        tail = lexer.at;
        if !lexer.skip("endstream") {
            return Err(fault("its stream does not end where it says"));
        }
        stream = Some(data);
    }
    if !lexer.skip("endobj") {
        return Err(fault("it has no end"));
    }
    Ok(Indirect { number, generation, object, stream, head, tail: tail..lexer.at })
}
