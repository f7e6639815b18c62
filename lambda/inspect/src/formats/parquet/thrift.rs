//! Thrift's compact protocol, as far as Parquet uses it.

use crate::input::tape::Tape;
use crate::verdict::Kind;
use crate::verdict::Stop;

/// How deep structures may lie in each other, and how many values there may be.
const DEEPEST: usize = 32;
const MOST: usize = 1 << 21;

/// A value.
#[derive(Debug)]
pub(super) enum Thrift {
    Bool(bool),
    Int(i64),
    Double,
    Binary(Vec<u8>),
    List(Vec<Thrift>),
    Struct(Vec<(i16, Thrift)>),
}

impl Thrift {
    /// Reads a structure; no binary value in it is longer than this.
    pub(super) fn read(tape: &mut Tape, longest: usize) -> Result<Self, Stop> {
        Reader { tape, longest, left: MOST }.structure(0)
    }

    /// A field of a structure.
    pub(super) fn field(&self, id: i16) -> Option<&Self> {
        let Self::Struct(fields) = self else { return None };
        fields.iter().find(|field| field.0 == id).map(|field| &field.1)
    }

    /// A field of a structure of a structure.
    pub(super) fn path(&self, ids: &[i16]) -> Option<&Self> {
        ids.iter().try_fold(self, |value, &id| value.field(id))
    }

    pub(super) fn int(&self, id: i16) -> Option<i64> {
        if let Some(Self::Int(number)) = self.field(id) { Some(*number) } else { None }
    }

    /// A length, a count or an offset.
    pub(super) fn count(&self, id: i16) -> Option<u64> {
        self.int(id).and_then(|number| number.try_into().ok())
    }

    pub(super) fn size(&self, id: i16) -> Option<usize> {
        self.int(id).and_then(|number| number.try_into().ok())
    }

    pub(super) fn binary(&self, id: i16) -> Option<&[u8]> {
        if let Some(Self::Binary(bytes)) = self.field(id) { Some(bytes) } else { None }
    }

    pub(super) fn list(&self, id: i16) -> &[Self] {
        if let Some(Self::List(items)) = self.field(id) { items } else { &[] }
    }
}

struct Reader<'a, 'b> {
    tape: &'a mut Tape<'b>,
    longest: usize,
    left: usize,
}

impl Reader<'_, '_> {
    fn broken(&self) -> Stop {
        self.tape.stop(Kind::Syntax, "broken metadata")
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        self.tape.exact().map(|[byte]| byte)
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.broken())
    }

    fn zigzag(&mut self) -> Result<i64, Stop> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn structure(&mut self, depth: usize) -> Result<Thrift, Stop> {
        let (mut fields, mut last) = (Vec::new(), 0_i16);
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(Thrift::Struct(fields));
            }
            let id = match head >> 4 {
                0 => self.zigzag()?.try_into().ok(),
                delta => last.checked_add(delta.into()),
            };
            last = id.ok_or_else(|| self.broken())?;
            let value = match head & 0xF {
                1 => Thrift::Bool(true),
                2 => Thrift::Bool(false),
                kind => self.value(kind, depth + 1)?,
            };
            fields.push((last, value));
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Result<Thrift, Stop> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.tape.stop(Kind::Limit, "too much metadata"))?;
        if depth > DEEPEST {
            return Err(self.broken());
        }
        Ok(match kind {
            // In a list a truth is a byte.
            1 | 2 => Thrift::Bool(self.byte()? == 1),
            3 => Thrift::Int(i64::from(self.byte()?.cast_signed())),
            4..=6 => Thrift::Int(self.zigzag()?),
            7 => {
                self.tape.exact::<8>()?;
                Thrift::Double
            }
            8 => {
                let length = usize::try_from(self.varint()?).ok().filter(|&length| length <= self.longest);
                let length = length.ok_or_else(|| self.broken())?;
                Thrift::Binary(self.tape.take_bytes(length)?)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(self.value(head & 0xF, depth + 1)?);
                }
                Thrift::List(items)
            }
            12 => self.structure(depth)?,
            _ => return Err(self.broken()),
        })
    }
}
